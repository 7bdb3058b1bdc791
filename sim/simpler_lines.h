#pragma once

#include <string>
#include <vector>

namespace quorate::sim {

// Simpler forms of one line of a scenario, the simplest first; each is strictly simpler, so taking
// one after another comes to an end. Some may be mistakes: whoever tries them finds out.

// Of a step: a time in whole multiples of 10 s, of 1 s, of 100 ms; one name less; no `after N`, no
// `in CLASS`.
std::vector<std::string> simpler_steps(const std::string& line);
// Of a header or the masters: the profile lan, one ZooKeeper server, one flag less.
std::vector<std::string> simpler_headers(const std::string& line);

}  // namespace quorate::sim
