#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "sim/run_trace.h"
#include "sim/world.h"
#include "sim/zookeeper.h"

namespace quorate::sim {

// Turns what passes between ZooKeeper's clients and servers into messages of a RunTrace, each in a
// few words.
class ZkTrace final : public ZkTap {
 public:
  ZkTrace(RunTrace& trace, const World& world, Zookeeper& zookeeper);
  ~ZkTrace() override;

  void on_request(ZkConnectionId connection, Place from, Place to,
                  const ZkRequest& request) override;
  void on_message(ZkConnectionId connection, Place from, Place to,
                  const ZkMessage& message) override;
  void on_request_arrived(ZkConnectionId connection) override;
  void on_message_arrived(ZkConnectionId connection) override;

 private:
  using Flying = std::map<ZkConnectionId, std::deque<RunTrace::Id>>;
  void sent(std::deque<RunTrace::Id>& flying, TraceMessage message);
  void arrived(Flying& way, ZkConnectionId connection);

  RunTrace& trace_;
  const World& world_;
  Zookeeper& zookeeper_;
  Flying up_;
  Flying down_;
};

}  // namespace quorate::sim
