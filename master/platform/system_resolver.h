#pragma once

#include "master/platform/event_loop.h"
#include "master/platform/worker_thread.h"
#include "master/ports/resolver.h"

namespace quorate::platform {

// The Resolver of the system (getaddrinfo, getnameinfo, gethostname), on a thread of its own.
class SystemResolver final : public Resolver {
 public:
  // The loop outlives the resolver.
  explicit SystemResolver(EventLoop& loop) : loop_(loop) {}

  // Addresses are sorted, each once. Four decimal parts need no name service.
  void resolve(ResolveTicket ticket, const std::string& host_name) override;
  // An address without a name is an error.
  void reverse(ResolveTicket ticket, Ipv4 ip) override;
  void own_name(ResolveTicket ticket) override;

 private:
  EventLoop& loop_;
  WorkerThread worker_;  // last: ends before what its jobs use
};

}  // namespace quorate::platform
