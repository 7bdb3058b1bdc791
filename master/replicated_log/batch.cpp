#include "master/replicated_log/batch.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kMagic{"QUORLOG\n", 8};
constexpr std::size_t kHeaderChecksumAt = 12;
constexpr std::size_t kFixedHeaderBytes = 128;
constexpr std::size_t kReservedAt = 114;
constexpr std::uint64_t kBlockSectors = kBlockBytes / kSectorBytes;

// How many list sectors a batch of so many sectors has: the fewest that hold what the header does
// not.
std::uint64_t list_sectors(std::uint64_t sectors) {
  std::uint64_t rest = sectors - 1;
  if (rest <= kHeaderChecksums) return 0;
  return (rest - kHeaderChecksums + kListChecksums) / (kListChecksums + 1);
}

std::uint64_t data_sectors(std::uint64_t sectors) { return sectors - 1 - list_sectors(sectors); }

std::uint32_t seed_of(const SegmentIdentity& where) {
  ByteWriter out;
  out.u64(where.ensemble.high);
  out.u64(where.ensemble.low);
  out.u64(where.replica.value);
  out.u64(where.segment.value);
  out.u64(where.salt);
  return crc32c(out.bytes());
}

std::uint32_t checksum(std::string_view bytes, std::uint64_t sector_offset, std::uint32_t seed) {
  char at[8];
  for (std::size_t i = 0; i < sizeof at; ++i)
    at[i] = static_cast<char>((sector_offset >> (8 * i)) & 0xff);
  return crc32c(bytes, crc32c(std::string_view(at, sizeof at), seed));
}

// A header's checksum covers the sector without the checksum itself.
std::uint32_t header_checksum(std::string_view sector, std::uint64_t offset, std::uint32_t seed) {
  std::uint32_t front = checksum(sector.substr(0, kHeaderChecksumAt), offset, seed);
  return crc32c(sector.substr(kHeaderChecksumAt + 4), front);
}

void set_u32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

std::uint32_t get_u32(std::string_view bytes, std::size_t at) {
  return ByteReader(bytes.substr(at, 4)).u32();
}

Bytes fixed_header(const BatchHeader& header) {
  ByteWriter out;
  out.raw(kMagic);
  out.u16(header.format);
  out.u16(static_cast<std::uint16_t>(header.kind));
  out.u32(0);  // the checksum, set last
  out.u64(header.where.ensemble.high);
  out.u64(header.where.ensemble.low);
  out.u64(header.where.replica.value);
  out.u64(header.where.segment.value);
  out.u64(header.where.salt);
  out.u64(header.offset);
  out.u64(header.number.value);
  out.u32(header.sectors);
  out.u32(header.body_bytes);
  out.u64(header.previous.high);
  out.u64(header.previous.low);
  out.u64(header.generation.value);
  out.u64(header.start);
  out.u16(header.members);
  out.raw(Bytes(kFixedHeaderBytes - out.size(), '\0'));
  return out.take();
}

BatchHeader read_fields(std::string_view sector) {
  BatchHeader header;
  ByteReader in(sector.substr(kMagic.size()));
  header.format = in.u16();
  header.kind = static_cast<BatchKind>(in.u16());
  in.u32();
  header.where.ensemble.high = in.u64();
  header.where.ensemble.low = in.u64();
  header.where.replica = ReplicaId{in.u64()};
  header.where.segment = SegmentNumber{in.u64()};
  header.where.salt = in.u64();
  header.offset = in.u64();
  header.number = BatchNumber{in.u64()};
  header.sectors = in.u32();
  header.body_bytes = in.u32();
  header.previous.high = in.u64();
  header.previous.low = in.u64();
  header.generation = Generation{in.u64()};
  header.start = in.u64();
  header.members = in.u16();
  in.raw(kFixedHeaderBytes - kReservedAt);
  for (std::uint32_t& crc : header.checksums) crc = in.u32();
  CHECK(in.done());
  return header;
}

bool sensible(const BatchHeader& header, std::string_view sector) {
  return header.kind <= BatchKind::Carry && header.offset % kBlockBytes == 0 &&
         header.sectors >= kBlockSectors && header.sectors % kBlockSectors == 0 &&
         header.body_bytes <= data_sectors(header.sectors) * kSectorBytes &&
         header.members * kMemberBytes <= header.body_bytes &&
         all_zeros(sector.substr(kReservedAt, kFixedHeaderBytes - kReservedAt));
}

void put_checksums(Bytes& batch, const BatchHeader& header, std::uint32_t seed) {
  const std::uint64_t lists = list_sectors(header.sectors);
  auto sector = [&](std::uint64_t i) {
    return std::string_view(batch).substr(i * kSectorBytes, kSectorBytes);
  };
  for (std::uint64_t i = 0; i < data_sectors(header.sectors); ++i) {
    const std::uint64_t index = 1 + lists + i;
    const std::uint32_t crc = checksum(sector(index), header.offset + index * kSectorBytes, seed);
    std::uint64_t at = kFixedHeaderBytes + 4 * i;
    if (i >= kHeaderChecksums) {
      const std::uint64_t rest = i - kHeaderChecksums;
      at = (1 + rest / kListChecksums) * kSectorBytes + 4 + 4 * (rest % kListChecksums);
    }
    set_u32(batch, at, crc);
  }
  for (std::uint64_t i = 1; i <= lists; ++i)
    set_u32(batch, i * kSectorBytes,
            checksum(sector(i).substr(4), header.offset + i * kSectorBytes, seed));
  set_u32(batch, kHeaderChecksumAt, header_checksum(sector(0), header.offset, seed));
}

// Goes through the sectors after the header in order, lists first.
class BatchChecker {
 public:
  BatchChecker(std::string_view segment, const BatchHeader& header)
      : segment_(segment), header_(header), seed_(seed_of(header.where)) {}

  BatchCheck run() {
    if (header_.offset > segment_.size() || header_.bytes() > segment_.size() - header_.offset)
      return {.whole = false, .torn = false, .first_bad = segment_.size(), .body = {}};
    const std::uint64_t lists = list_sectors(header_.sectors);
    for (std::uint64_t i = 1; i <= lists; ++i) check_list(i);
    for (std::uint64_t i = 0; i < data_sectors(header_.sectors); ++i) check_data(1 + lists + i, i);
    BatchCheck result{
        .whole = whole_, .torn = torn_ && !whole_, .first_bad = first_bad_, .body = {}};
    if (whole_)
      result.body =
          segment_.substr(header_.offset + (1 + lists) * kSectorBytes, header_.body_bytes);
    return result;
  }

 private:
  std::string_view sector(std::uint64_t index) const {
    return segment_.substr(header_.offset + index * kSectorBytes, kSectorBytes);
  }
  std::uint32_t sum(std::string_view bytes, std::uint64_t index) const {
    return checksum(bytes, header_.offset + index * kSectorBytes, seed_);
  }
  void bad(std::uint64_t index, bool zeros) {
    if (whole_) first_bad_ = header_.offset + index * kSectorBytes;
    whole_ = false;
    if (!zeros) torn_ = false;
  }
  void check_list(std::uint64_t index) {
    std::string_view list = sector(index);
    const bool valid = get_u32(list, 0) == sum(list.substr(4), index);
    valid_lists_.push_back(valid);
    if (!valid) bad(index, all_zeros(list));
  }
  void check_data(std::uint64_t index, std::uint64_t i) {
    std::uint32_t expected = 0;
    if (i < kHeaderChecksums) {
      expected = header_.checksums[i];
    } else {
      const std::uint64_t rest = i - kHeaderChecksums;
      const std::uint64_t list = rest / kListChecksums;
      if (!valid_lists_[list]) return;  // may be anything
      expected = get_u32(sector(1 + list), 4 + 4 * (rest % kListChecksums));
    }
    if (sum(sector(index), index) != expected) bad(index, all_zeros(sector(index)));
  }

  std::string_view segment_;
  const BatchHeader& header_;
  std::uint32_t seed_;
  std::vector<bool> valid_lists_;
  bool whole_ = true;
  bool torn_ = true;
  std::uint64_t first_bad_ = 0;
};

}  // namespace

Digest digest_of(const BatchContent& content) { return digest_of(content, content.body); }

Digest digest_of(const BatchContent& content, std::string_view body) {
  ByteWriter out;
  out.u64(content.number.value);
  out.u64(content.previous.high);
  out.u64(content.previous.low);
  out.u64(content.generation.value);
  out.u64(content.start);
  return xxh3_128(out.bytes(), body);
}

std::string_view records_of(const BatchContent& content) {
  return std::string_view(content.body).substr(content.members * kMemberBytes);
}

Bytes encode_members(const std::vector<paxos::MemberWatermark>& members) {
  ByteWriter out;
  for (std::size_t i = 0; i < std::min(members.size(), kMembersMax); ++i) {
    out.u64(members[i].replica.value);
    out.u64(members[i].watermark.start);
    out.u64(members[i].watermark.batch);
    paxos::put(out, members[i].watermark.digest);
  }
  return out.take();
}

std::vector<paxos::MemberWatermark> decode_members(std::string_view body, std::uint16_t count) {
  std::vector<paxos::MemberWatermark> members(count);
  ByteReader in(body);
  for (paxos::MemberWatermark& member : members) {
    member.replica = ReplicaId{in.u64()};
    member.watermark.start = in.u64();
    member.watermark.batch = in.u64();
    member.watermark.digest = paxos::get_digest(in);
  }
  return members;
}

std::uint64_t whole_sectors(std::uint64_t bytes) {
  return (bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
}

std::uint64_t batch_bytes_for(std::uint64_t body_bytes) {
  const std::uint64_t needed = whole_sectors(body_bytes) / kSectorBytes;
  std::uint64_t sectors = (1 + needed + kBlockSectors - 1) / kBlockSectors * kBlockSectors;
  while (data_sectors(sectors) < needed) sectors += kBlockSectors;
  return sectors * kSectorBytes;
}

std::uint64_t body_bytes_max(std::uint64_t batch_bytes) {
  const std::uint64_t sectors = batch_bytes / kBlockBytes * kBlockSectors;
  return sectors == 0 ? 0 : data_sectors(sectors) * kSectorBytes;
}

Bytes encode_batch(const SegmentIdentity& where, std::uint64_t offset, BatchKind kind,
                   const BatchContent& content) {
  CHECK(offset % kBlockBytes == 0);
  CHECK(content.body.size() <= UINT32_MAX);
  const std::uint64_t bytes = batch_bytes_for(content.body.size());
  BatchHeader header;
  header.kind = kind;
  header.where = where;
  header.offset = offset;
  header.number = content.number;
  header.sectors = static_cast<std::uint32_t>(bytes / kSectorBytes);
  header.body_bytes = static_cast<std::uint32_t>(content.body.size());
  header.previous = content.previous;
  header.generation = content.generation;
  header.start = content.start;
  header.members = content.members;

  Bytes batch;
  batch.reserve(bytes);
  batch += fixed_header(header);
  batch.resize((1 + list_sectors(header.sectors)) * kSectorBytes, '\0');
  batch.append(content.body);
  batch.resize(bytes, '\0');
  put_checksums(batch, header, seed_of(where));
  return batch;
}

HeaderFound read_header(std::string_view sector) {
  CHECK(sector.size() == kSectorBytes);
  if (!sector.starts_with(kMagic))
    return {.state = all_zeros(sector) ? SectorState::Zeros : SectorState::Garbage,
            .newer_format = {},
            .header = {}};

  HeaderFound found;
  found.header = read_fields(sector);
  const std::uint32_t crc =
      header_checksum(sector, found.header.offset, seed_of(found.header.where));
  if (get_u32(sector, kHeaderChecksumAt) != crc) return {};
  found.state = SectorState::Valid;
  if (found.header.format > kLogFormat) {
    found.newer_format = found.header.format;
  } else if (found.header.format == 0 || !sensible(found.header, sector)) {
    return {};
  }
  return found;
}

BatchCheck check_batch(std::string_view segment, const BatchHeader& header) {
  return BatchChecker(segment, header).run();
}

bool all_zeros(std::string_view bytes) {
  // Compares the bytes with themselves, shifted by one: as fast as memcmp.
  return bytes.empty() ||
         (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace quorate::replicated_log
