#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "master/base/json.h"
#include "master/base/text.h"
#include "tools/commands.h"
#include "tools/inspect.h"

// status, read and verify: they change nothing, and a master may run meanwhile.

namespace quorate::tools {
namespace {

using replicated_log::Finding;
using replicated_log::LogRead;
using replicated_log::MetadataRecord;
using replicated_log::RecordRead;
using replicated_log::SegmentRead;

void print_metadata(const MetadataRecord& record) {
  const replicated_log::Metadata& metadata = record.metadata;
  fmt::print("replica      {}\n", to_text(metadata.replica));
  fmt::print("ensemble     {}\n",
             metadata.ensemble.known() ? to_text(metadata.ensemble) : "not known yet");
  fmt::print("status       {}\n", paxos::to_text(metadata.status));
  fmt::print("promised     {}\n",
             metadata.promised.none() ? "nothing" : paxos::to_text(metadata.promised));
  fmt::print("epoch        {}\n", metadata.epoch);
  fmt::print("starts       {}\n", metadata.incarnation.start);
  fmt::print("generation   {} of the metadata\n", record.generation.value);
  if (record.snapshot.value > 0) fmt::print("snapshot     of position {}\n", record.snapshot.value);
}

std::string extent_text(const Inspection& seen) {
  if (seen.last.value == 0) return "none";
  return fmt::format("{} to {}, known to be chosen up to {}", seen.first.value, seen.last.value,
                     seen.learned.value);
}

void print_status(const LogRead& log, const Inspection& seen) {
  if (log.metadata) {
    print_metadata(*log.metadata);
  } else {
    fmt::print("no valid metadata: this log was never opened, or they are lost\n");
  }
  fmt::print("positions    {}\n", extent_text(seen));
  for (const SegmentRead& segment : log.segments)
    fmt::print("segment      {}  {}  {}\n", segment.file, byte_count_text(segment.bytes),
               segment.spare ? "spare"
                             : fmt::format("{} batches, {} at byte {}", segment.batches,
                                           to_text(segment.tail.kind), segment.tail.offset));
  for (const Finding& finding : log.findings)
    fmt::print("{:<12} {}\n", to_text(finding.verdict), to_text(finding));
}

void write_metadata(JsonWriter& out, const MetadataRecord& record) {
  const replicated_log::Metadata& metadata = record.metadata;
  out.key("metadata").begin_object();
  out.member("replica", to_text(metadata.replica));
  out.member("ensemble", to_text(metadata.ensemble));
  out.member("status", paxos::to_text(metadata.status));
  out.key("promised").begin_object();
  out.key("round").unsigned_integer(metadata.promised.round);
  out.member("replica", to_text(metadata.promised.replica)).end_object();
  out.key("epoch").unsigned_integer(metadata.epoch);
  out.key("start").unsigned_integer(metadata.incarnation.start);
  out.key("generation").unsigned_integer(record.generation.value);
  out.member("newest_segment", segment_file(record.newest));
  out.member("oldest_segment", segment_file(record.oldest));
  out.key("snapshot").unsigned_integer(record.snapshot.value);
  out.end_object();
}

void write_positions(JsonWriter& out, const Inspection& seen) {
  out.key("positions").begin_object();
  out.key("first").unsigned_integer(seen.first.value);
  out.key("last").unsigned_integer(seen.last.value);
  out.key("learned").unsigned_integer(seen.learned.value);
  out.member("learned_chain", digest_text(seen.chain)).end_object();
}

void write_findings(JsonWriter& out, const std::vector<Finding>& findings) {
  out.key("findings").begin_array();
  for (const Finding& finding : findings) {
    out.begin_object().member("verdict", to_text(finding.verdict));
    out.member("file", finding.file).key("offset").unsigned_integer(finding.offset);
    out.key("position").unsigned_integer(finding.position.value);
    out.member("what", finding.what).member("advice", advice(finding.verdict)).end_object();
  }
  out.end_array();
}

void write_verdict(JsonWriter& out, int exit_code, const std::vector<Finding>& findings) {
  out.member_boolean("sound", exit_code == 0).member_integer("exit", exit_code);
  write_findings(out, findings);
}

int verdict(const LogRead& log) { return log.refusal ? code(log.refusal->exit) : 0; }

std::string status_json(const LogRead& log, const Inspection& seen) {
  JsonWriter out;
  out.begin_object();
  if (log.metadata) write_metadata(out, *log.metadata);
  write_positions(out, seen);
  out.key("segments").begin_array();
  for (const SegmentRead& segment : log.segments) {
    out.begin_object().member("file", segment.file).member_boolean("spare", segment.spare);
    out.key("bytes").unsigned_integer(segment.bytes);
    out.key("batches").unsigned_integer(segment.batches);
    out.key("tail").begin_object().member("kind", to_text(segment.tail.kind));
    out.key("offset").unsigned_integer(segment.tail.offset).end_object().end_object();
  }
  out.end_array();
  write_verdict(out, verdict(log), log.findings);
  out.end_object();
  return out.take();
}

void write_slot(JsonWriter& out, const paxos::SlotRecord& record, bool payload) {
  out.member("record", "slot").key("round").unsigned_integer(record.slot.ballot.round);
  out.member("replica", to_text(record.slot.ballot.replica));
  out.member("kind", kind_text(record.slot.entry.kind));
  out.key("payload_bytes").unsigned_integer(record.slot.entry.payload.size());
  out.member_boolean("learned", record.learned);
  if (payload) out.member("payload_hex", hex(record.slot.entry.payload));
}

// One JSON object a line, so that long logs can be piped.
std::string record_json(const RecordRead& read, bool payload) {
  JsonWriter out;
  out.begin_object().key("position").unsigned_integer(read.position().value);
  if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record)) {
    write_slot(out, *slot, payload);
  } else if (const auto* learned = std::get_if<paxos::LearnedRecord>(&read.record)) {
    out.member("record", "learned").member("chain", digest_text(learned->chain));
  }
  out.member("file", segment_file(read.segment)).key("offset").unsigned_integer(read.offset);
  out.key("batch").unsigned_integer(read.batch.value).end_object();
  return out.take();
}

std::string record_line(const RecordRead& read, bool payload) {
  const std::string place =
      fmt::format("{} byte {} batch {}", segment_file(read.segment), read.offset, read.batch.value);
  const auto* slot = std::get_if<paxos::SlotRecord>(&read.record);
  if (slot == nullptr)
    return fmt::format("{:>10}  learned up to here  {}", read.position().value, place);
  std::string line =
      fmt::format("{:>10}  {:<10} {:>9} bytes  ballot {}{}  {}", read.position().value,
                  kind_text(slot->slot.entry.kind), slot->slot.entry.payload.size(),
                  paxos::to_text(slot->slot.ballot), slot->learned ? "  learned" : "", place);
  if (payload) line += "\n            " + hex(slot->slot.entry.payload);
  return line;
}

void print_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    fmt::print("{}: {}\n  {}.\n", to_text(finding.verdict), to_text(finding),
               advice(finding.verdict));
}

}  // namespace

int fail(const Options& options, int exit_code, const std::string& why) {
  if (options.json) {
    JsonWriter out;
    out.begin_object().member_boolean("sound", false).member_integer("exit", exit_code);
    out.member("why", why).end_object();
    fmt::print("{}\n", out.take());
  } else {
    fmt::print(stderr, "quorate-log: {}\n", why);
  }
  return exit_code;
}

int status(const Options& options) {
  const Result<Loaded> loaded = load(options.directory, Freshness::Cached);
  if (!loaded) return fail(options, code(Exit::Disk), loaded.error().text);
  const Inspection seen = inspect(*loaded);
  if (options.json) {
    fmt::print("{}\n", status_json(loaded->log, seen));
  } else {
    print_status(loaded->log, seen);
    if (loaded->log.refusal) fmt::print(stderr, "quorate-log: {}\n", loaded->log.refusal->why);
  }
  return verdict(loaded->log);
}

int read(const Options& options) {
  const Result<Loaded> loaded = load(options.directory, Freshness::Cached);
  if (!loaded) return fail(options, code(Exit::Disk), loaded.error().text);
  for (const RecordRead& record : loaded->log.records) {
    const std::uint64_t position = record.position().value;
    if (position < options.from || position > options.to) continue;
    fmt::print("{}\n", options.json ? record_json(record, options.payload)
                                    : record_line(record, options.payload));
  }
  if (loaded->log.refusal) fmt::print(stderr, "quorate-log: {}\n", loaded->log.refusal->why);
  return verdict(loaded->log);
}

int verify(const Options& options) {
  const Result<Loaded> loaded = load(options.directory, Freshness::OnDisk);
  if (!loaded) return fail(options, code(Exit::Disk), loaded.error().text);
  const Inspection seen = inspect(*loaded);
  const int exit_code = seen.exit();
  if (options.json) {
    JsonWriter out;
    out.begin_object();
    out.key("bytes").unsigned_integer(seen.bytes);
    out.key("segments").unsigned_integer(seen.segments);
    out.key("batches").unsigned_integer(seen.batches);
    out.key("records").unsigned_integer(seen.records);
    write_positions(out, seen);
    write_verdict(out, exit_code, seen.findings);
    out.end_object();
    fmt::print("{}\n", out.take());
    return exit_code;
  }
  print_findings(seen.findings);
  fmt::print("{}: {} segments, {} batches, {} records, positions {}, H({}) = {}; {} read\n",
             exit_code == 0 ? "sound" : "not sound", seen.segments, seen.batches, seen.records,
             extent_text(seen), seen.learned.value, digest_text(seen.chain),
             byte_count_text(seen.bytes));
  return exit_code;
}

}  // namespace quorate::tools
