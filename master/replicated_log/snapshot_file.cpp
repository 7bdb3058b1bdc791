#include "master/replicated_log/snapshot_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kMagic{"QUORSNAP", 8};
constexpr std::size_t kChecksumAt = 12;
constexpr std::uint64_t kPieceBytes = 256ull << 10;
// A list block is a checksum of its rest, then the checksums of so many state blocks.
constexpr std::uint64_t kListChecksums = kBlockBytes / 4 - 1;

std::uint64_t blocks(std::uint64_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes; }
std::uint64_t list_blocks(std::uint64_t state_bytes) {
  return (blocks(state_bytes) + kListChecksums - 1) / kListChecksums;
}
std::uint64_t state_offset(std::uint64_t state_bytes) {
  return (1 + list_blocks(state_bytes)) * kBlockBytes;
}
// Where in the file the checksum of a state block lies.
std::uint64_t checksum_at(std::uint64_t block) {
  return (1 + block / kListChecksums) * kBlockBytes + 4 + 4 * (block % kListChecksums);
}

std::uint32_t seed_of(const SnapshotIdentity& where, paxos::Position position) {
  ByteWriter out;
  out.u64(where.ensemble.high);
  out.u64(where.ensemble.low);
  out.u64(where.replica.value);
  out.u64(where.salt);
  out.u64(position.value);
  return crc32c(out.bytes());
}

std::uint32_t seed_at(std::uint32_t seed, std::uint64_t offset) {
  char at[8];
  for (std::size_t i = 0; i < 8; ++i) at[i] = static_cast<char>((offset >> (8 * i)) & 0xff);
  return crc32c(std::string_view(at, sizeof at), seed);
}

// Without the four bytes of the checksum itself.
std::uint32_t header_checksum(std::string_view header, std::uint32_t seed) {
  return crc32c(header.substr(kChecksumAt + 4),
                crc32c(header.substr(0, kChecksumAt), seed_at(seed, 0)));
}

void set_u32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}
std::uint32_t get_u32(std::string_view bytes, std::size_t at) {
  return ByteReader(bytes.substr(at, 4)).u32();
}

void put_info(ByteWriter& out, const paxos::SnapshotInfo& info) {
  out.u64(info.position.value);
  paxos::put(out, info.chain);
  out.u64(info.epoch);
  paxos::put(out, info.state);
  out.u64(info.state_bytes);
  out.sized(info.configuration);
  out.u32(static_cast<std::uint32_t>(info.earlier.size()));
  for (const paxos::Checkpoint& checkpoint : info.earlier) {
    out.u64(checkpoint.position.value);
    paxos::put(out, checkpoint.chain);
    paxos::put(out, checkpoint.state);
  }
}

paxos::SnapshotInfo get_info(ByteReader& in) {
  paxos::SnapshotInfo info;
  info.position = paxos::Position{in.u64()};
  info.chain = paxos::get_digest(in);
  info.epoch = in.u64();
  info.state = paxos::get_digest(in);
  info.state_bytes = in.u64();
  info.configuration = Bytes(in.sized());
  const std::uint32_t count = in.u32();
  if (count > paxos::kCheckpointsMax) in.fail();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    paxos::Checkpoint& checkpoint = info.earlier.emplace_back();
    checkpoint.position = paxos::Position{in.u64()};
    checkpoint.chain = paxos::get_digest(in);
    checkpoint.state = paxos::get_digest(in);
  }
  return info;
}

Bytes encode_header(const SnapshotIdentity& where, const paxos::SnapshotInfo& info,
                    std::uint32_t seed) {
  ByteWriter out;
  out.raw(kMagic);
  out.u16(kSnapshotFormat);
  out.u16(0);
  out.u32(0);  // the checksum, set last
  out.u64(where.ensemble.high);
  out.u64(where.ensemble.low);
  out.u64(where.replica.value);
  out.u64(where.salt);
  put_info(out, info);
  CHECK(out.size() <= kBlockBytes);
  Bytes header = out.take();
  header.resize(kBlockBytes, '\0');
  set_u32(header, kChecksumAt, header_checksum(header, seed));
  return header;
}

// Goes through the file once, block by block, and stops at the first that is not valid.
class Scanner {
 public:
  Scanner(paxos::Position position, std::string_view bytes) : bytes_(bytes) {
    scan_.position = position;
    scan_.file_bytes = bytes.size();
    scan_.read = true;
  }

  SnapshotScan run() && {
    if (read_header() && check_size() && check_lists() && check_state()) check_digest();
    return std::move(scan_);
  }

 private:
  bool bad(std::uint64_t offset, std::string why) {
    scan_.bad_offset = offset;
    scan_.why = std::move(why);
    return false;
  }

  bool read_header() {
    if (bytes_.size() < kBlockBytes) return bad(bytes_.size(), "it is shorter than its header");
    const std::string_view header = bytes_.substr(0, kBlockBytes);
    if (!header.starts_with(kMagic)) return bad(0, "its header is not one of a snapshot");
    ByteReader in(header.substr(kMagic.size()));
    const std::uint16_t format = in.u16();
    in.u16();
    const std::uint32_t checksum = in.u32();
    SnapshotIdentity where;
    where.ensemble.high = in.u64();
    where.ensemble.low = in.u64();
    where.replica = ReplicaId{in.u64()};
    where.salt = in.u64();
    seed_ = seed_of(where, scan_.position);
    if (checksum != header_checksum(header, seed_)) return bad(0, "its header is not valid");
    if (format > kSnapshotFormat) {
      scan_.newer_format = format;
      return false;
    }
    scan_.where = where;
    scan_.info = get_info(in);
    const bool decoded = !in.failed() && format == kSnapshotFormat && in.remaining() < kBlockBytes;
    if (!decoded || scan_.info.position != scan_.position)
      return bad(0, "its header does not decode");
    return true;
  }

  bool check_size() {
    // Compared before anything is computed from it, so that nothing overflows.
    if (scan_.info.state_bytes > bytes_.size())
      return bad(bytes_.size(),
                 fmt::format("it ends before its {} bytes of state", scan_.info.state_bytes));
    const std::uint64_t expected = snapshot_file_bytes(scan_.info.state_bytes);
    scan_.state_offset = state_offset(scan_.info.state_bytes);
    if (bytes_.size() == expected) return true;
    return bad(std::min<std::uint64_t>(bytes_.size(), expected),
               fmt::format("it has {} bytes and should have {}", bytes_.size(), expected));
  }

  bool check_lists() {
    for (std::uint64_t at = kBlockBytes; at < scan_.state_offset; at += kBlockBytes)
      if (get_u32(bytes_, at) != crc32c(bytes_.substr(at + 4, kBlockBytes - 4), seed_at(seed_, at)))
        return bad(at, "a list of checksums is not valid");
    return true;
  }

  bool check_state() {
    for (std::uint64_t i = 0; i < blocks(scan_.info.state_bytes); ++i) {
      const std::uint64_t at = scan_.state_offset + i * kBlockBytes;
      const std::uint32_t expected = get_u32(bytes_, checksum_at(i));
      if (crc32c(bytes_.substr(at, kBlockBytes), seed_at(seed_, at)) != expected)
        return bad(at, "a block of its state is not valid");
    }
    return true;
  }

  void check_digest() {
    const std::string_view state = bytes_.substr(scan_.state_offset, scan_.info.state_bytes);
    if (xxh3_128(state) != scan_.info.state)
      bad(scan_.state_offset, "its state has another digest than its header says");
  }

  std::string_view bytes_;
  SnapshotScan scan_;
  std::uint32_t seed_ = 0;
};

}  // namespace

std::uint64_t snapshot_file_bytes(std::uint64_t state_bytes) {
  return state_offset(state_bytes) + blocks(state_bytes) * kBlockBytes;
}

SnapshotWriter::SnapshotWriter(const SnapshotIdentity& where, Snapshot snapshot)
    : where_(where),
      snapshot_(std::move(snapshot)),
      seed_(seed_of(where_, snapshot_.info.position)) {
  CHECK(snapshot_.info.position.value > 0);
  CHECK(snapshot_.info.state_bytes == snapshot_.state.size());
  CHECK(snapshot_.info.configuration.size() <= kSnapshotConfigurationBytesMax);
  CHECK(snapshot_.info.earlier.size() <= paxos::kCheckpointsMax);
  list_.assign(list_blocks(snapshot_.state.size()) * kBlockBytes, '\0');
}

std::optional<SnapshotWriter::Piece> SnapshotWriter::next() {
  if (finished_) return {};
  const std::string_view state = snapshot_.state;
  if (done_bytes_ < state.size()) {
    Piece piece{state_offset(state.size()) + done_bytes_,
                Bytes(state.substr(done_bytes_, kPieceBytes))};
    piece.bytes.resize(blocks(piece.bytes.size()) * kBlockBytes, '\0');
    for (std::uint64_t at = 0; at < piece.bytes.size(); at += kBlockBytes) {
      const std::string_view block = std::string_view(piece.bytes).substr(at, kBlockBytes);
      set_u32(list_, checksum_at((done_bytes_ + at) / kBlockBytes) - kBlockBytes,
              crc32c(block, seed_at(seed_, piece.offset + at)));
    }
    done_bytes_ += std::min<std::uint64_t>(kPieceBytes, state.size() - done_bytes_);
    return piece;
  }

  finished_ = true;
  for (std::uint64_t at = 0; at < list_.size(); at += kBlockBytes)
    set_u32(list_, at,
            crc32c(std::string_view(list_).substr(at + 4, kBlockBytes - 4),
                   seed_at(seed_, kBlockBytes + at)));
  return Piece{0, encode_header(where_, snapshot_.info, seed_) + list_};
}

SnapshotScan scan_snapshot(paxos::Position position, std::string_view bytes) {
  return Scanner(position, bytes).run();
}

}  // namespace quorate::replicated_log
