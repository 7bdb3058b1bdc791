#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "bench/histogram.h"
#include "master/replicated_log/replicated_log.h"

namespace quorate::bench {

struct LoadPlan {
  std::size_t depth = 1;
  std::size_t size_bytes = 256;
  std::uint64_t count = 0;  // how many appends; 0: until stop()
};

// A closed loop over the log of the leading replica: `depth` appends are outstanding at any time.
// Latency is taken from the call of append() until its outcome Applied is taken out of the log.
class Load {
 public:
  void start(const LoadPlan& plan);
  // Makes no further appends.
  void stop() { left_ = 0; }
  // Appends until `depth` are outstanding. True if there was any to make.
  bool fill(MonoTime now, replicated_log::ReplicatedLog& log);
  // False: the outcome is unknown, the leadership was lost.
  [[nodiscard]] bool settle(MonoTime now, const replicated_log::AppendOutcome& outcome);
  // What was started is over: nothing is outstanding, and nothing will be appended.
  bool idle() const { return left_ == 0 && outstanding_.empty(); }

  // Since mark().
  void mark();
  std::uint64_t applied() const { return applied_; }
  const Histogram& latencies() const { return latencies_; }

 private:
  struct Outstanding {
    replicated_log::AppendNumber number;
    MonoTime since;
  };

  LoadPlan plan_;
  std::uint64_t left_ = 0;
  std::uint64_t appended_ = 0;
  std::deque<Outstanding> outstanding_;  // outcomes come in the order of the appends
  Histogram latencies_;
  std::uint64_t applied_ = 0;
};

}  // namespace quorate::bench
