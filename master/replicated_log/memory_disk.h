#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/base/check.h"
#include "master/base/random.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"

// A directory in memory, for the tests of this room only. Calls wait until the test carries them
// out, one by one. Of each 512-byte sector all contents since its last sync are remembered: a power
// loss leaves any one of them.

namespace quorate::replicated_log {

inline constexpr std::size_t kTestSectorBytes = 512;

class MemoryDisk final : public Disk {
 public:
  // What a power loss does to the sectors that were not synced.
  enum class Survival { None, All, Odd, Even, FirstOnly, LastOnly, Random };

  void open(DiskTicket ticket) override {
    calls_.push_back({.kind = Kind::Open, .ticket = ticket});
  }
  void read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
            std::uint64_t size) override {
    calls_.push_back({Kind::Read, ticket, file, offset, size, {}});
  }
  void create(DiskTicket ticket, const std::string& file, std::uint64_t size) override {
    creations_.push_back({Kind::Create, ticket, file, 0, size, {}});
  }
  void write(const std::string& file, std::uint64_t offset, Bytes bytes) override {
    calls_.push_back({Kind::Write, {}, file, offset, 0, std::move(bytes)});
  }
  void sync(DiskTicket ticket, const std::string& file) override {
    calls_.push_back({.kind = Kind::Sync, .ticket = ticket, .file = file});
  }
  void replace(DiskTicket ticket, const std::string& file, Bytes bytes) override {
    calls_.push_back({Kind::Replace, ticket, file, 0, 0, std::move(bytes)});
  }
  void truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) override {
    calls_.push_back({Kind::Truncate, ticket, file, 0, size, {}});
  }
  void remove(DiskTicket ticket, const std::string& file) override {
    calls_.push_back({.kind = Kind::Remove, .ticket = ticket, .file = file});
  }

  bool idle() const { return calls_.empty() && creations_.empty(); }
  bool asked_for(const std::string& file) const {
    for (const Call& call : calls_)
      if (call.file == file) return true;
    return false;
  }
  std::size_t waiting() const { return calls_.size() + creations_.size(); }

  // Carries out the next call; files are created only when nothing else waits. Its answer, if any.
  std::optional<Event> step() {
    CHECK(!idle());
    std::deque<Call>& from = calls_.empty() ? creations_ : calls_;
    Call call = std::move(from.front());
    from.pop_front();
    ++steps_;
    return carry_out(call);
  }
  std::size_t steps() const { return steps_; }

  // The process is gone; what it wrote is still seen.
  void kill() {
    calls_.clear();
    creations_.clear();
    broken_.reset();
  }
  // The machine is gone as well.
  void lose_power(Survival survival, RandomStream& random) {
    kill();
    for (auto& [name, file] : files_) {
      std::size_t index = 0;
      for (auto& [sector, contents] : file.unsynced) {
        contents.push_back(file.bytes.substr(sector * kTestSectorBytes, kTestSectorBytes));
        const bool last = index + 1 == file.unsynced.size();
        const std::size_t pick = choose(survival, index, last, contents.size(), random);
        file.bytes.replace(sector * kTestSectorBytes, contents[pick].size(), contents[pick]);
        ++index;
      }
      file.unsynced.clear();
    }
  }

  // What is seen now, file by name.
  std::map<std::string, Bytes> image() const {
    std::map<std::string, Bytes> image;
    for (const auto& [name, file] : files_) image[name] = file.bytes;
    return image;
  }
  void set_image(const std::map<std::string, Bytes>& image) {
    kill();
    files_.clear();
    for (const auto& [name, bytes] : image) files_[name].bytes = bytes;
  }

  // From now on: every create fails so; the sync after `syncs` more ones fails; the lock is held.
  bool full = false;
  std::optional<std::size_t> syncs_until_failure;
  bool locked = false;
  std::string unreadable;  // a file whose reads fail

 private:
  enum class Kind { Open, Read, Create, Write, Sync, Replace, Truncate, Remove };
  struct Call {
    Kind kind = Kind::Open;
    DiskTicket ticket = {};
    std::string file = {};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    Bytes bytes = {};
  };
  struct File {
    Bytes bytes;
    std::map<std::size_t, std::vector<Bytes>> unsynced;  // earlier contents, the synced one first
  };

  static std::size_t choose(Survival survival, std::size_t index, bool last, std::size_t count,
                            RandomStream& random) {
    const std::size_t newest = count - 1;
    switch (survival) {
      case Survival::None: return 0;
      case Survival::All: return newest;
      case Survival::Odd: return index % 2 == 1 ? newest : 0;
      case Survival::Even: return index % 2 == 0 ? newest : 0;
      case Survival::FirstOnly: return index == 0 ? newest : 0;
      case Survival::LastOnly: return last ? newest : 0;
      case Survival::Random: return static_cast<std::size_t>(random.below(count));
    }
    return 0;
  }

  std::optional<Event> carry_out(Call& call) {
    switch (call.kind) {
      case Kind::Open: return list(call);
      case Kind::Read: return read_bytes(call);
      case Kind::Create:
        if (full) return Synced{call.ticket, DiskError{DiskErrorKind::Full, "no space left"}};
        files_[call.file] = File{Bytes(call.size, '\0'), {}};
        return Synced{call.ticket, broken_};
      case Kind::Write: write_bytes(call); return {};
      case Kind::Sync: return sync_file(call);
      case Kind::Replace:
        files_[call.file] = File{std::move(call.bytes), {}};
        return Synced{call.ticket, broken_};
      case Kind::Truncate: truncate_file(call); return Synced{call.ticket, broken_};
      case Kind::Remove: files_.erase(call.file); return Synced{call.ticket, broken_};
    }
    return {};
  }

  Event list(const Call& call) {
    Listed listed{call.ticket, {}, {}};
    if (locked) listed.error = DiskError{DiskErrorKind::Locked, "lock: held by process 4711"};
    for (const auto& [name, file] : files_) listed.files.push_back({name, file.bytes.size()});
    return listed;
  }

  Event read_bytes(const Call& call) {
    if (call.file == unreadable)
      return ReadDone{call.ticket, {}, DiskError{DiskErrorKind::Io, "read: EIO"}};
    const Bytes& bytes = files_.at(call.file).bytes;
    CHECK(call.offset <= bytes.size());
    return ReadDone{call.ticket, bytes.substr(call.offset, call.size), {}};
  }

  void write_bytes(const Call& call) {
    File& file = files_.at(call.file);
    CHECK(call.offset % kTestSectorBytes == 0);
    CHECK(call.bytes.size() % kTestSectorBytes == 0);
    if (file.bytes.size() < call.offset + call.bytes.size())
      file.bytes.resize(call.offset + call.bytes.size(), '\0');
    for (std::size_t at = 0; at < call.bytes.size(); at += kTestSectorBytes) {
      const std::size_t sector = (call.offset + at) / kTestSectorBytes;
      file.unsynced[sector].push_back(
          file.bytes.substr(sector * kTestSectorBytes, kTestSectorBytes));
    }
    file.bytes.replace(call.offset, call.bytes.size(), call.bytes);
  }

  Event sync_file(const Call& call) {
    if (syncs_until_failure && (*syncs_until_failure)-- == 0)
      broken_ = DiskError{DiskErrorKind::Io, "fdatasync " + call.file + ": EIO"};
    if (!broken_) files_.at(call.file).unsynced.clear();
    return Synced{call.ticket, broken_};
  }

  void truncate_file(const Call& call) {
    File& file = files_.at(call.file);
    file.bytes.resize(call.size, '\0');
    file.unsynced.clear();
  }

  std::map<std::string, File> files_;
  std::deque<Call> calls_;
  std::deque<Call> creations_;
  std::optional<DiskError> broken_;
  std::size_t steps_ = 0;
};

}  // namespace quorate::replicated_log
