#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "master/base/address.h"
#include "master/base/random.h"
#include "master/base/result.h"

namespace quorate {

// Who a master is, as it tells it to ZooKeeper, agents, frameworks and operators
// (mesos.MasterInfo). The capabilities AGENT_UPDATE, AGENT_DRAINING and QUOTA_V2 always go with it
// and are not kept here.
//
// Two values are equal exactly when Mesos takes them for the same master: id, ip, port, pid,
// hostname, version and domain agree.
struct MasterInfo {
  std::string id;           // UUID text, new at each start of a master
  Ipv4 ip;                  // advertised
  std::uint16_t port = 0;   // advertised
  std::string pid;          // "master@<ip>:<port>"
  std::string hostname;     // what redirects name; may be empty in what others publish
  std::string version;      // of Mesos, "1.12.0"; may be empty in what others publish
  std::string domain_json;  // DomainInfo as compact JSON, members in name order; empty: none

  bool operator==(const MasterInfo&) const = default;
};

// "master@<ip>:<port>".
std::string master_pid(SocketAddress advertised);

// The text that a contender puts into its node and that /state shows: one object, names in order,
// the ip both as text and as the number whose bytes in memory are the address (10.0.0.1 is
// 16777226).
std::string to_json(const MasterInfo& info);

// Reads what any Mesos master publishes: unknown names are ignored; id, ip and port are required; a
// missing pid is made from them. Anything else is an error that names the member.
Result<MasterInfo> parse_master_info(std::string_view json);

// A version 4 UUID, "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", from two draws.
std::string make_uuid(RandomStream& random);

}  // namespace quorate
