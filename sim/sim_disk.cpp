#include "sim/sim_disk.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::sim {

using faults::Fault;
using faults::FaultKind;

HostDisk::HostDisk(World& world, const Profile& profile, EventSink& sink, std::string host_name)
    : world_(world),
      profile_(profile),
      sink_(sink),
      host_(std::move(host_name)),
      random_(world.stream("disk/" + host_)),
      power_(world.stream("power/" + host_)),
      media_(world.stream("media/" + host_)) {}

void HostDisk::end_process() {
  // No second crash in the middle of the first.
  const bool by_fault = std::exchange(crashing_, true);
  if (!by_fault) carry_out_until(world_.now());
  crashing_ = by_fault;
  process_ += 1;
  // The operation under way may or may not have reached the page cache; a whole replace or truncate
  // happens or does not.
  if (!queue_.empty() && queue_.front().kind == Kind::Write && random_.chance_ppm(500'000))
    store(queue_.front());
  queue_.clear();
  births_.clear();
  busy_until_ = world_.now();
  broken_.reset();
  image_.locked = false;
}

void HostDisk::lose_power() {
  end_process();
  image_.lose_power(power_);
  if (torn_) tear(*std::exchange(torn_, std::nullopt));
}

Duration HostDisk::duration_of(const Operation& operation) {
  switch (operation.kind) {
    case Kind::Read:
      return profile_.read.draw(random_) + Duration{static_cast<std::int64_t>(operation.size)};
    case Kind::Write: return profile_.write.draw(random_);
    case Kind::Sync: {
      const Duration usual = profile_.sync.draw(random_);
      const std::optional<Fault> slow = due(FaultKind::SlowSync, operation.file);
      return slow ? usual + slow->by : usual;
    }
    default: return profile_.sync.draw(random_);
  }
}

void HostDisk::ask(Operation operation) {
  busy_until_ = std::max(busy_until_, world_.now()) + duration_of(operation) + slower_;
  if (slower_.ns > 0) world_.felt(FaultKind::SlowDisk);
  operation.done_at = busy_until_;
  bool answered = operation.kind != Kind::Write;
  queue_.push_back(std::move(operation));
  if (answered) world_.at(busy_until_, *this, {kQueueTask, process_, 0});
}

void HostDisk::create_later(Operation operation) {
  // About 1 GB/s, in steps between the other calls, and two syncs.
  Duration writing{static_cast<std::int64_t>(operation.size)};
  Duration first = profile_.sync.draw(random_);
  Duration second = profile_.sync.draw(random_);
  operation.done_at = std::max(busy_until_, world_.now()) + writing + first + second + slower_;
  world_.at(operation.done_at, *this, {kBirthTask, process_, 0});
  births_.push_back(std::move(operation));
}

void HostDisk::act(const Task& task) {
  if (task.a != process_) return;
  if (world_.now() < hung_until_) {
    world_.felt(FaultKind::HungDisk);
    return world_.at(hung_until_, *this, task);
  }
  if (task.kind == kQueueTask) return carry_out_until(world_.now());
  auto next = std::find_if(births_.begin(), births_.end(),
                           [this](const Operation& o) { return o.done_at <= world_.now(); });
  CHECK(next != births_.end());
  Operation operation = std::move(*next);
  births_.erase(next);
  if (!crashes(operation.file)) create(operation);
}

void HostDisk::carry_out_until(SimTime time) {
  std::uint64_t process = process_;
  if (time < hung_until_) return;
  while (process == process_ && !queue_.empty() && queue_.front().done_at <= time) {
    if (crashes(queue_.front().file)) return;
    Operation operation = std::move(queue_.front());
    queue_.pop_front();
    carry_out(operation);
  }
}

void HostDisk::carry_out(Operation& operation) {
  switch (operation.kind) {
    case Kind::Open: return open(operation);
    case Kind::Read: return read(operation);
    case Kind::Write: return write(operation);
    case Kind::Create: return create(operation);
    default: return change(operation);
  }
}

std::optional<DiskError> HostDisk::error(DiskErrorKind kind, std::string_view call,
                                         const std::string& file, std::string_view why) const {
  std::string text(call);
  return DiskError{kind, text + " " + host_ + ":" + file + ": " + std::string(why)};
}

void HostDisk::open(const Operation& operation) {
  Listed answer{operation.ticket, {}, std::nullopt};
  if (image_.locked) {
    answer.error = error(DiskErrorKind::Locked, "open", "", "locked by another process");
  } else {
    image_.locked = true;
    for (const auto& [name, file] : image_.files()) answer.files.push_back({name, file.size()});
  }
  sink_.on_answer(std::move(answer));
}

void HostDisk::read(const Operation& operation) {
  ReadDone answer{operation.ticket, {}, broken_};
  if (!broken_ && due(FaultKind::FailedRead, operation.file)) {
    answer.error = error(DiskErrorKind::Io, "read", operation.file, "input/output error");
  } else if (!broken_) {
    if (const FileImage* file = image_.find(operation.file)) {
      answer.bytes = file->read(operation.offset, operation.size);
    } else {
      answer.error = error(DiskErrorKind::Missing, "read", operation.file, "no such file");
    }
  }
  sink_.on_answer(std::move(answer));
}

void HostDisk::write(const Operation& operation) {
  if (!broken_ && due(FaultKind::FailedWrite, operation.file)) {
    broken_ = error(DiskErrorKind::Io, "write", operation.file, "input/output error");
    return;
  }
  if (due(FaultKind::LostWrite, operation.file)) return;
  if (due(FaultKind::MisdirectedWrite, operation.file)) return misdirect(operation);
  store(operation);
  if (broken_ || crashing_ || !due(FaultKind::TornWrite, operation.file)) return;
  torn_ = operation;
  crash(true);
}

void HostDisk::store(const Operation& operation) {
  if (broken_) return;
  FileImage* file = image_.find(operation.file);
  if (file == nullptr) {
    broken_ = error(DiskErrorKind::Missing, "write", operation.file, "no such file");
  } else if (full_ && operation.offset + operation.bytes.size() > file->size()) {
    broken_ = error(DiskErrorKind::Full, "write", operation.file, "no space left on device");
  } else {
    file->write(operation.offset, operation.bytes);
  }
}

void HostDisk::change(Operation& operation) {
  FileImage* file = image_.find(operation.file);
  bool needs_file = operation.kind == Kind::Sync || operation.kind == Kind::Truncate;
  if (!broken_ && needs_file && file == nullptr) {
    broken_ = error(DiskErrorKind::Missing, "sync", operation.file, "no such file");
  } else if (!broken_ && operation.kind == Kind::Sync &&
             due(FaultKind::FailedSync, operation.file)) {
    broken_ = error(DiskErrorKind::Io, "sync", operation.file, "input/output error");
    file->fail_sync();
  } else if (!broken_ && full_ && operation.kind == Kind::Replace) {
    broken_ = error(DiskErrorKind::Full, "replace", operation.file, "no space left on device");
  }
  if (!broken_) {
    if (operation.kind == Kind::Replace) {
      FileImage fresh;
      fresh.write(0, operation.bytes);
      image_.put(operation.file, std::move(fresh));
      file = image_.find(operation.file);
    } else if (operation.kind == Kind::Truncate) {
      file->resize(std::min(file->size(), operation.size));
    } else if (operation.kind == Kind::Remove) {
      image_.remove(operation.file);
      file = nullptr;
    }
    if (file != nullptr) file->sync();
  }
  sink_.on_answer(Synced{operation.ticket, broken_});
}

void HostDisk::create(const Operation& operation) {
  std::optional<DiskError> failed = broken_;
  if (!failed && full_)
    failed = error(DiskErrorKind::Full, "create", operation.file, "no space left on device");
  if (!failed) {
    FileImage fresh;
    fresh.resize(operation.size);
    fresh.sync();
    image_.put(operation.file, std::move(fresh));
  }
  sink_.on_answer(Synced{operation.ticket, std::move(failed)});
}

void SimDisk::open(DiskTicket ticket) {
  disk_.ask({HostDisk::Kind::Open, ticket, {}, 0, 0, {}, {}});
}
void SimDisk::read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
                   std::uint64_t size) {
  disk_.ask({HostDisk::Kind::Read, ticket, file, offset, size, {}, {}});
}
void SimDisk::create(DiskTicket ticket, const std::string& file, std::uint64_t size) {
  disk_.create_later({HostDisk::Kind::Create, ticket, file, 0, size, {}, {}});
}
void SimDisk::write(const std::string& file, std::uint64_t offset, Bytes bytes) {
  disk_.ask({HostDisk::Kind::Write, {}, file, offset, 0, std::move(bytes), {}});
}
void SimDisk::sync(DiskTicket ticket, const std::string& file) {
  disk_.ask({HostDisk::Kind::Sync, ticket, file, 0, 0, {}, {}});
}
void SimDisk::replace(DiskTicket ticket, const std::string& file, Bytes bytes) {
  disk_.ask({HostDisk::Kind::Replace, ticket, file, 0, 0, std::move(bytes), {}});
}
void SimDisk::truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) {
  disk_.ask({HostDisk::Kind::Truncate, ticket, file, 0, size, {}, {}});
}
void SimDisk::remove(DiskTicket ticket, const std::string& file) {
  disk_.ask({HostDisk::Kind::Remove, ticket, file, 0, 0, {}, {}});
}

}  // namespace quorate::sim
