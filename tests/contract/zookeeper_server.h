#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "master/platform/recording_sink_test.h"
#include "tests/contract/tcp_link.h"

namespace quorate::contract {

// What `ci/zookeeper-server` needs and does not find. Tests run from the root of the sources.
std::optional<std::string> why_no_zookeeper();

// One real ZooKeeper 3.8 server on loopback, with a directory that vanishes with this. It begins
// from a snapshot with the node /overflow, whose count of children is almost used up.
class ZookeeperServer {
 public:
  ZookeeperServer();
  ~ZookeeperServer();
  ZookeeperServer(const ZookeeperServer&) = delete;
  ZookeeperServer& operator=(const ZookeeperServer&) = delete;

  // Returns when it answers.
  void start();
  void stop();

  const std::uint16_t port = free_port();

 private:
  platform::TemporaryDirectory directory_;
  pid_t pid_ = 0;
};

// The bytes of a snapshot file of ZooKeeper (FileSnap version 2): the usual first nodes, and
// `path`, of which `children_ever` children have been created.
std::string zookeeper_snapshot(const std::string& path, std::int32_t children_ever);

}  // namespace quorate::contract
