#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

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
};

// Faults that a scenario may put on a disk. Plain data; later issues add kinds.
struct DiskFaults {
  bool fail_sync = false;  // every sync is answered Io
  bool full = false;       // create and growing writes are answered Full
};

// The disks of all hosts: one queue of operations each, carried out in order by one disk thread.
// It belongs to the host and serves one process at a time.
class HostDisk final : public Actor {
 public:
  HostDisk(World& world, const Profile& profile, EventSink& sink, std::string host_name);

  DiskImage& image() { return image_; }
  const DiskImage& image() const { return image_; }
  DiskFaults faults;

  // The process is gone. What the disk thread had not begun never happens; the page cache stays.
  void end_process();
  // The machine is gone, too: of what was not synced, some sectors are lost.
  void lose_power();

  void act(const Task& task) override;

 private:
  friend class SimDisk;
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
