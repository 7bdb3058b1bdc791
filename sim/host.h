#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/fabric.h"
#include "sim/host_ports.h"
#include "sim/node.h"
#include "sim/recording.h"
#include "sim/sim_coordination.h"
#include "sim/sim_disk.h"
#include "sim/world.h"

namespace quorate::sim {

// How an incarnation ended.
struct ExitRecord {
  static constexpr int kKilled = 137;  // as a shell shows SIGKILL

  SimTime at;
  std::uint64_t incarnation = 0;
  int code = 0;
  std::string why;
};

// Told of the coming and going of processes: for oracles and expectations.
class HostWatcher {
 public:
  virtual ~HostWatcher() = default;
  virtual void on_exit(const class Host& host, const ExitRecord& exit) = 0;
  // The recorded events, given to a fresh node, had other effects.
  virtual void on_replay_difference(const class Host& host, const std::string& difference) = 0;
};

// Sees what happens to the processes of hosts: for pictures.
class HostTap {
 public:
  virtual ~HostTap() = default;
  virtual void on_start(const class Host& host) = 0;
  virtual void on_end(const class Host& host, const ExitRecord& exit) = 0;
  virtual void on_pause(const class Host& host, bool paused) = 0;
  // Before the process is given it.
  virtual void on_event(const class Host& host, const Event& event) = 0;
  // As recorded (recording.h), before it is carried out.
  virtual void on_call(const class Host& host, const Bytes& effect) = 0;
};

// What all hosts share; outlives them.
struct HostWorld {
  World& world;
  Links& links;
  const Profile& profile;
  Fabric& fabric;
  Zookeeper& zookeeper;
  const NameTable& names;
  NodeFactory& factory;
  HostWatcher& watcher;
};

struct HostOptions {
  bool supervised = true;  // restart by the table of design.md 8
  bool replay_check = true;
  bool hash_effects = true;  // false: an error that `quorate-sim selftest` plants
};

// A machine with one master program on it, its disk, its clocks and a supervisor. Everything that
// happens to the program and everything that it does is recorded and goes into the world's hash.
class Host final : public Actor, public Endpoint, public EventSink, public EffectSink {
 public:
  enum class State : std::uint8_t { Down, Running, Paused, Restarting };

  Host(HostWorld world, HostSpec spec, Place place, HostOptions options);
  ~Host() override;

  const HostSpec& spec() const { return spec_; }
  Place place() const { return place_; }
  State state() const { return state_; }
  bool running() const { return state_ == State::Running; }
  std::uint64_t incarnation() const { return incarnation_; }
  const std::vector<ExitRecord>& exits() const { return exits_; }
  const ProcessNotes& notes() const { return ports_.notes(); }
  // The program that runs or is paused; nullptr: none.
  const Node* node() const { return node_.get(); }
  HostDisk& disk() { return disk_; }
  const HostDisk& disk() const { return disk_; }
  HostClock& clock() { return clock_; }
  HostPorts& ports() { return ports_; }

  // Each is of no effect where it makes no sense (resume of what is not paused).
  void start();
  void stop();        // SIGTERM
  void kill();        // SIGKILL: the supervisor leaves it down until start()
  void lose_power();  // as kill, and what was not synced is partly lost
  void pause();       // SIGSTOP
  void resume();      // SIGCONT
  // Asks the program to end and starts it again when it did, with these flags in place of those of
  // the same names: "quorum=3".
  void restart(std::vector<std::string> flags);
  // As start(), with such flags.
  void start_with(const std::vector<std::string>& flags);

  // A fault of one host (faults/fault.h); of the kinds of programs, disks and clocks, all but
  // CloneDisk. The targets are not looked at.
  void befall(const faults::Fault& fault);
  // Disk, resolver and processor are well again, clocks run as true time; a paused program goes on.
  void heal();

  // Not owned; nullptr: nobody looks.
  HostTap* tap = nullptr;

  // At the end of a run: checks the recording of what still runs.
  void finish();

  void act(const Task& task) override;
  void on_network(Event event) override { on_answer(std::move(event)); }
  bool paused() const override { return state_ == State::Paused || busy(); }
  void on_answer(Event event) override;
  void on_crash(bool power) override { power ? lose_power() : kill(); }
  void on_effect(const Bytes& effect) override;

 private:
  enum TaskKind : std::uint32_t { kReboot, kFree };

  void boot();
  // A slow processor is at work on an event, or others wait for it.
  bool busy() const { return in_.world.now() < busy_until_ || !held_.empty(); }
  void take_next();
  void set_flags(const std::vector<std::string>& flags);
  void befall_clock(const faults::Fault& fault);
  void handle(const Event& event);
  void ended(int code, const std::string& why, bool power_lost);
  void supervise(int code);
  void check_recording();

  HostWorld in_;
  HostSpec spec_;
  Place place_;
  HostOptions options_;
  HostClock clock_;
  RandomStream boots_;
  HostDisk disk_;
  HostCoordination coordination_;
  HostPorts ports_;
  EndpointId endpoint_;
  SimNetwork network_;
  SimDisk disk_port_;
  SimCoordination coordination_port_;

  State state_ = State::Down;
  std::uint64_t incarnation_ = 0;
  std::unique_ptr<RecordingPorts> taps_;
  std::unique_ptr<Node> node_;
  std::optional<Recording> recording_;
  std::deque<Event> held_;  // while paused or busy
  Duration event_cost_;
  SimTime busy_until_;
  std::optional<std::vector<std::string>> restart_with_;  // when it has ended
  std::vector<ExitRecord> exits_;
};

}  // namespace quorate::sim
