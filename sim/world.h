#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "master/base/random.h"
#include "sim/time.h"

namespace quorate::sim {

// What an actor asked to be woken for. Plain numbers: `kind` is the actor's own, `a` and `b` name
// things that the actor keeps. Nothing in the queue points into an incarnation.
struct Task {
  std::uint32_t kind = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

// Something in the world that tasks are for. It lives as long as the world.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual void act(const Task& task) = 0;
};

// Prints what happens, when somebody wants to see it.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void line(SimTime now, std::string_view who, std::string_view what) = 0;
};

// True time, the one queue of tasks keyed by (time, sequence), and the hash of all that happened.
// Virtual time jumps from task to task; nothing happens in between.
class World {
 public:
  explicit World(std::uint64_t seed) : seed_(seed), stream_seed_(seed) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  SimTime now() const { return now_; }
  std::uint64_t seed() const { return seed_; }
  // A keyed stream of this run's randomness. Each name is asked for once.
  RandomStream stream(std::string_view name) const { return RandomStream(stream_seed_, name); }
  // Streams that are asked for from now on are of another run, each `turn` its own: new
  // connections, sessions and boots. Those in use go on as they are.
  void reseed(std::uint64_t turn) { stream_seed_ = seed_ + 0x9e3779b97f4a7c15ull * (turn + 1); }

  // Not before now: a time that has passed counts as now. Tasks of equal time run in the order in
  // which they were asked for.
  void at(SimTime time, Actor& actor, Task task);
  void after(Duration delay, Actor& actor, Task task) { at(now_ + delay, actor, task); }

  // Carries out the next task if there is one not later than `limit`; otherwise time moves to
  // `limit` and the answer is false.
  bool step(SimTime limit);
  std::uint64_t steps() const { return steps_; }

  // The rolling 64-bit hash. Mixes in who, the present time and the bytes.
  void hash(std::uint64_t who, std::string_view bytes);
  std::uint64_t hash() const { return hash_; }
  // Counts events handed to masters: the figure that reports and benchmarks speak of.
  void count_event() { ++events_; }
  std::uint64_t events() const { return events_; }
  // Counts a fault at the moment when it has its effect: a write that is lost, a dial that is
  // refused. What was asked for and befell nobody does not count.
  void felt(faults::FaultKind kind) { ++faults_[kind]; }
  const std::map<faults::FaultKind, std::uint64_t>& faults_felt() const { return faults_; }

  // Not owned; nullptr: nobody looks, and nobody formats.
  Trace* trace = nullptr;

 private:
  // In the heap, of four children each, lie only keys; what they are for waits in its slot.
  struct Key {
    SimTime time;
    std::uint64_t sequence;
    std::uint32_t slot;
    bool operator<(const Key& other) const {
      return time != other.time ? time < other.time : sequence < other.sequence;
    }
  };
  struct Waiting {
    Actor* actor;
    Task task;
  };
  void push(Key key);
  Key pop();

  std::uint64_t seed_;
  std::uint64_t stream_seed_;
  SimTime now_;
  std::uint64_t sequence_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0;
  std::map<faults::FaultKind, std::uint64_t> faults_;
  std::vector<Key> heap_;
  std::vector<Waiting> waiting_;
  std::vector<std::uint32_t> free_;  // slots
};

}  // namespace quorate::sim
