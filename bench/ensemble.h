#pragma once

#include <string>
#include <vector>

#include "bench/child.h"
#include "bench/options.h"

namespace quorate::bench {

struct EnsembleOptions {
  std::string directory;  // exists; each replica gets one of its own in it
  std::uint32_t replicas = 3;
  Duration sync_delay;
  bool keep_all = false;  // no truncation
  bool verbose = false;
};

// What one replica holds.
struct Standing {
  std::uint64_t learned = 0;
  std::uint64_t entries = 0;
  std::string digest;               // of the applied entries
  std::uint64_t log_bytes = 0;      // as written, blank spares not counted
  std::uint64_t log_bytes_max = 0;  // that it ever had
  std::uint64_t segments = 0;
  std::uint64_t resident_bytes = 0;
};

// Replica processes of one log. The bench does for them what ZooKeeper does for masters: it says
// who the members are, and who leads. Every call waits for its answer, and names the replica that
// failed.
class Ensemble {
 public:
  explicit Ensemble(EnsembleOptions options) : options_(std::move(options)) {}

  // Starts one more replica. Its index is the next one.
  Result<void> start();
  // Starts one that has ended on the directory that it had.
  Result<void> restart(std::size_t index);
  // Its report that its log is open; to be waited for once after each start.
  Result<Line> wait_until_open(std::size_t index);
  // Starts all, introduces them to each other, waits until all vote and lets the first one lead.
  Result<void> form();

  std::size_t size() const { return members_.size(); }
  // Tells `index` that the members are `among`.
  void introduce(std::size_t index, const std::vector<std::size_t>& among);
  void introduce_all();
  Result<Line> wait_until_voting(std::size_t index);
  Result<Line> lead(std::size_t index);
  // Makes `count` appends of the leader and waits for the last outcome.
  Result<void> load(std::size_t leader, std::uint64_t depth, std::uint64_t size_bytes,
                    std::uint64_t count);
  void start_load(std::size_t leader, std::uint64_t depth, std::uint64_t size_bytes);
  Result<void> stop_load(std::size_t leader);
  Result<void> mark();
  // One answer of each replica.
  Result<std::vector<Line>> measure();
  Result<Standing> standing(std::size_t index);
  // Waits until each of these has learned what the first one has, and compares what they applied.
  Result<void> agree(const std::vector<std::size_t>& replicas);

  // Ends one in order, or at once.
  Result<void> leave(std::size_t index);
  void kill(std::size_t index) { members_[index].child.kill(); }
  Child& child(std::size_t index) { return members_[index].child; }
  std::string directory(std::size_t index) const;

 private:
  struct Member {
    Child child;
    std::string where;  // as the command `members` wants it
  };
  Result<Child> run(std::size_t index) const;

  EnsembleOptions options_;
  std::vector<Member> members_;
};

}  // namespace quorate::bench
