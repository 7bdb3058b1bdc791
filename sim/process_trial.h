#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/jobs.h"
#include "sim/shrink.h"

namespace quorate::sim {

// Runs scenarios of one section in processes, each with the same seed, so that one that breaks an
// invariant costs only itself.
class ProcessTrial final : public Trial {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    std::size_t jobs = 1;  // at least 1
    std::function<bool()> out_of_time = {};
    std::function<void(std::size_t events, std::uint64_t runs)> progress = {};
  };
  explicit ProcessTrial(Settings settings) : settings_(std::move(settings)) {}

  std::vector<Signature> run(const std::vector<std::string>& texts) override;
  bool out_of_time() override { return settings_.out_of_time && settings_.out_of_time(); }
  void progress(std::size_t events, std::uint64_t runs) override {
    if (settings_.progress) settings_.progress(events, runs);
  }

 private:
  Settings settings_;
};

// Parses the text and runs its first section on `factory`.
Signature try_scenario(const std::string& text, std::uint64_t seed, NodeFactory& factory);

}  // namespace quorate::sim
