#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/base/address.h"
#include "master/base/result.h"
#include "master/config.h"
#include "master/ports/event.h"

// Which address this master has, and tells to others (facts: mesos-http.md 11.1). Pure: what the
// resolver is asked and what it answered are values.

namespace quorate {

// What to listen at: --ip or every address, --port.
SocketAddress listen_address(const Config& config);

// Answers of the resolver so far, each the answer to what next_address_step asked for.
struct AddressAnswers {
  std::optional<Resolved> own_name;
  std::optional<Resolved> own_ip;
  std::optional<Resolved> reverse_name;
};

struct AskOwnName {};  // Resolver::own_name
struct AskOwnIp {
  std::string name;
};  // Resolver::resolve, the answer goes to own_ip
struct AskReverseName {
  Ipv4 ip;
};  // Resolver::reverse
struct OwnAddress {
  SocketAddress advertised;
  std::string hostname;
  bool operator==(const OwnAddress&) const = default;
};
// An Error ends the master with Exit::Configuration.
using AddressStep = std::variant<AskOwnName, AskOwnIp, AskReverseName, OwnAddress, Error>;

// What to ask next, or the own address when nothing is left to ask. `bound` is what Listening said.
AddressStep next_address_step(const Config& config, SocketAddress bound,
                              const AddressAnswers& answers);

// A loopback or wildcard address, told to others on other hosts, sends each of them to itself.
// `others` are addresses of ZooKeeper servers and of peers, as far as known. An error ends the
// master with Exit::Configuration.
Result<void> check_advertised(SocketAddress own, const std::vector<Ipv4>& others);

}  // namespace quorate
