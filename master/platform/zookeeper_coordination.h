#pragma once

#include <memory>
#include <string>

#include "master/platform/event_loop.h"
#include "master/ports/coordination.h"
#include "master/ports/process.h"

namespace quorate::platform {

struct ZookeeperSettings {
  std::string servers;      // "host:port,host:port"
  std::string credentials;  // "user:password" for the digest scheme; empty: none
};

// The Coordination over libzookeeper_mt, one client handle for each SessionHandle. The library's
// threads only post events. Names of servers are resolved on a thread of the session; while that
// fails it is tried again every second.
//
// * Disconnected is reported only after Connected. While a session is not connected its calls are
//   answered ConnectionLoss at once; they have had no effect.
// * When a session expires or is closed, calls that were not answered are answered SessionExpired
// or
//   Closing, then the SessionState follows.
// * Lines of the library at warning level or worse go to the log, ten in ten seconds at most.
class ZookeeperCoordination final : public Coordination {
 public:
  // Both outlive this. `process` is used for log lines only; it must be thread-safe. At most one
  // ZookeeperCoordination of a process has its library's lines logged, the last one.
  ZookeeperCoordination(EventLoop& loop, Process& process, ZookeeperSettings settings);
  // Closes all sessions and waits for that, some seconds at most.
  ~ZookeeperCoordination() override;
  ZookeeperCoordination(const ZookeeperCoordination&) = delete;
  ZookeeperCoordination& operator=(const ZookeeperCoordination&) = delete;

  void open(SessionHandle handle, Duration session_timeout) override;
  void add_auth(SessionHandle handle, CoordinationTicket ticket) override;
  void close(SessionHandle handle) override;
  void create(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              const Bytes& data, CreateMode mode) override;
  void get(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           bool watch) override;
  void exists(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              bool watch) override;
  void children(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                bool watch) override;
  void set(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           const Bytes& data, std::int32_t version) override;
  void remove(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              std::int32_t version) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
