#include "master/paxos/codec.h"

#include <fmt/format.h>

#include <utility>

namespace quorate::paxos {
namespace {

// Bytes of the shortest entry and slot. A count is compared with what remains before anything is
// reserved for it.
constexpr std::size_t kEntryBytesMin = 1 + 16 + 4;
constexpr std::size_t kSlotBytesMin = 8 + 16 + kEntryBytesMin;
constexpr std::size_t kMemberBytes = 8 + 8 + 8 + 16;
constexpr std::size_t kCheckpointBytes = 8 + 16 + 16;

Position get_position(ByteReader& in) { return Position{in.u64()}; }

std::uint32_t get_count(ByteReader& in, std::size_t each_bytes_min) {
  const std::uint32_t count = in.u32();
  if (count <= in.remaining() / each_bytes_min) return count;

  in.fail();
  return 0;
}

void put_slots(ByteWriter& out, const std::vector<Slot>& slots) {
  out.u32(static_cast<std::uint32_t>(slots.size()));
  for (const Slot& slot : slots) put(out, slot);
}

std::vector<Slot> get_slots(ByteReader& in) {
  const std::uint32_t count = get_count(in, kSlotBytesMin);
  std::vector<Slot> slots;
  slots.reserve(count);
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) slots.push_back(get_slot(in));
  return slots;
}

void put_fields(ByteWriter& out, const Prepare& m) {
  put(out, m.ballot);
  out.u64(m.from.value);
}
void put_fields(ByteWriter& out, const Promise& m) {
  put(out, m.ballot);
  out.u64(m.learned.value);
  put(out, m.chain);
  put_slots(out, m.slots);
}
void put_fields(ByteWriter& out, const Accept& m) {
  put(out, m.ballot);
  out.u64(m.position.value);
  put(out, m.chain_before);
  out.u32(static_cast<std::uint32_t>(m.entries.size()));
  for (const Entry& entry : m.entries) put(out, entry);
  out.u64(m.chosen.value);
  put(out, m.chosen_chain);
  put(out, m.watermarks);
}
void put_fields(ByteWriter& out, const Accepted& m) {
  put(out, m.ballot);
  out.u64(m.up_to.value);
  put(out, m.watermark);
}
void put_fields(ByteWriter& out, const Rejected& m) {
  put(out, m.ballot);
  put(out, m.promised);
}
void put_fields(ByteWriter& out, const Missing& m) {
  put(out, m.ballot);
  out.u64(m.have.value);
}
void put_fields(ByteWriter& out, const Learned& m) {
  put(out, m.ballot);
  out.u64(m.chosen.value);
  put(out, m.chain);
  put(out, m.watermarks);
}
void put_fields(ByteWriter& out, const Fetch& m) {
  out.u64(m.from.value);
  out.u64(m.to.value);
}
void put_fields(ByteWriter& out, const Fetched& m) {
  out.u64(m.from.value);
  put(out, m.chain_before);
  put_slots(out, m.slots);
  out.u64(m.learned.value);
}
void put_fields(ByteWriter& out, const Confirm& m) { put(out, m.ballot); }
void put_fields(ByteWriter& out, const Confirmed& m) { put(out, m.ballot); }
void put_fields(ByteWriter&, const Inquire&) {}
void put_fields(ByteWriter& out, const Standing& m) {
  out.u8(static_cast<std::uint8_t>(m.status));
  put(out, m.promised);
  out.u64(m.learned.value);
  put(out, m.chain);
  out.u64(m.end.value);
  put(out, m.leading);
  out.u64(m.leading_end.value);
  out.u32(m.quorum);
  put(out, m.watermark);
  put(out, m.seen);
  put(out, m.cut);
  out.u64(m.log_bytes);
}
void put_fields(ByteWriter& out, const Truncated& m) {
  put(out, m.ballot);
  out.u64(m.snapshot.value);
  put(out, m.chain);
}
void put_fields(ByteWriter& out, const FetchState& m) {
  out.u64(m.position.value);
  out.u64(m.offset);
}
void put_fields(ByteWriter& out, const Superseded& m) {
  put(out, m.ballot);
  out.u64(m.epoch);
  out.u64(m.position.value);
  put(out, m.chain);
}
void put_fields(ByteWriter& out, const State& m) {
  put(out, m.info);
  out.u64(m.offset);
  out.sized(m.bytes);
}

// A braced list is evaluated from left to right, on every compiler.
void get_fields(ByteReader& in, Prepare& m) { m = {get_ballot(in), get_position(in), 0}; }
void get_fields(ByteReader& in, Promise& m) {
  m = {get_ballot(in), get_position(in), get_digest(in), get_slots(in)};
}
void get_fields(ByteReader& in, Accept& m) {
  m.ballot = get_ballot(in);
  m.position = get_position(in);
  m.chain_before = get_digest(in);
  const std::uint32_t count = get_count(in, kEntryBytesMin);
  m.entries.reserve(count);
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) m.entries.push_back(get_entry(in));
  m.chosen = get_position(in);
  m.chosen_chain = get_digest(in);
  m.watermarks = get_members(in);
}
void get_fields(ByteReader& in, Accepted& m) {
  m = {get_ballot(in), get_position(in), get_watermark(in)};
}
void get_fields(ByteReader& in, Rejected& m) { m = {get_ballot(in), get_ballot(in)}; }
void get_fields(ByteReader& in, Missing& m) { m = {get_ballot(in), get_position(in)}; }
void get_fields(ByteReader& in, Learned& m) {
  m = {get_ballot(in), get_position(in), get_digest(in), get_members(in)};
}
void get_fields(ByteReader& in, Fetch& m) { m = {get_position(in), get_position(in)}; }
void get_fields(ByteReader& in, Fetched& m) {
  m = {get_position(in), get_digest(in), get_slots(in), get_position(in)};
}
void get_fields(ByteReader& in, Confirm& m) { m = {get_ballot(in), 0}; }
void get_fields(ByteReader& in, Confirmed& m) { m = {get_ballot(in)}; }
void get_fields(ByteReader&, Inquire&) {}
void get_fields(ByteReader& in, Standing& m) {
  const std::uint8_t status = in.u8();
  if (status > static_cast<std::uint8_t>(ReplicaStatus::Lost)) in.fail();
  m.status = static_cast<ReplicaStatus>(status);
  m.promised = get_ballot(in);
  m.learned = get_position(in);
  m.chain = get_digest(in);
  m.end = get_position(in);
  m.leading = get_ballot(in);
  m.leading_end = get_position(in);
  m.quorum = in.u32();
  m.watermark = get_watermark(in);
  m.seen = get_watermark(in);
  m.cut = get_checkpoint(in);
  m.log_bytes = in.u64();
}
void get_fields(ByteReader& in, Truncated& m) {
  m = {get_ballot(in), get_position(in), get_digest(in)};
}
void get_fields(ByteReader& in, FetchState& m) { m = {get_position(in), in.u64()}; }
void get_fields(ByteReader& in, Superseded& m) {
  m = {get_ballot(in), in.u64(), get_position(in), get_digest(in)};
}
void get_fields(ByteReader& in, State& m) {
  m = {get_snapshot_info(in), in.u64(), SharedBytes(in.sized())};
}

template <typename T>
Message get_message(ByteReader& in) {
  T message;
  get_fields(in, message);
  return message;
}

// The kind on the wire is one more than the alternative's index. New kinds go to the end.
constexpr std::size_t kKinds = std::variant_size_v<Message>;

template <std::size_t... I>
Message get_message(ByteReader& in, std::uint8_t kind, std::index_sequence<I...>) {
  using Getter = Message (*)(ByteReader&);
  constexpr Getter kGetters[] = {&get_message<std::variant_alternative_t<I, Message>>...};
  return kGetters[kind - 1](in);
}

Header get_header(ByteReader& in) {
  Header header;
  header.ensemble.high = in.u64();
  header.ensemble.low = in.u64();
  header.epoch = in.u64();
  header.sender = ReplicaId{in.u64()};
  header.incarnation.start = in.u64();
  header.incarnation.nonce = in.u64();
  header.request = RequestNumber{in.u64()};
  return header;
}

}  // namespace

std::optional<std::uint64_t> asked_epoch(const Message& message) {
  if (const auto* m = std::get_if<Prepare>(&message)) return m->epoch;
  if (const auto* m = std::get_if<Accept>(&message)) return m->epoch;
  if (const auto* m = std::get_if<Confirm>(&message)) return m->epoch;
  return {};
}

Bytes encode(const Header& header, const Message& message) {
  ByteWriter out;
  out.u16(kMessageVersion);
  out.u64(header.ensemble.high);
  out.u64(header.ensemble.low);
  out.u64(asked_epoch(message).value_or(header.epoch));
  out.u64(header.sender.value);
  out.u64(header.incarnation.start);
  out.u64(header.incarnation.nonce);
  out.u64(header.request.value);
  out.u8(static_cast<std::uint8_t>(message.index() + 1));
  std::visit([&out](const auto& m) { put_fields(out, m); }, message);
  return out.take();
}

Result<Framed> decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint16_t version = in.u16();
  if (!in.failed() && version != kMessageVersion)
    return failure(
        fmt::format("paxos message of {} bytes: format version {}, this master understands only "
                    "{}; upgrade the "
                    "older of the two masters",
                    bytes.size(), version, kMessageVersion));

  const Header header = get_header(in);
  const std::uint8_t kind = in.u8();
  if (in.failed())
    return failure(fmt::format("paxos message of {} bytes: too short for a header", bytes.size()));
  if (kind == 0 || kind > kKinds)
    return failure(
        fmt::format("paxos message of {} bytes: kind {} is unknown", bytes.size(), kind));

  Message message = get_message(in, kind, std::make_index_sequence<kKinds>());
  if (!in.done())
    return failure(fmt::format("paxos message of {} bytes: its fields are not those of kind {}",
                               bytes.size(), kind));
  if (auto* m = std::get_if<Prepare>(&message)) m->epoch = header.epoch;
  if (auto* m = std::get_if<Accept>(&message)) m->epoch = header.epoch;
  if (auto* m = std::get_if<Confirm>(&message)) m->epoch = header.epoch;
  return Framed{header, std::move(message)};
}

Entry genesis_entry(const Genesis& genesis) {
  ByteWriter payload;
  payload.u64(genesis.ensemble.high);
  payload.u64(genesis.ensemble.low);
  if (genesis.founders) payload.raw(encode(*genesis.founders));
  return {EntryKind::Genesis, kChainOrigin, payload.take()};
}

std::optional<EnsembleId> genesis_ensemble(const Entry& entry) {
  if (entry.kind != EntryKind::Genesis) return std::nullopt;
  ByteReader in(entry.payload);
  const EnsembleId id{in.u64(), in.u64()};
  if (in.failed() || !id.known()) return std::nullopt;
  if (in.remaining() > 0 && !configuration_in(entry)) return std::nullopt;
  return id;
}

MaybeConfiguration configuration_in(const Entry& entry) {
  constexpr std::size_t kIdBytes = 16;
  std::string_view bytes = entry.payload;
  if (entry.kind == EntryKind::Genesis)
    bytes.remove_prefix(std::min(kIdBytes, bytes.size()));
  else if (entry.kind != EntryKind::Configuration)
    return {};
  return decode_configuration(bytes);
}

Entry checkpoint_entry(const Checkpoint& checkpoint, const Digest& assumed_chain) {
  ByteWriter payload;
  put(payload, checkpoint);
  return {EntryKind::Checkpoint, assumed_chain, SharedBytes(payload.bytes())};
}

std::optional<Checkpoint> checkpoint_of(const Entry& entry) {
  if (entry.kind != EntryKind::Checkpoint) return std::nullopt;
  ByteReader in(entry.payload);
  const Checkpoint checkpoint = get_checkpoint(in);
  if (!in.done()) return std::nullopt;
  return checkpoint;
}

void put(ByteWriter& out, const Entry& entry) {
  out.u8(static_cast<std::uint8_t>(entry.kind));
  put(out, entry.assumed_chain);
  out.sized(entry.payload);
}

Entry get_entry(ByteReader& in) {
  Entry entry;
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(kLastEntryKind)) in.fail();
  entry.kind = static_cast<EntryKind>(kind);
  entry.assumed_chain = get_digest(in);
  entry.payload = SharedBytes(in.sized());
  // A no-op has one encoding, else equal no-ops would have different chain values.
  if (entry.kind == EntryKind::NoOp && entry != Entry::no_op()) in.fail();
  if (entry.kind == EntryKind::Cut && !entry.payload.empty()) in.fail();
  if (in.failed()) return Entry::no_op();
  return entry;
}

void put(ByteWriter& out, const Slot& slot) {
  out.u64(slot.position.value);
  put(out, slot.ballot);
  put(out, slot.entry);
}

Slot get_slot(ByteReader& in) { return {get_position(in), get_ballot(in), get_entry(in)}; }

void put(ByteWriter& out, const Ballot& ballot) {
  out.u64(ballot.round);
  out.u64(ballot.replica.value);
}

Ballot get_ballot(ByteReader& in) { return {in.u64(), ReplicaId{in.u64()}}; }

void put(ByteWriter& out, const Digest& digest) {
  out.u64(digest.high);
  out.u64(digest.low);
}

Digest get_digest(ByteReader& in) { return {in.u64(), in.u64()}; }

void put(ByteWriter& out, const Watermark& watermark) {
  out.u64(watermark.start);
  out.u64(watermark.batch);
  put(out, watermark.digest);
}
Watermark get_watermark(ByteReader& in) { return {in.u64(), in.u64(), get_digest(in)}; }

void put(ByteWriter& out, const std::vector<MemberWatermark>& members) {
  out.u32(static_cast<std::uint32_t>(members.size()));
  for (const MemberWatermark& member : members) {
    out.u64(member.replica.value);
    put(out, member.watermark);
  }
}
std::vector<MemberWatermark> get_members(ByteReader& in) {
  const std::uint32_t count = get_count(in, kMemberBytes);
  std::vector<MemberWatermark> members;
  members.reserve(count);
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i)
    members.push_back({ReplicaId{in.u64()}, get_watermark(in)});
  return members;
}

void put(ByteWriter& out, const Checkpoint& checkpoint) {
  out.u64(checkpoint.position.value);
  put(out, checkpoint.chain);
  put(out, checkpoint.state);
}

Checkpoint get_checkpoint(ByteReader& in) {
  return {get_position(in), get_digest(in), get_digest(in)};
}

void put(ByteWriter& out, const SnapshotInfo& info) {
  out.u64(info.position.value);
  put(out, info.chain);
  out.u64(info.epoch);
  out.sized(info.configuration);
  put(out, info.state);
  out.u64(info.state_bytes);
  out.u32(static_cast<std::uint32_t>(info.earlier.size()));
  for (const Checkpoint& checkpoint : info.earlier) put(out, checkpoint);
}

SnapshotInfo get_snapshot_info(ByteReader& in) {
  SnapshotInfo info;
  info.position = get_position(in);
  info.chain = get_digest(in);
  info.epoch = in.u64();
  info.configuration = Bytes(in.sized());
  info.state = get_digest(in);
  info.state_bytes = in.u64();
  const std::uint32_t count = get_count(in, kCheckpointBytes);
  if (count > kCheckpointsMax) in.fail();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i)
    info.earlier.push_back(get_checkpoint(in));
  return info;
}

}  // namespace quorate::paxos
