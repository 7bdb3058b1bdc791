#include "bench/load.h"

#include <cstring>

#include "master/base/check.h"

namespace quorate::bench {
namespace {

// No two entries are the same; their bytes are not all zeros, which a disk may not store.
Bytes payload(std::uint64_t number, std::size_t size_bytes) {
  Bytes bytes(size_bytes, 'q');
  std::memcpy(bytes.data(), &number, std::min(size_bytes, sizeof number));
  return bytes;
}

}  // namespace

void Load::start(const LoadPlan& plan) {
  CHECK(idle());
  CHECK(plan.depth > 0);
  plan_ = plan;
  left_ = plan.count == 0 ? UINT64_MAX : plan.count;
}

bool Load::fill(MonoTime now, replicated_log::ReplicatedLog& log) {
  bool any = false;
  while (left_ > 0 && outstanding_.size() < plan_.depth) {
    --left_;
    outstanding_.push_back({log.append(payload(++appended_, plan_.size_bytes)).value(), now});
    any = true;
  }
  return any;
}

bool Load::settle(MonoTime now, const replicated_log::AppendOutcome& outcome) {
  CHECK(!outstanding_.empty());
  CHECK(outstanding_.front().number == outcome.number);
  latencies_.add(now - outstanding_.front().since);
  outstanding_.pop_front();
  ++applied_;
  return outcome.outcome == replicated_log::Outcome::Applied;
}

void Load::mark() {
  latencies_.clear();
  applied_ = 0;
}

}  // namespace quorate::bench
