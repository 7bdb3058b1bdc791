#pragma once

#include <string>

#include "master/base/address.h"
#include "master/ports/ids.h"

namespace quorate {

// Names and addresses; IPv4 only. Each call is answered by one Resolved.
class Resolver {
 public:
  virtual ~Resolver() = default;

  virtual void resolve(ResolveTicket ticket, const std::string& host_name) = 0;
  virtual void reverse(ResolveTicket ticket, Ipv4 ip) = 0;
  // This host's own name, as gethostname tells it.
  virtual void own_name(ResolveTicket ticket) = 0;
};

}  // namespace quorate
