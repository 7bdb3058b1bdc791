// quorate-log: looks into the replicated log of a master. Read-only; a master may run meanwhile.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "master/base/json.h"
#include "master/base/result.h"
#include "master/base/text.h"
#include "master/paxos/restore.h"
#include "master/ports/exit.h"
#include "master/replicated_log/read_log.h"

namespace quorate {
namespace {

using replicated_log::LogRead;
using replicated_log::MetadataRecord;
using replicated_log::RecordRead;
using replicated_log::SegmentRead;
using replicated_log::TailKind;

struct Options {
  std::string directory;
  bool json = false;
  bool payload = false;
  std::uint64_t from = 0;
  std::uint64_t to = UINT64_MAX;
};

Error errno_error(const char* call, const std::string& path) {
  return {fmt::format("{} {}: {}", call, path, std::strerror(errno))};
}

// `fresh`: not what the page cache holds, as far as it can be dropped.
Result<Bytes> read_file(const std::string& path, bool fresh) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(errno_error("open", path));
  if (fresh) ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  Bytes bytes;
  std::optional<Error> error;
  Bytes chunk(std::size_t{1} << 20, '\0');
  while (true) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno_error("read", path);
    if (got <= 0) break;
    bytes.append(chunk, 0, static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (error) return tl::unexpected(*error);
  return bytes;
}

Result<std::map<std::string, Bytes>> read_directory(const std::string& directory, bool fresh) {
  std::error_code code;
  std::filesystem::directory_iterator entries(directory, code);
  if (code) return failure(fmt::format("cannot list {}: {}", directory, code.message()));
  std::map<std::string, Bytes> files;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (replicated_log::kind_of(name) == replicated_log::FileKind::Passing) continue;
    if (replicated_log::kind_of(name) == replicated_log::FileKind::Foreign) {
      files[name] = {};
      continue;
    }
    Result<Bytes> bytes = read_file(entry.path().string(), fresh);
    // A running master may have removed it since.
    if (!bytes && !std::filesystem::exists(entry.path(), code)) continue;
    if (!bytes) return tl::unexpected(bytes.error());
    files[name] = std::move(*bytes);
  }
  return files;
}

// A running master writes while we read, so that the files may not fit together: try again.
Result<LogRead> load(const Options& options, bool fresh) {
  constexpr int kTries = 5;
  Result<LogRead> log = failure("");
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    Result<std::map<std::string, Bytes>> files = read_directory(options.directory, fresh);
    if (!files) return tl::unexpected(files.error());
    log = replicated_log::read_log(*files);
    if (!log->refusal || log->refusal->exit != Exit::LogCorrupt) break;
  }
  return log;
}

struct Extent {
  std::uint64_t first = 0, last = 0, learned = 0;
};

Extent extent_of(const LogRead& log) {
  Extent extent;
  for (const RecordRead& read : log.records) {
    const std::uint64_t position = read.position().value;
    const auto* slot = std::get_if<paxos::SlotRecord>(&read.record);
    if (slot == nullptr || slot->learned) extent.learned = std::max(extent.learned, position);
    if (slot == nullptr) continue;
    extent.first = extent.first == 0 ? position : std::min(extent.first, position);
    extent.last = std::max(extent.last, position);
  }
  return extent;
}

std::string_view kind_text(paxos::EntryKind kind) {
  switch (kind) {
    case paxos::EntryKind::NoOp: return "no-op";
    case paxos::EntryKind::Genesis: return "genesis";
    case paxos::EntryKind::Data: return "data";
    case paxos::EntryKind::Cut: return "cut";
    case paxos::EntryKind::Checkpoint: return "checkpoint";
  }
  return "unknown";
}

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
}

void print_status(const LogRead& log) {
  if (log.metadata) {
    print_metadata(*log.metadata);
  } else {
    fmt::print("no valid metadata: this log was never opened, or they are lost\n");
  }
  const Extent extent = extent_of(log);
  if (extent.last == 0) {
    fmt::print("positions    none\n");
  } else {
    fmt::print("positions    {} to {}, known to be chosen up to {}\n", extent.first, extent.last,
               extent.learned);
  }
  for (const SegmentRead& segment : log.segments)
    fmt::print("segment      {}  {}  {}\n", segment.file, byte_count_text(segment.bytes),
               segment.spare ? "spare"
                             : fmt::format("{} batches, {} at byte {}", segment.batches,
                                           to_text(segment.tail.kind), segment.tail.offset));
  for (const replicated_log::Finding& finding : log.findings)
    fmt::print("note         {}\n", to_text(finding));
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
  out.member("newest_segment", replicated_log::segment_file(record.newest));
  out.end_object();
}

void write_tail(JsonWriter& out, const replicated_log::Tail& tail) {
  out.key("tail").begin_object().member("kind", to_text(tail.kind));
  out.key("offset").unsigned_integer(tail.offset);
  if (!tail.why.empty()) out.member("why", tail.why);
  out.end_object();
}

void write_verdict(JsonWriter& out, const LogRead& log) {
  out.member_boolean("sound", !log.refusal);
  if (log.refusal) {
    out.member_integer("exit", code(log.refusal->exit));
    out.member("why", log.refusal->why);
  }
  out.key("notes").begin_array();
  for (const replicated_log::Finding& finding : log.findings) out.string(to_text(finding));
  out.end_array();
}

std::string status_json(const LogRead& log) {
  JsonWriter out;
  out.begin_object();
  if (log.metadata) write_metadata(out, *log.metadata);
  const Extent extent = extent_of(log);
  out.key("positions").begin_object();
  out.key("first").unsigned_integer(extent.first);
  out.key("last").unsigned_integer(extent.last);
  out.key("learned").unsigned_integer(extent.learned).end_object();
  out.key("segments").begin_array();
  for (const SegmentRead& segment : log.segments) {
    out.begin_object().member("file", segment.file).member_boolean("spare", segment.spare);
    out.key("bytes").unsigned_integer(segment.bytes);
    out.key("batches").unsigned_integer(segment.batches);
    write_tail(out, segment.tail);
    out.end_object();
  }
  out.end_array();
  write_verdict(out, log);
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
    out.member("record", "learned");
    out.member("chain", hex(learned->chain.high) + hex(learned->chain.low));
  }
  out.member("file", replicated_log::segment_file(read.segment))
      .key("offset")
      .unsigned_integer(read.offset);
  out.key("batch").unsigned_integer(read.batch.value).end_object();
  return out.take();
}

std::string record_line(const RecordRead& read, bool payload) {
  const std::string place =
      fmt::format("{} byte {} batch {}", replicated_log::segment_file(read.segment), read.offset,
                  read.batch.value);
  const auto* slot = std::get_if<paxos::SlotRecord>(&read.record);
  if (slot == nullptr)
    return fmt::format("{:>10}  learned up to here  {}", read.position().value, place);
  std::string line =
      fmt::format("{:>10}  {:<7} {:>9} bytes  ballot {}{}  {}", read.position().value,
                  kind_text(slot->slot.entry.kind), slot->slot.entry.payload.size(),
                  paxos::to_text(slot->slot.ballot), slot->learned ? "  learned" : "", place);
  if (payload) line += "\n            " + hex(slot->slot.entry.payload);
  return line;
}

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

int verdict(const LogRead& log) { return log.refusal ? code(log.refusal->exit) : 0; }

int status(const Options& options) {
  Result<LogRead> log = load(options, false);
  if (!log) return fail(options, code(Exit::Disk), log.error().text);
  if (options.json) {
    fmt::print("{}\n", status_json(*log));
    return verdict(*log);
  }
  print_status(*log);
  if (log->refusal) fmt::print(stderr, "quorate-log: {}\n", log->refusal->why);
  return verdict(*log);
}

int read(const Options& options) {
  Result<LogRead> log = load(options, false);
  if (!log) return fail(options, code(Exit::Disk), log.error().text);
  for (const RecordRead& record : log->records) {
    const std::uint64_t position = record.position().value;
    if (position < options.from || position > options.to) continue;
    fmt::print("{}\n", options.json ? record_json(record, options.payload)
                                    : record_line(record, options.payload));
  }
  if (log->refusal) fmt::print(stderr, "quorate-log: {}\n", log->refusal->why);
  return verdict(*log);
}

// The records must also fit together: no position skipped, no learned value replaced.
void check_records(LogRead& log) {
  paxos::Acceptor acceptor;
  paxos::Table table;
  for (const RecordRead& read : log.records) {
    Result<void> fits = paxos::restore(read.record, acceptor, table);
    if (fits || log.refusal) continue;
    log.refusal = replicated_log::Refusal{
        Exit::LogCorrupt,
        fmt::format("{} at byte {}, batch {}: {}", replicated_log::segment_file(read.segment),
                    read.offset, read.batch.value, fits.error().text)};
  }
}

int verify(const Options& options) {
  Result<LogRead> log = load(options, true);
  if (!log) return fail(options, code(Exit::Disk), log.error().text);
  check_records(*log);
  if (options.json) {
    JsonWriter out;
    out.begin_object();
    out.key("records").unsigned_integer(log->records.size());
    out.member("tail_file", log->tail_file);
    write_tail(out, log->tail);
    write_verdict(out, *log);
    out.end_object();
    fmt::print("{}\n", out.take());
    return verdict(*log);
  }
  for (const replicated_log::Finding& finding : log->findings)
    fmt::print("note: {}\n", to_text(finding));
  if (log->refusal) return fail(options, verdict(*log), log->refusal->why);
  const Extent extent = extent_of(*log);
  fmt::print("sound: {} records, positions {} to {}; the log ends {} in {} at byte {}\n",
             log->records.size(), extent.first, extent.last, to_text(log->tail.kind),
             log->tail_file.empty() ? "no segment" : log->tail_file, log->tail.offset);
  return 0;
}

CLI::App* add_command(CLI::App& app, Options& options, const char* name, const char* about) {
  CLI::App* command = app.add_subcommand(name, about);
  command->add_option("DIR", options.directory, "The log's directory: <work_dir>/replicated_log")
      ->required();
  command->add_flag("--json", options.json, "Print JSON");
  return command;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Looks into the replicated log of a Quorate master. Reads only; a master may run meanwhile.\n"
      "Exit codes: 0 sound; 64 usage; 65 damaged, or not to be told from damaged; 74 a file "
      "cannot\n"
      "be read; 78 not a log of this program, or written by a newer release.",
      "quorate-log"};
  app.set_version_flag("--version", std::string("quorate-log ") + QUORATE_VERSION);
  app.require_subcommand(1);
  Options options;
  CLI::App* status_command =
      add_command(app, options, "status", "Who this replica is, what it promised, what it holds");
  CLI::App* read_command =
      add_command(app, options, "read", "Every record, in the order of writing, and where it lies");
  read_command->add_option("--from", options.from, "First position to print");
  read_command->add_option("--to", options.to, "Last position to print");
  read_command->add_flag("--payload", options.payload, "Print payloads in hexadecimal");
  CLI::App* verify_command = add_command(
      app, options, "verify", "Reads all bytes anew and judges them as a starting master would");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return app.exit(error) == 0 ? 0 : code(Exit::Usage); }
  if (status_command->parsed()) return status(options);
  if (read_command->parsed()) return read(options);
  if (verify_command->parsed()) return verify(options);
  return code(Exit::Usage);
}

}  // namespace
}  // namespace quorate

int main(int argc, char** argv) { return quorate::run(argc, argv); }
