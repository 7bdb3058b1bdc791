#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "faults/fault.h"
#include "master/replicated_log/replicated_log.h"
#include "sim/log_oracle.h"
#include "sim/sim_disk.h"
#include "sim/time.h"
#include "sim/world.h"

namespace quorate::sim {

class LogHost;

// Told of what a host does.
class LogHostWatcher {
 public:
  virtual ~LogHostWatcher() = default;
  virtual void on_send(LogHost& from, const replicated_log::Envelope& envelope) = 0;
  virtual void on_log_event(LogHost& host, const replicated_log::LogEvent& event) = 0;
  // The program ended by itself with this exit code, or by a signal (137).
  virtual void on_end(LogHost& host, int code, const std::string& why) = 0;
  virtual void on_note(LogHost& host, const std::string& note) = 0;
};

// A machine with one replica of the log on a simulated disk, clocks of its own and a supervisor,
// and a state machine whose every step the oracle sees.
class LogHost final : public Actor, public EventSink {
 public:
  enum class State : std::uint8_t { Down, Running, Paused, Restarting };
  static constexpr int kKilled = 137;

  struct Options {
    std::string name;
    std::uint64_t number = 0;  // from 0
    replicated_log::Settings settings;
    bool repair_restarts = false;  // the supervisor starts again after 65
  };

  LogHost(World& world, const Profile& profile, LogOracle& oracle, LogHostWatcher& watcher,
          Options options);
  ~LogHost() override;

  const std::string& name() const { return options_.name; }
  std::uint64_t number() const { return options_.number; }
  State state() const { return state_; }
  bool running() const { return state_ == State::Running; }
  // Running, and the log is open.
  bool opened() const { return running() && log_->opened(); }
  HostDisk& disk() { return disk_; }
  const LogOracle::Reader& reader() const { return reader_; }
  std::size_t waiting() const { return appended_.size(); }
  std::uint64_t incarnation() const { return incarnation_; }
  // Valid while running.
  const replicated_log::ReplicatedLog& log() const { return *log_; }
  Now now() const { return clock_.read(world_.now()); }
  std::optional<int> last_exit() const { return last_exit_; }
  const std::string& last_why() const { return last_why_; }
  // Appends of all incarnations whose outcome was told to be unknown.
  std::uint64_t unknown() const { return unknown_; }
  // From the next start on.
  void set_quorum(std::uint32_t quorum) { options_.settings.quorum = quorum; }

  // Each is of no effect where it makes no sense.
  void start();
  void stop();  // SIGTERM: the last batch is proven, then it ends
  void kill();
  void lose_power();
  void pause();
  void resume();
  // Ends by itself, as after the loss of leadership.
  void leave(Exit exit, const std::string& why);
  void befall(const faults::Fault& fault);

  // Of the network and of ZooKeeper; while the program is paused they wait.
  void receive(ReplicaId from, Bytes message);
  void set_members(std::vector<ReplicaId> members);
  void lead();
  void step_down();
  // What changed bytes do: nothing.
  void receive_garbage(const Bytes& message);
  // Only while established; several, then flush() once.
  void append(Bytes payload);
  void flush() { pump(); }
  // Asks for a read barrier; what was acknowledged before must be here when it is confirmed.
  void confirm();

  void act(const Task& task) override;
  void on_answer(Event event) override;
  void on_crash(bool power) override;

 private:
  struct Message {
    ReplicaId from;
    Bytes bytes;
  };
  struct Members {
    std::vector<ReplicaId> ids;
  };
  struct Lead {};
  using Input = std::variant<Event, Message, Members, Lead>;

  void take(Input input);
  void handle(const Input& input);
  void handle_event(Now at, const Event& event);
  void pump();
  void apply(const replicated_log::ChosenEntry& entry);
  void set_alarm();
  void end(int code, const std::string& why, bool power);
  void supervise(int code);

  World& world_;
  LogOracle& oracle_;
  LogHostWatcher& watcher_;
  Options options_;
  HostClock clock_;
  RandomStream boots_;
  HostDisk disk_;
  SimDisk port_;

  State state_ = State::Down;
  std::uint64_t incarnation_ = 0;
  std::unique_ptr<replicated_log::ReplicatedLog> log_;
  LogOracle::Reader reader_;
  std::map<replicated_log::AppendNumber, Bytes> appended_;
  std::map<replicated_log::BarrierNumber, paxos::Position> barriers_;
  std::deque<Input> held_;  // while paused
  SimTime wakes_at_ = SimTime::never();
  std::optional<int> last_exit_;
  std::string last_why_;
  std::uint64_t unknown_ = 0;
};

}  // namespace quorate::sim
