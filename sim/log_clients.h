#pragma once

#include <cstdint>
#include <optional>

#include "sim/log_network.h"
#include "sim/world.h"

namespace quorate::sim {

// Clients that append to whoever thinks that it leads, also two at once: unique payloads, mostly
// small, some as large as they may be, one by one and in bursts of up to 256.
class LogClients final : public Actor {
 public:
  LogClients(World& world, LogNetwork& network);

  void start();
  void stop() { running_ = false; }
  // One append at a leader, now; nothing if nobody leads.
  std::optional<Bytes> append_one();

  void act(const Task& task) override;

 private:
  static constexpr std::size_t kWaitingMax = 512;  // at one leader

  LogHost* choose();
  Bytes payload(const LogHost& host);

  World& world_;
  LogNetwork& network_;
  RandomStream random_;
  bool running_ = false;
  std::uint64_t last_ = 0;
};

}  // namespace quorate::sim
