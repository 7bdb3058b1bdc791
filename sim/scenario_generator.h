#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::sim {

// What random scenarios stress. Each has its weights of fields of faults, worlds and stories:
// lan, wan, storm, disks, clocks, coordination, operators.
std::vector<std::string_view> campaign_profiles();

// A whole scenario as a person would write it, from (profile, seed): header, 1, 3 or 5 masters, a
// workload, phases of faults at given times, and after each the healing that `eventually` brings,
// with a bound. It is within the fault budget (faults/budget.h): one set of q - 1 masters, the same
// for the whole run, may lose its votes. Draws are keyed by phase and place. Of each seed some
// kinds are frequent and some never come.
//
// The caller guarantees that `profile` is one of campaign_profiles().
std::string generate_scenario(std::string_view profile, std::uint64_t seed);

}  // namespace quorate::sim
