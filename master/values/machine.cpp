#include "master/values/machine.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/json.h"

namespace quorate {
namespace {

unsigned char lower(char c) {
  bool upper_case = c >= 'A' && c <= 'Z';
  return static_cast<unsigned char>(upper_case ? c - 'A' + 'a' : c);
}

std::weak_ordering order_of_hostnames(const std::optional<std::string>& a,
                                      const std::optional<std::string>& b) {
  if (!a || !b) return a.has_value() <=> b.has_value();
  // Without a lowered copy: schedules of many thousand machines are sorted by this.
  return std::lexicographical_compare_three_way(
      a->begin(), a->end(), b->begin(), b->end(),
      [](char x, char y) { return lower(x) <=> lower(y); });
}

}  // namespace

std::weak_ordering MachineId::operator<=>(const MachineId& other) const {
  std::weak_ordering by_hostname = order_of_hostnames(hostname, other.hostname);
  return by_hostname != 0 ? by_hostname : std::weak_ordering(ip <=> other.ip);
}

Result<MachineId> machine_id(std::optional<std::string> hostname,
                             const std::optional<std::string>& ip) {
  bool without_hostname = !hostname || hostname->empty();
  bool without_ip = !ip || ip->empty();
  if (without_hostname && without_ip) {
    return failure("A machine has neither a hostname nor an ip; name it by at least one of them");
  }
  MachineId id{std::move(hostname), std::nullopt};
  if (!ip) return id;

  id.ip = parse_ipv4(*ip);
  if (!id.ip) {
    JsonWriter quoted;
    quoted.string(*ip);
    return failure("The machine ip " + quoted.take() +
                   " is not an IPv4 address; write four numbers, as in 10.0.0.1");
  }
  return id;
}

std::string to_text(const MachineId& id) {
  JsonWriter out;
  out.begin_object();
  if (id.hostname) out.member("hostname", *id.hostname);
  if (id.ip) out.member("ip", to_text(*id.ip));
  out.end_object();
  return out.take();
}

std::string_view to_text(MachineMode mode) {
  switch (mode) {
    case MachineMode::Up: return "UP";
    case MachineMode::Draining: return "DRAINING";
    case MachineMode::Down: return "DOWN";
  }
  CHECK(false);
  return "";
}

}  // namespace quorate
