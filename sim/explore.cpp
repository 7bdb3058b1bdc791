#include "sim/explore.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

constexpr std::uint64_t kAskEvery = 1 << 14;

Digest hash_of(const ExploreState& state) {
  return xxh3_128({reinterpret_cast<const char*>(&state), sizeof state});
}

// How a state was first reached, in the order of finding.
struct Reached {
  std::uint32_t from = 0;
  ExploreEvent event;
};

class Walk {
 public:
  // `remember`: so that path() is known.
  Walk(const ExploreSettings& settings, const Explore::GoOn& go_on, bool remember)
      : model_(settings), go_on_(go_on), remember_(remember) {}

  ExploreFound run() {
    frontier_.push_back(model_.initial());
    seen_.insert(hash_of(frontier_.front()));
    found_.progress.states = 1;
    if (remember_) reached_.emplace_back();
    found_.complete = true;
    while (!frontier_.empty() && level()) {
      first_ += static_cast<std::uint32_t>(frontier_.size());
      frontier_.clear();
      std::swap(frontier_, next_);
      if (!frontier_.empty()) ++found_.progress.depth;
    }
    tell();
    found_.parts = model_.parts();
    if (remember_ && !found_.violation.empty()) found_.path = path();
    return found_;
  }

 private:
  // All states of one depth; false: this is the end.
  bool level() {
    for (std::size_t i = 0; i < frontier_.size(); ++i)
      for (const ExploreStep& step : model_.next(frontier_[i]))
        if (!take(first_ + static_cast<std::uint32_t>(i), step)) return false;
    return true;
  }

  bool take(std::uint32_t from, const ExploreStep& step) {
    ++found_.progress.transitions;
    const bool broken = step.broken != 0;
    if (!broken && !seen_.insert(hash_of(step.state))) return true;

    if (remember_) reached_.push_back({from, step.event});
    if (broken) {
      found_.violation = model_.sentence(step.broken);
      found_.complete = false;
      ++found_.progress.depth;
      return false;
    }
    next_.push_back(step.state);
    if (++found_.progress.states % kAskEvery != 0) return true;
    found_.complete = tell();
    return found_.complete;
  }

  bool tell() {
    found_.progress.frontier = frontier_.size();
    found_.progress.bytes =
        seen_.bytes() + (frontier_.capacity() + next_.capacity()) * sizeof(ExploreState);
    return go_on_(found_.progress);
  }

  // To the state that was found last.
  std::vector<std::string> path() const {
    std::vector<std::string> events;
    for (std::size_t at = reached_.size() - 1; at != 0; at = reached_[at].from)
      events.push_back(model_.to_text(reached_[at].event));
    std::reverse(events.begin(), events.end());
    return events;
  }

  ExploreModel model_;
  const Explore::GoOn& go_on_;
  bool remember_;
  HashSet seen_;
  std::vector<ExploreState> frontier_, next_;
  std::uint32_t first_ = 0;  // the number of frontier_[0], in the order of finding
  std::vector<Reached> reached_;
  ExploreFound found_;
};

}  // namespace

ExploreFound Explore::run(const GoOn& go_on) {
  ExploreFound found = Walk(settings_, go_on, false).run();
  if (found.violation.empty()) return found;

  // The same again, which remembers how it came to each state.
  const GoOn to_the_end = [](const ExploreProgress&) { return true; };
  found.path = Walk(settings_, to_the_end, true).run().path;
  return found;
}

}  // namespace quorate::sim
