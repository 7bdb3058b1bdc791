#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario_runner.h"

namespace quorate::sim {

// What a failure is known by: a smaller scenario must fail in the same way. Of a safety violation
// the oracle ("durability"), of the others the step that was not met.
struct Signature {
  Verdict verdict = Verdict::Pass;
  std::string what;

  bool operator==(const Signature&) const = default;
};
Signature signature_of(Verdict verdict, std::string_view step, std::string_view text);
std::string to_text(const Signature& signature);

// What a run is said to have ended with whose process aborted.
inline constexpr std::string_view kBrokenInvariant = "an invariant is broken";

// Runs scenarios, one text each, with the seed of the failure. Of a text that has mistakes the
// verdict is ScenarioError.
class Trial {
 public:
  virtual ~Trial() = default;
  // In the order of the texts.
  virtual std::vector<Signature> run(const std::vector<std::string>& texts) = 0;
  // Shrinking ends as soon as this is true and gives what it has.
  virtual bool out_of_time() = 0;
  // Called after every round.
  virtual void progress(std::size_t events, std::uint64_t runs) = 0;
};

// What happens without one event that shrinking kept.
struct Need {
  std::string event;    // the line
  std::string without;  // "pass", or another way to fail
};

struct Shrunk {
  std::string text;
  bool reproduced = false;  // the text that was given fails as told; otherwise nothing was done
  bool minimal = false;     // no single event can be taken out any more
  std::uint64_t runs = 0;
  std::size_t events_before = 0;  // lines of the section, its masters not counted
  std::size_t events = 0;
  std::vector<Need> needs;
};

// The header and one section of a scenario that was parsed without a mistake from `text`.
std::string only_section(std::string_view text, const Scenario& scenario, std::size_t section);

// Delta debugging over the lines of events: halves, quarters, ... single lines, until no single
// line can be left out; then simpler values: fewer names, rounder times, no flags. Randomness is
// keyed, so leaving a line out moves no other draw. `batch`: how many texts are tried side by side.
// The scenario has one section.
Shrunk shrink(std::string_view text, const Signature& wanted, Trial& trial, std::size_t batch);

}  // namespace quorate::sim
