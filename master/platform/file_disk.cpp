#include "master/platform/file_disk.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "master/base/check.h"
#include "master/platform/directory.h"

namespace quorate::platform {

namespace {

// What was asked, in the order in which it was asked.
struct Open {
  DiskTicket ticket;
};
struct Read {
  DiskTicket ticket;
  std::string file;
  std::uint64_t offset;
  std::uint64_t size;
};
struct Create {
  DiskTicket ticket;
  std::string file;
  std::uint64_t size;
};
struct Write {
  std::string file;
  std::uint64_t offset;
  Bytes bytes;
};
struct Sync {
  DiskTicket ticket;
  std::string file;
};
struct Replace {
  DiskTicket ticket;
  std::string file;
  Bytes bytes;
};
struct Truncate {
  DiskTicket ticket;
  std::string file;
  std::uint64_t size;
};
struct Remove {
  DiskTicket ticket;
  std::string file;
};
struct Stop {};
using Call = std::variant<Open, Read, Create, Write, Sync, Replace, Truncate, Remove, Stop>;

void check_plain(const std::string& file) {
  CHECK(!file.empty());
  CHECK(file.find('/') == std::string::npos);
  CHECK(file != "." && file != "..");
}

}  // namespace

struct FileDisk::Impl {
  Impl(EventLoop& to, std::string path, Duration sync_delay)
      : loop(to), directory(std::move(path), sync_delay) {}

  EventLoop& loop;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Call> calls;

  // The disk thread's own.
  Directory directory;
  std::deque<Create> creations;  // the first may be under way
  std::optional<FileBirth> birth;
  std::optional<DiskError> broken;  // set: nothing is carried out any more
  std::thread thread;

  void ask(Call call) {
    {
      std::lock_guard lock(mutex);
      calls.push_back(std::move(call));
    }
    changed.notify_one();
  }
  // Carried out with the call that follows, which will have an answer: what is written counts only
  // once it is synced, and so the thread is woken once for both.
  void ask_later(Call call) {
    std::lock_guard lock(mutex);
    calls.push_back(std::move(call));
  }

  // The next call; none if there is a creation to go on with and nothing else to do.
  std::optional<Call> next() {
    std::unique_lock lock(mutex);
    if (creations.empty()) changed.wait(lock, [this] { return !calls.empty(); });
    if (calls.empty()) return {};
    Call call = std::move(calls.front());
    calls.pop_front();
    return call;
  }

  void work() {
    while (true) {
      std::optional<Call> call = next();
      if (call && std::holds_alternative<Stop>(*call)) return;
      if (call) std::visit([this](auto& one) { carry_out(one); }, *call);
      if (!creations.empty()) go_on_creating();
    }
  }

  void synced(DiskTicket ticket, std::optional<DiskError> error) {
    loop.post(Synced{ticket, std::move(error)});
  }

  // The answer of a call that changes files: its first error is that of all later calls.
  void finish(DiskTicket ticket, std::optional<DiskError> error) {
    if (!broken) broken = error;
    synced(ticket, std::move(error));
  }

  void go_on_creating() {
    const Create& first = creations.front();
    std::optional<DiskError> error = broken;
    if (!error && !birth) birth.emplace(directory, first.file, first.size);
    if (!error) error = birth->step();
    if (!error && !birth->done()) return;
    if (broken && birth) birth->abandon();
    synced(first.ticket, std::move(error));
    birth.reset();
    creations.pop_front();
  }

  void carry_out(Open& call) {
    Listed listed{.ticket = call.ticket, .files = {}, .error = directory.open(listed.files)};
    if (!broken) broken = listed.error;
    loop.post(std::move(listed));
  }
  void carry_out(Read& call) {
    ReadDone done{.ticket = call.ticket, .bytes = {}, .error = broken};
    if (!broken) done.error = directory.read(call.file, call.offset, call.size, done.bytes);
    loop.post(std::move(done));
  }
  void carry_out(Create& call) { creations.push_back(std::move(call)); }
  void carry_out(Write& call) {
    if (!broken) broken = directory.write(call.file, call.offset, call.bytes);
  }
  void carry_out(Sync& call) {
    if (broken) return synced(call.ticket, broken);
    finish(call.ticket, directory.sync(call.file));
  }
  void carry_out(Replace& call) {
    if (broken) return synced(call.ticket, broken);
    finish(call.ticket, directory.replace(call.file, call.bytes));
  }
  void carry_out(Truncate& call) {
    if (broken) return synced(call.ticket, broken);
    finish(call.ticket, directory.truncate(call.file, call.size));
  }
  void carry_out(Remove& call) {
    if (broken) return synced(call.ticket, broken);
    finish(call.ticket, directory.remove(call.file));
  }
  void carry_out(Stop&) {}
};

FileDisk::FileDisk(EventLoop& loop, std::string directory, Duration sync_delay)
    : impl_(std::make_unique<Impl>(loop, std::move(directory), sync_delay)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->work(); });
}

FileDisk::~FileDisk() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->calls.clear();
    impl_->calls.push_back(Stop{});
  }
  impl_->changed.notify_one();
  impl_->thread.join();
}

void FileDisk::open(DiskTicket ticket) { impl_->ask(Open{ticket}); }

void FileDisk::read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
                    std::uint64_t size) {
  check_plain(file);
  impl_->ask(Read{ticket, file, offset, size});
}

void FileDisk::create(DiskTicket ticket, const std::string& file, std::uint64_t size) {
  check_plain(file);
  impl_->ask(Create{ticket, file, size});
}

void FileDisk::write(const std::string& file, std::uint64_t offset, Bytes bytes) {
  check_plain(file);
  impl_->ask_later(Write{file, offset, std::move(bytes)});
}

void FileDisk::sync(DiskTicket ticket, const std::string& file) {
  check_plain(file);
  impl_->ask(Sync{ticket, file});
}

void FileDisk::replace(DiskTicket ticket, const std::string& file, Bytes bytes) {
  check_plain(file);
  impl_->ask(Replace{ticket, file, std::move(bytes)});
}

void FileDisk::truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) {
  check_plain(file);
  impl_->ask(Truncate{ticket, file, size});
}

void FileDisk::remove(DiskTicket ticket, const std::string& file) {
  check_plain(file);
  impl_->ask(Remove{ticket, file});
}

}  // namespace quorate::platform
