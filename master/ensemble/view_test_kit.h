#pragma once

#include <string>
#include <utility>
#include <vector>

#include "master/ensemble/view.h"

// Ensembles for tests: replica n lives at 10.0.0.n:5050, is alive and caught up to position 1000,
// and was started with a --quorum that fits the record. Replica 1 leads.

namespace quorate::ensemble::kit {

inline const EnsembleId kX{1, 1};
inline const EnsembleId kY{2, 2};

inline std::string address(std::uint64_t id) { return "10.0.0." + std::to_string(id) + ":5050"; }

inline MastersList masters(const std::vector<std::uint64_t>& ids) {
  std::string text;
  for (std::uint64_t id : ids) text += (text.empty() ? "" : ",") + address(id);
  return *parse_masters(text);
}

inline Node node(std::uint64_t id, Flags flags) {
  return {.replica = ReplicaId(id),
          .address = address(id),
          .empty = false,
          .ensemble = kX,
          .mode = Mode::Recorded,
          .flags = std::move(flags),
          .silent = {},
          .held = paxos::Position(1000),
          .chain_agrees = true,
          .clone = false};
}

// One that just started on an empty disk.
inline Node newcomer(std::uint64_t id, Flags flags) {
  Node fresh = node(id, std::move(flags));
  fresh.empty = true;
  fresh.ensemble = {};
  fresh.held = {};
  return fresh;
}

inline EnsembleView ensemble_of(const std::vector<std::uint64_t>& ids) {
  EnsembleView view;
  view.ensemble = kX;
  view.configuration.epoch = 4;
  view.self = ReplicaId(ids.front());
  view.chosen = paxos::Position(1000);
  for (std::uint64_t id : ids) {
    view.configuration.members.push_back({ReplicaId(id), address(id)});
    view.nodes.push_back(node(id, {static_cast<std::int64_t>(ids.size() + 1) / 2, {}}));
  }
  return view;
}

inline Node& at(EnsembleView& view, std::uint64_t id) {
  for (Node& each : view.nodes)
    if (each.replica == ReplicaId(id)) return each;
  view.nodes.push_back(newcomer(id, {}));
  return view.nodes.back();
}

inline void give_flags(EnsembleView& view, const std::vector<std::uint64_t>& ids,
                       const Flags& flags) {
  for (std::uint64_t id : ids) at(view, id).flags = flags;
}

inline void let_learn(EnsembleView& view, std::uint64_t id) {
  Node& learner = at(view, id);
  learner.empty = false;
  learner.ensemble = view.ensemble;
  learner.held = view.chosen;
}

inline void silence(EnsembleView& view, std::uint64_t id, std::int64_t seconds) {
  at(view, id).silent = Duration::seconds(seconds);
}

}  // namespace quorate::ensemble::kit
