#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "master/base/probe_list.h"

// Probes: named rare states of the protocol, so that a campaign can say which of them its faults
// have reached. A probe is one line where the rare thing happens:
//
//   if (table.learned() < table.end()) probe(Probe::PromiseReportsVotes);
//
// It changes nothing, and costs a load and a branch that is never taken.

namespace quorate {

enum class Probe : std::uint16_t {
#define QUORATE_PROBE(room, name, sentence) name,
  QUORATE_PROBES(QUORATE_PROBE)
#undef QUORATE_PROBE
};

// Its definition is in the simulator (sim/probe_counts.cpp). No other program has one, so there the
// address is null: a weak reference takes nothing out of an archive. The core itself holds no
// counter, and is the same object code in every program.
[[gnu::weak]] void count_probe(Probe reached);

inline void probe(Probe reached) {
  if (count_probe != nullptr) count_probe(reached);
}

// What a probe is, for people.
struct ProbeDescription {
  Probe probe;
  std::string_view room;  // a folder of master/ or a part of it; "serving": what joins the rooms
  std::string_view name;
  std::string_view sentence;
};
// All of them; [i] is of the probe with the number i.
std::span<const ProbeDescription> probe_descriptions();

}  // namespace quorate
