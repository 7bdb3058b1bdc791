#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "sim/sim_disk.h"

// The faults of a disk: which operation each befalls, and what it does to the files.

namespace quorate::sim {

using faults::Fault;
using faults::FaultKind;
using faults::FileClass;

namespace {

// Those that wait for an operation of their own sort: operations ask for them by due().
bool is_of_an_operation(FaultKind kind) {
  switch (kind) {
    case FaultKind::TornWrite:
    case FaultKind::LostWrite:
    case FaultKind::MisdirectedWrite:
    case FaultKind::FailedSync:
    case FaultKind::SlowSync:
    case FaultKind::FailedRead:
    case FaultKind::FailedWrite: return true;
    default: return false;
  }
}

// Before an operation; those that end the process come last.
constexpr FaultKind kBefore[] = {FaultKind::BitRot,    FaultKind::DiskFull, FaultKind::DiskFreed,
                                 FaultKind::SaveCopy,  FaultKind::SlowDisk, FaultKind::HungDisk,
                                 FaultKind::PowerLoss, FaultKind::Kill,     FaultKind::RestoreCopy,
                                 FaultKind::Wipe,      FaultKind::LoseFile, FaultKind::CutFile};

}  // namespace

bool HostDisk::replaces_files(FaultKind kind) {
  return kind == FaultKind::RestoreCopy || kind == FaultKind::Wipe || kind == FaultKind::LoseFile ||
         kind == FaultKind::CutFile;
}

void HostDisk::count(FaultKind kind) {
  ++carried_out_[kind];
  world_.felt(kind);
}

void HostDisk::befall(const Fault& fault) {
  if (fault.after || is_of_an_operation(fault.kind)) {
    waiting_.push_back(fault);
  } else {
    happen(fault);
  }
}

void HostDisk::happen(const Fault& fault) {
  CHECK(!replaces_files(fault.kind) || !image_.locked);
  switch (fault.kind) {
    case FaultKind::BitRot: return rot(fault.file);
    case FaultKind::LoseFile:
    case FaultKind::CutFile: return damage_file(fault);
    case FaultKind::DiskFull: full_ = true; break;
    case FaultKind::DiskFreed: full_ = false; break;
    case FaultKind::SaveCopy: copy_ = image_.on_disk(); break;
    case FaultKind::RestoreCopy:
      if (!copy_) return;
      image_ = *copy_;
      break;
    case FaultKind::Wipe: image_.wipe(); break;
    // These two count when an operation feels them.
    case FaultKind::SlowDisk: slower_ = fault.by; return;
    case FaultKind::HungDisk:
      hung_until_ = std::max(hung_until_, world_.now() + fault.lasting);
      return;
    default: break;  // a crash
  }
  count(fault.kind);
}

void HostDisk::clone(const HostDisk& from) {
  CHECK(!image_.locked);
  image_ = from.image_.on_disk();
  count(FaultKind::CloneDisk);
}

void HostDisk::heal() {
  waiting_.clear();
  full_ = false;
  slower_ = {};
  if (world_.now() >= hung_until_) return;
  hung_until_ = world_.now();
  world_.after(Duration{0}, *this, {kQueueTask, process_, 0});
}

std::optional<Fault> HostDisk::take(FaultKind kind, const std::string& file) {
  auto found = waiting_.end();
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (at->kind != kind || !faults::in_class(file, at->file)) continue;
    if (at->after.value_or(0) > 0) {
      at->after = *at->after - 1;
    } else if (found == waiting_.end()) {
      found = at;
    }
  }
  if (found == waiting_.end()) return std::nullopt;
  Fault fault = std::move(*found);
  waiting_.erase(found);
  return fault;
}

std::optional<Fault> HostDisk::due(FaultKind kind, const std::string& file) {
  std::optional<Fault> fault = take(kind, file);
  if (fault) count(kind);
  return fault;
}

// Carries out what comes before this operation; true: it ended the process.
bool HostDisk::crashes(const std::string& file) {
  if (crashing_ || waiting_.empty()) return false;
  for (FaultKind kind : kBefore) {
    const std::optional<Fault> fault = take(kind, file);
    if (!fault) continue;
    const bool power = kind == FaultKind::PowerLoss || replaces_files(kind);
    const bool ends = power || kind == FaultKind::Kill;
    if (ends) crash(power);
    happen(*fault);
    if (ends) return true;
  }
  return false;
}

void HostDisk::crash(bool power) {
  crashing_ = true;
  const std::uint64_t process = process_;
  sink_.on_crash(power);
  CHECK(process_ != process);
  crashing_ = false;
}

// One sector of what was under way is half written: it is neither new nor old.
void HostDisk::tear(const Operation& operation) {
  FileImage* file = image_.find(operation.file);
  if (file == nullptr || operation.bytes.empty()) return;
  const std::uint64_t end = std::min(operation.offset + operation.bytes.size(), file->size());
  if (end <= operation.offset) return;
  const std::uint64_t sectors =
      (end - operation.offset + FileImage::kSector - 1) / FileImage::kSector;
  const std::uint64_t at = operation.offset + media_.below(sectors) * FileImage::kSector;
  Bytes sector = file->read(at, std::min(FileImage::kSector, end - at));
  for (char& byte : sector) byte = static_cast<char>(media_.next());
  file->write_through(at, sector);
}

void HostDisk::misdirect(const Operation& operation) {
  // The disk knows blocks, not files: any block of any file may be hit.
  std::uint64_t blocks = 0;
  for (const auto& [name, file] : image_.files()) blocks += file.size() / FileImage::kPage;
  if (blocks == 0) return;
  const bool same = media_.chance_ppm(500'000);
  std::uint64_t block = media_.below(blocks);
  std::string victim;
  for (const auto& [name, file] : image_.files()) {
    victim = name;
    const std::uint64_t count = file.size() / FileImage::kPage;
    if (block < count) break;
    block -= count;
  }
  FileImage* intended = image_.find(operation.file);
  if (same && intended != nullptr && intended->size() >= FileImage::kPage) {
    victim = operation.file;
    block = media_.below(intended->size() / FileImage::kPage);
  }
  FileImage* file = image_.find(victim);
  const std::uint64_t offset = block * FileImage::kPage;
  // At its own place it is no fault.
  if (victim == operation.file && offset == operation.offset) return store(operation);
  const std::uint64_t room = file->size() - offset;
  file->write_through(offset, std::string_view(operation.bytes).substr(0, room));
}

std::string HostDisk::some_file(FileClass in) {
  std::vector<std::string> candidates;
  for (const auto& [name, file] : image_.files())
    if (faults::in_class(name, in) && file.written_end() > 0) candidates.push_back(name);
  if (candidates.empty()) return {};
  return candidates[media_.below(candidates.size())];
}

void HostDisk::damage_file(const Fault& fault) {
  const std::string name = some_file(fault.file);
  if (name.empty()) return;
  count(fault.kind);
  if (fault.kind == FaultKind::LoseFile) return image_.remove(name);
  FileImage* file = image_.find(name);
  file->resize(media_.below(std::min(file->written_end(), file->size())));
  file->sync();
}

void HostDisk::rot(FileClass in) {
  const std::string name = some_file(in);
  if (name.empty()) return;
  FileImage* file = image_.find(name);
  const std::uint64_t end = std::min(file->written_end(), file->size());
  if (end == 0) return;
  std::uint64_t at = media_.below(end);
  // Heads of blocks say most, so every other time one of them is hit.
  if (media_.chance_ppm(500'000)) at -= at % FileImage::kPage - at % FileImage::kSector;
  Bytes byte = file->read(at, 1);
  byte[0] = static_cast<char>(byte[0] ^ (1 << media_.below(8)));
  file->write_through(at, byte);
  count(FaultKind::BitRot);
}

}  // namespace quorate::sim
