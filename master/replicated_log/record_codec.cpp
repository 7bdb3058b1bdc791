#include "master/replicated_log/record_codec.h"

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::replicated_log {
namespace {

enum class RecordKind : std::uint8_t { Slot = 1, Learned = 2 };

RecordKind put_fields(ByteWriter& out, const paxos::SlotRecord& record) {
  out.boolean(record.learned);
  paxos::put(out, record.slot);
  return RecordKind::Slot;
}

RecordKind put_fields(ByteWriter& out, const paxos::LearnedRecord& record) {
  out.u64(record.learned.value);
  paxos::put(out, record.chain);
  return RecordKind::Learned;
}

RecordKind put_fields(ByteWriter&, const paxos::PromiseRecord&) {
  CHECK(false);
  return {};
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

Bytes encode_record(const paxos::Record& record) {
  ByteWriter fields;
  const RecordKind kind = std::visit([&](const auto& r) { return put_fields(fields, r); }, record);
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(kind));
  out.sized(fields.bytes());
  return out.take();
}

Result<std::vector<paxos::Record>> decode_records(std::string_view body) {
  std::vector<paxos::Record> records;
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
      return failure(fmt::format("record of unknown kind {} at byte {} of the batch", kind, at));
    }
    if (in.failed() || !fields.done())
      return failure(fmt::format("record at byte {} of the batch does not decode", at));
  }
  return records;
}

}  // namespace quorate::replicated_log
