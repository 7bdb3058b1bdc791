#include "master/platform/file_disk.h"

#include <condition_variable>
#include <deque>
#include <memory>
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
// A file that the other thread has written, or could not write.
struct Born {
  DiskTicket ticket;
  std::unique_ptr<FileBirth> birth;
  std::optional<DiskError> error;
};
struct Stop {};
using Call = std::variant<Open, Read, Create, Write, Sync, Replace, Truncate, Remove, Born, Stop>;

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
  std::condition_variable creations_changed;
  std::deque<Create> creations;
  bool creating_ends = false;  // it stops, or a call has failed: no file is made any more

  // The disk thread's own.
  Directory directory;
  std::optional<DiskError> broken;  // set: nothing is carried out any more
  std::thread thread;
  // Writes the zeros of new files, so that no batch waits for them. What it gives is named by the
  // disk thread.
  std::thread creating_thread;

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

  Call next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !calls.empty(); });
    Call call = std::move(calls.front());
    calls.pop_front();
    return call;
  }

  void work() {
    while (true) {
      Call call = next();
      if (std::holds_alternative<Stop>(call)) return;
      std::visit([this](auto& one) { carry_out(one); }, call);
    }
  }

  std::optional<Create> next_creation() {
    std::unique_lock lock(mutex);
    creations_changed.wait(lock, [this] { return creating_ends || !creations.empty(); });
    if (creating_ends) return {};
    Create creation = std::move(creations.front());
    creations.pop_front();
    return creation;
  }
  bool creating_goes_on() {
    std::lock_guard lock(mutex);
    return !creating_ends;
  }
  void create() {
    while (std::optional<Create> creation = next_creation()) {
      auto birth = std::make_unique<FileBirth>(directory, creation->file, creation->size);
      std::optional<DiskError> error;
      while (!error && !birth->written() && creating_goes_on()) error = birth->step();
      ask(Born{creation->ticket, std::move(birth), std::move(error)});
    }
  }
  // What was to be made is answered by the disk thread, in the order in which it was asked.
  void end_creating() {
    std::lock_guard lock(mutex);
    creating_ends = true;
    for (Create& creation : creations) calls.push_back(Born{creation.ticket, nullptr, {}});
    creations.clear();
    creations_changed.notify_one();
  }

  void synced(DiskTicket ticket, std::optional<DiskError> error) {
    loop.post(Synced{ticket, std::move(error)});
  }

  // The first error of a call that changes files is that of all later calls.
  void note(const std::optional<DiskError>& error) {
    if (broken || !error) return;
    broken = error;
    end_creating();
  }
  void finish(DiskTicket ticket, std::optional<DiskError> error) {
    note(error);
    synced(ticket, std::move(error));
  }

  void carry_out(Open& call) {
    Listed listed{.ticket = call.ticket, .files = {}, .error = directory.open(listed.files)};
    note(listed.error);
    loop.post(std::move(listed));
  }
  void carry_out(Read& call) {
    ReadDone done{.ticket = call.ticket, .bytes = {}, .error = broken};
    if (!broken) done.error = directory.read(call.file, call.offset, call.size, done.bytes);
    loop.post(std::move(done));
  }
  void carry_out(Create& call) {
    if (broken) return synced(call.ticket, broken);
    std::lock_guard lock(mutex);
    creations.push_back(std::move(call));
    creations_changed.notify_one();
  }
  // A file that could not be made breaks nothing else.
  void carry_out(Born& born) {
    if (!born.error) born.error = broken;
    const bool written = born.birth && born.birth->written();
    if (!born.error && !written) return;  // the disk is being closed
    if (!born.error) born.error = born.birth->finish();
    synced(born.ticket, std::move(born.error));
  }
  void carry_out(Write& call) {
    if (!broken) note(directory.write(call.file, call.offset, call.bytes));
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
  impl_->creating_thread = std::thread([impl = impl_.get()] { impl->create(); });
}

FileDisk::~FileDisk() {
  impl_->end_creating();
  impl_->creating_thread.join();
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
