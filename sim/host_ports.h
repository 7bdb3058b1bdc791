#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "master/ports/ports.h"
#include "sim/node.h"
#include "sim/sim_disk.h"
#include "sim/time.h"
#include "sim/world.h"

namespace quorate::sim {

// Names and addresses of the simulated world.
class NameTable {
 public:
  void add(std::string name, Ipv4 ip) { names_[std::move(name)] = ip; }
  const std::map<std::string, Ipv4>& names() const { return names_; }

 private:
  std::map<std::string, Ipv4> names_;
};

// What the process told the world around it. Lines are kept only when somebody wants them.
struct ProcessNotes {
  bool ready = false;
  std::string status;
  LogLevel least = LogLevel::Debug;
  std::vector<std::string> log;  // the last lines, for reports
};

// The smaller ports of one host: clock, resolver, files, process. They serve one process at a time.
class HostPorts final : public Actor, public Clock, public Resolver, public Files, public Process {
 public:
  HostPorts(World& world, const HostClock& clock, const NameTable& names, const HostSpec& spec,
            EventSink& sink);

  void end_process();
  const ProcessNotes& notes() const { return notes_; }
  // What Files shows; a changed content is told to whoever watches it.
  void put_file(const std::string& path, Bytes content);

  // Faults. The clock runs otherwise from now on: alarms are set anew.
  void clock_changed();
  // Questions to the resolver are answered by an error, or so much later.
  void lose_names(bool lost) { names_lost_ = lost; }
  void slow_names(Duration by) { names_slower_ = by; }

  void act(const Task& task) override;

  void wake_at(MonoTime at) override;

  void resolve(ResolveTicket ticket, const std::string& host_name) override;
  void reverse(ResolveTicket ticket, Ipv4 ip) override;
  void own_name(ResolveTicket ticket) override;

  void read(FileTicket ticket, const std::string& path, std::uint64_t offset,
            std::uint64_t size) override;
  void watch(const std::string& path) override;

  [[noreturn]] void fail_fast(Exit exit, const std::string& why) override;
  [[noreturn]] void exit(Exit exit) override;
  void ready() override { notes_.ready = true; }
  void status(const std::string& text) override;
  void log(LogLevel level, std::string_view line) override;
  void set_log_level(LogLevel least) override { notes_.least = least; }
  void measure_host() override;
  void verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) override;

 private:
  enum Kind : std::uint32_t { kWake, kAnswer };
  void answer(Event event, Duration later = {});
  void answer_name(Resolved found);

  World& world_;
  const HostClock& clock_;
  const NameTable& names_;
  const HostSpec& spec_;
  EventSink& sink_;
  RandomStream delays_;
  MonoTime alarm_ = MonoTime::never();
  SimTime next_task_ = SimTime::never();  // the earliest wake task under way
  std::map<std::uint64_t, Event> answers_;
  std::uint64_t next_answer_ = 1;
  std::uint64_t process_ = 1;
  std::map<std::string, Bytes> files_;
  std::map<std::string, bool> watched_;
  ProcessNotes notes_;
  bool names_lost_ = false;
  Duration names_slower_;
};

}  // namespace quorate::sim
