#include "master/replicated_log/record_codec.h"

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::replicated_log {
namespace {

enum class RecordKind : std::uint8_t { Slot = 1, Learned = 2 };

// learned, position, ballot, entry without its payload
constexpr std::size_t kSlotFieldBytes = 1 + 8 + 16 + 1 + 16 + 4;
constexpr std::size_t kLearnedFieldBytes = 8 + 16;

void put_begin(ByteWriter& out, RecordKind kind, std::size_t field_bytes) {
  CHECK(field_bytes <= UINT32_MAX);
  out.u8(static_cast<std::uint8_t>(kind));
  out.u32(static_cast<std::uint32_t>(field_bytes));
}

paxos::SlotRecord get_slot_record(ByteReader& in) {
  paxos::SlotRecord record;
  record.learned = in.boolean();
  record.slot = paxos::get_slot(in);
  return record;
}

paxos::LearnedRecord get_learned_record(ByteReader& in) {
  paxos::LearnedRecord record;
  record.learned = paxos::Position{in.u64()};
  record.chain = paxos::get_digest(in);
  return record;
}

}  // namespace

void put_record(ByteWriter& out, const paxos::SlotRecord& record) {
  const std::size_t field_bytes = kSlotFieldBytes + record.slot.entry.payload.size();
  put_begin(out, RecordKind::Slot, field_bytes);
  const std::size_t at = out.size();
  out.boolean(record.learned);
  paxos::put(out, record.slot);
  CHECK(out.size() - at == field_bytes);
}

void put_record(ByteWriter& out, const paxos::LearnedRecord& record) {
  put_begin(out, RecordKind::Learned, kLearnedFieldBytes);
  out.u64(record.learned.value);
  paxos::put(out, record.chain);
}

Result<void> decode_records(std::string_view body, std::vector<paxos::Record>& records) {
  const std::size_t before = records.size();
  auto failed = [&](std::string why) -> Result<void> {
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(before), records.end());
    return failure(std::move(why));
  };
  ByteReader in(body);
  while (in.remaining() > 0) {
    const std::size_t at = body.size() - in.remaining();
    const std::uint8_t kind = in.u8();
    ByteReader fields(in.sized());
    if (kind == static_cast<std::uint8_t>(RecordKind::Slot)) {
      records.emplace_back(get_slot_record(fields));
    } else if (kind == static_cast<std::uint8_t>(RecordKind::Learned)) {
      records.emplace_back(get_learned_record(fields));
    } else {
      return failed(fmt::format("record of unknown kind {} at byte {} of the batch", kind, at));
    }
    if (in.failed() || !fields.done())
      return failed(fmt::format("record at byte {} of the batch does not decode", at));
  }
  return {};
}

}  // namespace quorate::replicated_log
