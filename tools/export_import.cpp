#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "master/base/json.h"
#include "master/platform/entropy.h"
#include "master/platform/event_loop.h"
#include "master/platform/file_disk.h"
#include "master/replicated_log/storage.h"
#include "tools/archive.h"
#include "tools/commands.h"

// A log out of a directory, and into a fresh one.

namespace quorate::tools {
namespace {

using replicated_log::Snapshot;
using replicated_log::Storage;

Bytes state_of(const Loaded& loaded) {
  if (!loaded.log.snapshot) return {};
  const paxos::Position position = loaded.log.snapshot->position;
  const Bytes& file = loaded.files.at(replicated_log::snapshot_file(position));
  const replicated_log::SnapshotScan scan = replicated_log::scan_snapshot(position, file);
  return file.substr(scan.state_offset, scan.info.state_bytes);
}

// Writes an archive through the master's own storage, step by step as each one is durable.
class Importer final : public platform::EventSink {
 public:
  Importer(platform::EventLoop& loop, Storage& storage, const Archive& archive)
      : loop_(loop), storage_(storage), archive_(archive) {}

  void handle(const Now&, const Event& event) override {
    if (const auto* listed = std::get_if<Listed>(&event)) storage_.on(*listed);
    if (const auto* read = std::get_if<ReadDone>(&event)) storage_.on(*read);
    if (const auto* synced = std::get_if<Synced>(&event)) storage_.on(*synced);
    if (storage_.refusal()) return loop_.stop();
    if (storage_.opened()) go_on();
    storage_.flush();
  }
  bool finished() const { return step_ == Step::Finished; }

 private:
  enum class Step { Identity, Snapshot, Entries, Seal, Finished };
  static constexpr std::size_t kBatchBytes = 4 << 20;

  paxos::Ballot ballot() const { return {1, storage_.metadata().replica}; }

  // What is above a snapshot is appended once it is installed.
  void go_on() {
    if (storage_.durable() != storage_.last()) return;
    switch (step_) {
      case Step::Identity:
        save_identity();
        step_ = Step::Snapshot;
        return;
      case Step::Snapshot:
        if (!archive_.snapshot) {
          step_ = Step::Entries;
          return append_some();
        }
        if (storage_.installed() == archive_.snapshot->info.position) {
          step_ = Step::Entries;
          return append_some();
        }
        if (!std::exchange(installing_, true)) storage_.install(*archive_.snapshot);
        return;
      case Step::Entries: return append_some();
      case Step::Seal:
        if (storage_.gauges().batches == batches_) return;
        step_ = Step::Finished;
        return loop_.stop();
      case Step::Finished: return;
    }
  }

  void save_identity() {
    replicated_log::Metadata metadata = storage_.metadata();
    metadata.ensemble = archive_.ensemble;
    metadata.epoch = archive_.epoch;
    metadata.status = paxos::ReplicaStatus::Voting;
    metadata.promised = ballot();
    storage_.save(metadata);
  }

  void append_some() {
    std::size_t bytes = 0;
    while (next_ < archive_.entries.size() && bytes < kBatchBytes) {
      const paxos::Position position{archive_.first().value + next_};
      const paxos::Entry& entry = archive_.entries[next_++];
      bytes += entry.payload.size() + 1;
      storage_.append(paxos::SlotRecord{.slot = {position, ballot(), entry}, .learned = true});
    }
    if (bytes > 0) return;
    // Proves the last batch, and says how far all of it is learned.
    storage_.append(paxos::LearnedRecord{archive_.last(), archive_.chain});
    batches_ = storage_.gauges().batches;
    storage_.seal();
    step_ = Step::Seal;
  }

  platform::EventLoop& loop_;
  Storage& storage_;
  const Archive& archive_;
  Step step_ = Step::Identity;
  bool installing_ = false;
  std::size_t next_ = 0;
  std::uint64_t batches_ = 0;
};

Result<Archive> read_archive(std::istream& in) {
  ArchiveReader reader;
  std::string line;
  while (std::getline(in, line)) {
    const Result<void> taken = reader.take(line);
    if (!taken) return tl::unexpected(taken.error());
  }
  return reader.finish();
}

Result<Archive> read_archive(const std::string& file) {
  if (file.empty() || file == "-") return read_archive(std::cin);
  std::ifstream in(file);
  if (!in) return failure(fmt::format("cannot open {}", file));
  Result<Archive> archive = read_archive(in);
  if (!archive) return failure(fmt::format("{}, {}", file, archive.error().text));
  return archive;
}

// Nothing at all, or no directory yet.
bool is_fresh(const std::string& directory) {
  std::error_code code;
  if (!std::filesystem::exists(directory, code)) return true;
  return std::filesystem::is_empty(directory, code) && !code;
}

Result<EnsembleId> wanted_ensemble(const Options& options) {
  if (options.ensemble.empty()) {
    EnsembleId id;
    id.high = platform::seed();
    id.low = platform::seed() | 1;
    return id;
  }
  const std::optional<Digest> id = parse_digest(options.ensemble);
  if (!id || (id->high == 0 && id->low == 0))
    return failure(fmt::format("--ensemble={}: not 32 hexadecimal digits", options.ensemble));
  return EnsembleId{id->high, id->low};
}

// Of the largest entry, and some.
std::uint64_t segment_bytes_for(const Archive& archive) {
  std::uint64_t largest = 0;
  for (const paxos::Entry& entry : archive.entries)
    largest = std::max<std::uint64_t>(largest, entry.payload.size());
  return std::max<std::uint64_t>(replicated_log::StorageSettings{}.segment_bytes,
                                 (largest + (64 << 10)) * 5 / 2);
}

int report_import(const Options& options, const Archive& archive, const Storage& storage) {
  const std::string replica = to_text(storage.metadata().replica);
  if (options.json) {
    JsonWriter out;
    out.begin_object().member("replica", replica);
    out.member("ensemble", to_text(archive.ensemble));
    out.key("entries").unsigned_integer(archive.entries.size());
    out.key("last").unsigned_integer(archive.last().value);
    out.member("chain", digest_text(archive.chain)).end_object();
    fmt::print("{}\n", out.take());
    return 0;
  }
  fmt::print(
      "imported {} entries up to position {} into {}\nreplica {} of ensemble {}, the only member: "
      "start its master with --quorum=1\n",
      archive.entries.size(), archive.last().value, options.directory, replica,
      to_text(archive.ensemble));
  return 0;
}

}  // namespace

int export_log(const Options& options) {
  const Result<Loaded> loaded = load(options.directory, Freshness::Cached);
  if (!loaded) return fail(options, code(Exit::Disk), loaded.error().text);
  const replicated_log::LogRead& log = loaded->log;
  if (log.refusal) return fail(options, code(log.refusal->exit), log.refusal->why);
  if (!log.metadata)
    return fail(options, code(Exit::Configuration),
                fmt::format("{} holds no log", options.directory));

  const bool to_file = !options.file.empty() && options.file != "-";
  std::FILE* out = to_file ? std::fopen(options.file.c_str(), "wx") : stdout;
  if (out == nullptr)
    return fail(
        options, code(Exit::Disk),
        fmt::format("cannot make {}: it exists, or the folder cannot be written to", options.file));
  bool written = true;
  const Result<void> done = write_archive(*loaded, state_of(*loaded), [&](const std::string& line) {
    written = written && std::fputs((line + "\n").c_str(), out) >= 0;
  });
  written = std::fflush(out) == 0 && written;
  if (to_file) written = std::fclose(out) == 0 && written;
  if (!written) return fail(options, code(Exit::Disk), "the export cannot be written");
  if (!done) return fail(options, code(Exit::LogCorrupt), done.error().text);
  return 0;
}

int import_log(const Options& options) {
  if (!is_fresh(options.directory))
    return fail(
        options, code(Exit::Configuration),
        fmt::format("{} is not empty: an import makes a directory of its own", options.directory));
  const Result<EnsembleId> ensemble = wanted_ensemble(options);
  if (!ensemble) return fail(options, code(Exit::Usage), ensemble.error().text);
  Result<Archive> archive = read_archive(options.file);
  if (!archive) return fail(options, code(Exit::LogCorrupt), archive.error().text);
  if (archive->ensemble != *ensemble) *archive = renamed(std::move(*archive), *ensemble);

  platform::EventLoop loop;
  platform::FileDisk disk(loop, options.directory);
  Storage storage({.segment_bytes = segment_bytes_for(*archive)}, disk, platform::seed());
  Importer importer(loop, storage, *archive);
  storage.open();
  loop.run(importer);
  if (storage.refusal())
    return fail(options, code(storage.refusal()->exit), storage.refusal()->why);
  return report_import(options, *archive, storage);
}

}  // namespace quorate::tools
