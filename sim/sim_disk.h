#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"
#include "sim/disk_image.h"
#include "sim/profile.h"
#include "sim/world.h"

namespace quorate::sim {

// Takes the answers of ports that belong to one process.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_answer(Event event) = 0;
  // A fault that waited for an operation of the disk ends the process now, and with `power` the
  // machine: the sink calls end_process() or lose_power() before it returns.
  virtual void on_crash(bool /*power*/) {}
};

// The disks of all hosts: one queue of operations each, carried out in order by one disk thread.
// It belongs to the host and serves one process at a time.
class HostDisk final : public Actor {
 public:
  HostDisk(World& world, const Profile& profile, EventSink& sink, std::string host_name);

  DiskImage& image() { return image_; }
  const DiskImage& image() const { return image_; }

  // Of faults/fault.h, the kinds of a disk, and Kill and PowerLoss with `after`. A fault of an
  // operation, and each with `after`, waits for it, also over restarts; the others happen now.
  // Those that replace the directory or a part of it (replaces_files) are for a disk without a
  // process, so end it first unless they wait. The targets are not looked at.
  void befall(const faults::Fault& fault);
  static bool replaces_files(faults::FaultKind kind);
  // What lies on the disk of another host takes the place of the directory. For a disk without a
  // process.
  void clone(const HostDisk& from);
  // What waits is called off, there is room again, and it is as fast as ever.
  void heal();
  bool full() const { return full_; }
  // How many of each kind were carried out; of bit rot only what found a file to rot in.
  const std::map<faults::FaultKind, std::uint64_t>& carried_out() const { return carried_out_; }

  // The process is gone. What the disk thread had not begun never happens; the page cache stays.
  void end_process();
  // The machine is gone, too: of what was not synced, some sectors are lost.
  void lose_power();

  void act(const Task& task) override;

 private:
  friend class SimDisk;
  enum TaskKind : std::uint32_t { kQueueTask = 1, kBirthTask = 2 };
  enum class Kind : std::uint8_t { Open, Read, Create, Write, Sync, Replace, Truncate, Remove };
  struct Operation {
    Kind kind = Kind::Open;
    DiskTicket ticket;
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    Bytes bytes;
    SimTime done_at;
  };

  void ask(Operation operation);
  void create_later(Operation operation);
  Duration duration_of(const Operation& operation);
  // The fault of such a kind whose turn an operation on this file is; none: it goes well. It
  // counts as carried out.
  std::optional<faults::Fault> due(faults::FaultKind kind, const std::string& file);
  std::optional<faults::Fault> take(faults::FaultKind kind, const std::string& file);
  void count(faults::FaultKind kind);
  void happen(const faults::Fault& fault);
  // Carries out what waited for this operation; true: it ended the process.
  bool crashes(const std::string& file);
  void crash(bool power);
  void store(const Operation& operation);
  void tear(const Operation& operation);
  void misdirect(const Operation& operation);
  void rot(faults::FileClass in);
  // A file of the class that was written to, drawn; empty: there is none.
  std::string some_file(faults::FileClass in);
  void damage_file(const faults::Fault& fault);
  void carry_out_until(SimTime time);
  void carry_out(Operation& operation);
  void open(const Operation& operation);
  void read(const Operation& operation);
  void write(const Operation& operation);
  void change(Operation& operation);
  void create(const Operation& operation);
  std::optional<DiskError> error(DiskErrorKind kind, std::string_view call, const std::string& file,
                                 std::string_view why) const;

  World& world_;
  const Profile& profile_;
  EventSink& sink_;
  std::string host_;
  RandomStream random_;
  RandomStream power_;
  DiskImage image_;
  std::deque<Operation> queue_;
  std::deque<Operation> births_;  // files that are being created, beside the queue
  SimTime busy_until_;
  std::optional<DiskError> broken_;  // the first failure of this process; it stays
  std::uint64_t process_ = 1;

  RandomStream media_;
  std::vector<faults::Fault> waiting_;
  std::map<faults::FaultKind, std::uint64_t> carried_out_;
  bool full_ = false;
  Duration slower_;                // each operation takes so much longer
  SimTime hung_until_;             // nothing is done before
  bool crashing_ = false;          // the process is being ended
  std::optional<Operation> torn_;  // under way when the power goes
  std::optional<DiskImage> copy_;
};

// The Disk port of one process.
class SimDisk final : public Disk {
 public:
  explicit SimDisk(HostDisk& disk) : disk_(disk) {}

  void open(DiskTicket ticket) override;
  void read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
            std::uint64_t size) override;
  void create(DiskTicket ticket, const std::string& file, std::uint64_t size) override;
  void write(const std::string& file, std::uint64_t offset, Bytes bytes) override;
  void sync(DiskTicket ticket, const std::string& file) override;
  void replace(DiskTicket ticket, const std::string& file, Bytes bytes) override;
  void truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) override;
  void remove(DiskTicket ticket, const std::string& file) override;

 private:
  HostDisk& disk_;
};

}  // namespace quorate::sim
