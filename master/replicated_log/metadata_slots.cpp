#include "master/replicated_log/metadata_slots.h"

#include <algorithm>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kMagic{"QUORMETA", 8};
constexpr std::size_t kChecksumAt = 12;

std::uint32_t slot_checksum(std::string_view slot, std::size_t file, std::size_t index) {
  ByteWriter seed;
  seed.u64(file);
  seed.u64(index);
  const std::uint32_t front = crc32c(slot.substr(0, kChecksumAt), crc32c(seed.bytes()));
  return crc32c(slot.substr(kChecksumAt + 4), front);
}

void read_fields(MetadataSlot& slot, std::string_view bytes) {
  ByteReader in(bytes.substr(kChecksumAt + 4));
  MetadataRecord& record = slot.record;
  record.generation = Generation{in.u64()};
  record.metadata.ensemble.high = in.u64();
  record.metadata.ensemble.low = in.u64();
  record.metadata.replica = ReplicaId{in.u64()};
  record.metadata.status = static_cast<paxos::ReplicaStatus>(in.u8());
  record.metadata.promised = paxos::get_ballot(in);
  record.metadata.epoch = in.u64();
  record.metadata.incarnation.start = in.u64();
  record.metadata.incarnation.nonce = in.u64();
  record.newest = SegmentNumber{in.u64()};
  record.oldest = SegmentNumber{in.u64()};
  record.snapshot = paxos::Position{in.u64()};
}

MetadataSlot read_slot(std::string_view bytes, std::size_t file, std::size_t index) {
  MetadataSlot slot;
  slot.ours = bytes.starts_with(kMagic);
  slot.state = SlotState::Garbage;
  if (bytes.size() < kBlockBytes) return slot;
  if (all_zeros(bytes)) {
    slot.state = SlotState::Zeros;
    return slot;
  }
  if (!slot.ours) return slot;

  ByteReader in(bytes.substr(kMagic.size()));
  const std::uint16_t format = in.u16();
  in.u16();
  if (in.u32() != slot_checksum(bytes, file, index)) return slot;
  slot.state = SlotState::Valid;
  if (format != kMetadataFormat) {
    slot.newer_format = format;
    return slot;
  }
  read_fields(slot, bytes);
  if (slot.record.metadata.status > paxos::ReplicaStatus::Lost) slot.state = SlotState::Garbage;
  return slot;
}

}  // namespace

std::optional<std::size_t> MetadataFile::newest() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].state != SlotState::Valid) continue;
    if (!best || slots[*best].record.generation < slots[i].record.generation) best = i;
  }
  return best;
}

std::optional<Generation> MetadataFile::generation() const {
  std::optional<std::size_t> best = newest();
  if (!best) return {};
  return slots[*best].record.generation;
}

std::size_t MetadataFile::next_slot() const { return newest() == std::size_t{0} ? 1 : 0; }

bool MetadataFile::all_zeros() const {
  return std::all_of(slots.begin(), slots.end(),
                     [](const MetadataSlot& s) { return s.state == SlotState::Zeros; });
}

const MetadataRecord* newest_record(const std::array<MetadataFile, kMetadataFileCount>& files) {
  const MetadataRecord* best = nullptr;
  for (const MetadataFile& file : files) {
    const std::optional<std::size_t> newest = file.newest();
    if (!newest || file.slots[*newest].newer_format) continue;
    const MetadataRecord& record = file.slots[*newest].record;
    if (best == nullptr || best->generation < record.generation) best = &record;
  }
  return best;
}

Bytes encode_slot(const MetadataRecord& record, std::size_t file, std::size_t slot) {
  CHECK(file < kMetadataFileCount);
  CHECK(slot < 2);
  ByteWriter out;
  out.raw(kMagic);
  out.u16(kMetadataFormat);
  out.u16(0);
  out.u32(0);  // the checksum, set last
  out.u64(record.generation.value);
  out.u64(record.metadata.ensemble.high);
  out.u64(record.metadata.ensemble.low);
  out.u64(record.metadata.replica.value);
  out.u8(static_cast<std::uint8_t>(record.metadata.status));
  put(out, record.metadata.promised);
  out.u64(record.metadata.epoch);
  out.u64(record.metadata.incarnation.start);
  out.u64(record.metadata.incarnation.nonce);
  out.u64(record.newest.value);
  out.u64(record.oldest.value);
  out.u64(record.snapshot.value);
  CHECK(out.size() <= kSectorBytes);  // so that a slot is not torn within its fields

  Bytes bytes = out.take();
  bytes.resize(kBlockBytes, '\0');
  ByteWriter crc;
  crc.u32(slot_checksum(bytes, file, slot));
  bytes.replace(kChecksumAt, 4, crc.bytes());
  return bytes;
}

MetadataFile read_metadata_file(std::string_view bytes, std::size_t file) {
  MetadataFile result;
  result.present = true;
  for (std::size_t i = 0; i < result.slots.size(); ++i) {
    const std::size_t at = std::min<std::size_t>(i * kBlockBytes, bytes.size());
    result.slots[i] = read_slot(bytes.substr(at, kBlockBytes), file, i);
  }
  return result;
}

}  // namespace quorate::replicated_log
