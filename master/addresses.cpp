#include "master/addresses.h"

namespace quorate {

SocketAddress listen_address(const Config& config) {
  return {config.ip.value_or(Ipv4{}), config.port};
}

AddressStep next_address_step(const Config& config, SocketAddress bound,
                              const AddressAnswers& answers) {
  SocketAddress advertised{config.advertise_ip.value_or(bound.ip),
                           config.advertise_port.value_or(bound.port)};

  if (advertised.ip.is_wildcard() && !config.advertise_ip) {
    if (!answers.own_name) return AskOwnName{};
    if (answers.own_name->error) {
      return Error{"cannot find out this host's name: " + *answers.own_name->error +
                   "; give --ip or --advertise_ip"};
    }
    if (!answers.own_ip) return AskOwnIp{answers.own_name->name};
    if (answers.own_ip->error || answers.own_ip->addresses.empty()) {
      return Error{"this host's name '" + answers.own_name->name + "' has no IPv4 address: " +
                   answers.own_ip->error.value_or("none found") + "; give --ip or --advertise_ip"};
    }
    advertised.ip = answers.own_ip->addresses.front();
  }

  if (config.hostname) return OwnAddress{advertised, *config.hostname};
  if (!config.hostname_lookup) return OwnAddress{advertised, to_text(advertised.ip)};
  if (!answers.reverse_name) return AskReverseName{advertised.ip};
  bool named = !answers.reverse_name->error && !answers.reverse_name->name.empty();
  return OwnAddress{advertised, named ? answers.reverse_name->name : to_text(advertised.ip)};
}

Result<void> check_advertised(SocketAddress own, const std::vector<Ipv4>& others) {
  if (!own.ip.is_loopback() && !own.ip.is_wildcard()) return {};
  for (Ipv4 other : others) {
    if (other.is_loopback() || other.is_wildcard()) continue;
    return failure("this master would tell others to find it at " + to_text(own) + ", which is a " +
                   (own.ip.is_loopback() ? "loopback" : "wildcard") +
                   " address, while ZooKeeper or another master is at " + to_text(other) +
                   ": agents and masters on other hosts would connect to themselves. Give --ip or "
                   "--advertise_ip an address of this host that they can reach");
  }
  return {};
}

}  // namespace quorate
