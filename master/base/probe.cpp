#include "master/base/probe.h"

#include <array>

namespace quorate {
namespace {

constexpr std::array kDescriptions = {
#define QUORATE_PROBE(room, name, sentence) ProbeDescription{Probe::name, #room, #name, sentence},
    QUORATE_PROBES(QUORATE_PROBE)
#undef QUORATE_PROBE
};

}  // namespace

std::span<const ProbeDescription> probe_descriptions() { return kDescriptions; }

}  // namespace quorate
