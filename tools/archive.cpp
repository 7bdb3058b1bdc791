#include "tools/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "master/base/json.h"
#include "master/paxos/codec.h"
#include "tools/chain_check.h"

namespace quorate::tools {
namespace {

constexpr std::string_view kFormat = "quorate-log-export";
constexpr std::size_t kStatePieceBytes = 48 << 10;

std::string ensemble_text(const EnsembleId& id) { return hex(id.high) + hex(id.low); }

void write_info(JsonWriter& out, const paxos::SnapshotInfo& info) {
  out.key("snapshot").begin_object();
  out.key("position").unsigned_integer(info.position.value);
  out.member("chain", digest_text(info.chain)).key("epoch").unsigned_integer(info.epoch);
  out.member("configuration", hex(info.configuration)).member("state", digest_text(info.state));
  out.key("state_bytes").unsigned_integer(info.state_bytes);
  out.key("earlier").begin_array();
  for (const paxos::Checkpoint& checkpoint : info.earlier) {
    out.begin_object().key("position").unsigned_integer(checkpoint.position.value);
    out.member("chain", digest_text(checkpoint.chain));
    out.member("state", digest_text(checkpoint.state)).end_object();
  }
  out.end_array().end_object();
}

std::string entry_line(paxos::Position position, const paxos::Entry& entry) {
  JsonWriter out;
  out.begin_object().key("position").unsigned_integer(position.value);
  out.member("kind", kind_text(entry.kind));
  if (entry.kind != paxos::EntryKind::NoOp) {
    out.member("assumed_chain", digest_text(entry.assumed_chain));
    out.member("payload", hex(entry.payload));
  }
  out.end_object();
  return out.take();
}

// Fields of a line; the first that is missing or malformed makes it fail for good.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  std::uint64_t number(std::string_view name) {
    const Json* found = object_.find(name);
    const std::int64_t* value = found ? found->integer() : nullptr;
    if (value == nullptr || *value < 0) return fail(name), 0;
    return static_cast<std::uint64_t>(*value);
  }
  std::string text(std::string_view name) {
    const Json* found = object_.find(name);
    const std::string* value = found ? found->string() : nullptr;
    if (value == nullptr) return fail(name), "";
    return *value;
  }
  Bytes bytes(std::string_view name) {
    const std::optional<Bytes> value = from_hex(text(name));
    if (!value) return fail(name), Bytes();
    return *value;
  }
  Digest digest(std::string_view name) {
    const std::optional<Digest> value = parse_digest(text(name));
    if (!value) return fail(name), Digest();
    return *value;
  }
  const std::string& missing() const { return missing_; }

 private:
  void fail(std::string_view name) {
    if (missing_.empty()) missing_ = fmt::format("\"{}\" is missing or malformed", name);
  }
  const Json& object_;
  std::string missing_;
};

std::optional<paxos::EntryKind> parse_kind(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(paxos::kLastEntryKind); ++i)
    if (kind_text(static_cast<paxos::EntryKind>(i)) == text)
      return static_cast<paxos::EntryKind>(i);
  return {};
}

paxos::SnapshotInfo info_of(Fields& fields, const Json& snapshot, std::string& why) {
  paxos::SnapshotInfo info;
  info.position = paxos::Position{fields.number("position")};
  info.chain = fields.digest("chain");
  info.epoch = fields.number("epoch");
  info.configuration = fields.bytes("configuration");
  info.state = fields.digest("state");
  info.state_bytes = fields.number("state_bytes");
  const Json* earlier = snapshot.find("earlier");
  if (earlier != nullptr && earlier->array() != nullptr) {
    for (const Json& one : *earlier->array()) {
      Fields checkpoint(one);
      info.earlier.push_back({paxos::Position{checkpoint.number("position")},
                              checkpoint.digest("chain"), checkpoint.digest("state")});
      if (why.empty()) why = checkpoint.missing();
    }
  }
  if (why.empty()) why = fields.missing();
  if (why.empty() && (info.position.value == 0 || info.earlier.size() > paxos::kCheckpointsMax ||
                      info.configuration.size() > replicated_log::kSnapshotConfigurationBytesMax))
    why = "the snapshot is beyond the limits of one";
  return info;
}

}  // namespace

Result<void> write_archive(const Loaded& loaded, const Bytes& state,
                           const std::function<void(const std::string&)>& line) {
  const replicated_log::LogRead& log = loaded.log;
  // Once to find out what is learned and whether all of it fits; once to hand it out.
  ChainCheck check(log.snapshot);
  for (const replicated_log::RecordRead& read : log.records)
    if (std::optional<std::string> what = check.take(read.record))
      return failure(
          fmt::format("{} at byte {}: {}", segment_file(read.segment), read.offset, *what));
  std::map<paxos::Position, const paxos::Entry*> entries;
  for (const replicated_log::RecordRead& read : log.records) {
    const auto* slot = std::get_if<paxos::SlotRecord>(&read.record);
    if (slot == nullptr || slot->slot.position < check.begin()) continue;
    if (slot->slot.position > check.learned()) continue;
    entries[slot->slot.position] = &slot->slot.entry;
  }

  JsonWriter head;
  head.begin_object().member("format", kFormat).member_integer("version", kArchiveVersion);
  head.member("ensemble", ensemble_text(log.metadata->metadata.ensemble));
  head.member("replica", to_text(log.metadata->metadata.replica));
  head.key("epoch").unsigned_integer(log.metadata->metadata.epoch);
  if (log.snapshot) write_info(head, *log.snapshot);
  head.key("first").unsigned_integer(check.begin().value);
  head.key("last").unsigned_integer(check.learned().value).end_object();
  line(head.take());
  for (std::size_t at = 0; at < state.size(); at += kStatePieceBytes) {
    JsonWriter piece;
    piece.begin_object().member("state", hex(std::string_view(state).substr(at, kStatePieceBytes)));
    piece.end_object();
    line(piece.take());
  }
  for (const auto& [position, entry] : entries) line(entry_line(position, *entry));
  JsonWriter end;
  end.begin_object().key("end").unsigned_integer(check.learned().value);
  end.member("chain", digest_text(check.learned_chain())).end_object();
  line(end.take());
  return {};
}

paxos::Position Archive::first() const {
  return paxos::Position{snapshot ? snapshot->info.position.value + 1 : 1};
}
paxos::Position Archive::last() const {
  return paxos::Position{first().value + entries.size() - 1};
}

Result<void> ArchiveReader::failed(const std::string& why) const {
  return failure(fmt::format("line {}: {}", lines_, why));
}

Result<void> ArchiveReader::take(std::string_view line) {
  ++lines_;
  if (ended_) return failed("it follows the end");
  return take_line(line);
}

Result<void> ArchiveReader::take_line(std::string_view line) {
  const Result<Json> json = parse_json(line);
  if (!json) return failed(json.error().text);
  if (!begun_) return take_head(*json);
  if (json->find("end") != nullptr) return take_end(*json);
  if (json->find("position") != nullptr) return take_entry(*json);
  Fields fields(*json);
  state_ += fields.bytes("state");
  if (!fields.missing().empty()) return failed(fields.missing());
  if (!archive_.snapshot || !archive_.entries.empty()) return failed("state where none belongs");
  return {};
}

Result<void> ArchiveReader::take_head(const Json& head) {
  Fields fields(head);
  if (fields.text("format") != kFormat) return failed("it is not an export of quorate-log");
  const std::uint64_t version = fields.number("version");
  if (version != kArchiveVersion)
    return failed(fmt::format("its version is {}, this binary reads {}", version, kArchiveVersion));
  const Digest ensemble = fields.digest("ensemble");
  archive_.ensemble = {ensemble.high, ensemble.low};
  archive_.replica = parse_replica_id(fields.text("replica")).value_or(ReplicaId{});
  archive_.epoch = fields.number("epoch");
  std::string why = fields.missing();
  if (const Json* snapshot = head.find("snapshot")) {
    Fields inner(*snapshot);
    archive_.snapshot.emplace();
    archive_.snapshot->info = info_of(inner, *snapshot, why);
    chain_ = archive_.snapshot->info.chain;
  }
  if (!why.empty()) return failed(why);
  begun_ = true;
  return {};
}

Result<void> ArchiveReader::take_entry(const Json& json) {
  Fields fields(json);
  const paxos::Position position{fields.number("position")};
  const std::optional<paxos::EntryKind> kind = parse_kind(fields.text("kind"));
  paxos::Entry entry;
  if (kind && *kind != paxos::EntryKind::NoOp)
    entry = {*kind, fields.digest("assumed_chain"), fields.bytes("payload")};
  if (!fields.missing().empty()) return failed(fields.missing());
  if (!kind) return failed("an entry of an unknown kind");
  const paxos::Position expected = archive_.last().next();
  if (position != expected)
    return failed(fmt::format("position {} where {} was expected", position.value, expected.value));
  chain_ = paxos::chain_after(chain_, position, entry);
  archive_.entries.push_back(std::move(entry));
  return {};
}

Result<void> ArchiveReader::take_end(const Json& end) {
  Fields fields(end);
  const std::uint64_t last = fields.number("end");
  archive_.chain = fields.digest("chain");
  if (!fields.missing().empty()) return failed(fields.missing());
  if (last != archive_.last().value)
    return failed(
        fmt::format("it ends with position {}, not with {}", archive_.last().value, last));
  if (archive_.chain != chain_) return failed("the chain value of its entries is another one");
  if (archive_.snapshot) {
    const paxos::SnapshotInfo& info = archive_.snapshot->info;
    if (state_.size() != info.state_bytes || xxh3_128(state_) != info.state)
      return failed("the state of its snapshot is not whole");
    archive_.snapshot->state = SharedBytes(std::exchange(state_, {}));
  }
  ended_ = true;
  return {};
}

Result<Archive> ArchiveReader::finish() {
  if (!ended_) return failure(fmt::format("it has no end after line {}: it was cut short", lines_));
  return std::move(archive_);
}

Archive renamed(Archive archive, const EnsembleId& ensemble) {
  archive.ensemble = ensemble;
  Digest before = archive.snapshot ? archive.snapshot->info.chain : paxos::kChainOrigin;
  Digest after = before;
  paxos::Position position = archive.first();
  for (paxos::Entry& entry : archive.entries) {
    const Digest old = paxos::chain_after(before, position, entry);
    if (entry.kind == paxos::EntryKind::Genesis) {
      entry = paxos::genesis_entry({ensemble});
    } else if (entry.kind == paxos::EntryKind::Data) {
      // One that did not fit its predecessor still must not.
      const bool fits = entry.assumed_chain == before;
      if (fits) entry.assumed_chain = after;
    } else {
      entry = paxos::Entry::no_op();
    }
    after = paxos::chain_after(after, position, entry);
    before = old;
    position = position.next();
  }
  archive.chain = after;
  return archive;
}

}  // namespace quorate::tools
