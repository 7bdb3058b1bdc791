#pragma once

#include <cstddef>
#include <string>

#include "sim/probe_counts.h"

namespace quorate::sim {

// One piece of work after another, each leaving a code and a text.
class JobList {
 public:
  struct Outcome {
    int code = 0;
    std::string text;
    ProbeCounts probes = {};  // filled in by run_jobs(): what this piece of work reached
  };
  virtual ~JobList() = default;
  virtual std::size_t count() const = 0;
  virtual Outcome run(std::size_t index) = 0;
  // The process that ran this one was ended by a signal.
  virtual Outcome died(std::size_t index, int signal) = 0;
  // Called in the order of the work, in the calling process.
  virtual void done(std::size_t index, const Outcome& outcome) = 0;
};

// Runs all in `jobs` forked processes, never threads; 0: in this process, for a debugger. A process
// that dies costs only the piece of work that it had in hand.
void run_jobs(JobList& list, std::size_t jobs);

}  // namespace quorate::sim
