#include "sim/explore.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

constexpr std::uint64_t kAskEvery = 1 << 14;

Digest hash_of(const ExploreState& state) {
  return xxh3_128({reinterpret_cast<const char*>(&state), sizeof state});
}

}  // namespace

ExploreFound Explore::run(const GoOn& go_on) {
  ExploreFound found = search(go_on, nullptr);
  if (found.violation.empty()) return found;

  // The same search again, which remembers how it came to each state.
  std::vector<Reached> reached;
  found.path = search([](const ExploreProgress&) { return true; }, &reached).path;
  return found;
}

ExploreFound Explore::search(const GoOn& go_on, std::vector<Reached>* reached) {
  ExploreModel model(settings_);
  HashSet seen;
  ExploreFound found;
  ExploreProgress& progress = found.progress;
  std::vector<ExploreState> frontier{model.initial()}, next;
  seen.insert(hash_of(frontier.front()));
  progress.states = 1;
  if (reached != nullptr) reached->emplace_back();
  std::uint32_t first = 0;  // the number of frontier[0], in the order of finding
  const auto tell = [&] {
    progress.frontier = frontier.size();
    progress.bytes = seen.bytes() + (frontier.capacity() + next.capacity()) * sizeof(ExploreState);
    return go_on(progress);
  };
  while (!frontier.empty()) {
    for (std::size_t i = 0; i < frontier.size(); ++i) {
      for (const ExploreStep& step : model.next(frontier[i])) {
        ++progress.transitions;
        const bool fresh = step.broken != 0 || seen.insert(hash_of(step.state));
        if (!fresh) continue;
        if (reached != nullptr)
          reached->push_back({first + static_cast<std::uint32_t>(i), step.event});
        if (step.broken != 0) {
          found.violation = model.sentence(step.broken);
          ++progress.depth;
          break;
        }
        next.push_back(step.state);
        if (++progress.states % kAskEvery != 0 || tell()) continue;
        found.parts = model.parts();
        return found;
      }
      if (!found.violation.empty()) break;
    }
    if (!found.violation.empty()) break;
    first += static_cast<std::uint32_t>(frontier.size());
    frontier.clear();
    std::swap(frontier, next);
    if (!frontier.empty()) ++progress.depth;
  }
  found.complete = found.violation.empty();
  found.parts = model.parts();
  if (reached == nullptr || found.violation.empty()) return found;

  for (std::size_t at = reached->size() - 1; at != 0; at = (*reached)[at].from)
    found.path.push_back(model.to_text((*reached)[at].event));
  std::reverse(found.path.begin(), found.path.end());
  return found;
}

}  // namespace quorate::sim
