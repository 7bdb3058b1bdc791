#include "master/values/master_info.h"

#include <limits>
#include <optional>

#include "master/base/bytes.h"
#include "master/base/json.h"

namespace quorate {
namespace {

// Mesos publishes the address as it lies in memory in network order, read as a little-endian
// number.
std::uint32_t reversed(std::uint32_t number) {
  return (number >> 24) | ((number >> 8) & 0xff00u) | ((number << 8) & 0xff0000u) | (number << 24);
}

Result<std::string> required_string(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  if (member == nullptr) return failure("MasterInfo: \"" + std::string(name) + "\" is missing");
  if (member->string() == nullptr) {
    return failure("MasterInfo: \"" + std::string(name) + "\" is not a string");
  }
  return *member->string();
}

Result<std::string> optional_string(const Json& object, std::string_view name) {
  if (object.find(name) == nullptr) return std::string();
  return required_string(object, name);
}

Result<std::uint32_t> required_number(const Json& object, std::string_view name,
                                      std::uint32_t most) {
  const Json* member = object.find(name);
  if (member == nullptr) return failure("MasterInfo: \"" + std::string(name) + "\" is missing");
  const std::int64_t* number = member->integer();
  if (number == nullptr || *number < 0 || *number > most) {
    return failure("MasterInfo: \"" + std::string(name) + "\" is not a whole number of 0.." +
                   std::to_string(most));
  }
  return static_cast<std::uint32_t>(*number);
}

Result<std::string> domain_of(const Json& object) {
  const Json* domain = object.find("domain");
  if (domain == nullptr) return std::string();
  if (domain->object() == nullptr) return failure("MasterInfo: \"domain\" is not an object");
  return json_text(*domain);
}

}  // namespace

std::string master_pid(SocketAddress advertised) { return "master@" + to_text(advertised); }

std::string to_json(const MasterInfo& info) {
  JsonWriter json;
  json.begin_object();
  json.key("address").begin_object();
  json.member("hostname", info.hostname);
  json.member("ip", to_text(info.ip));
  json.member_integer("port", info.port);
  json.end_object();
  json.key("capabilities").begin_array();
  for (const char* type : {"AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"}) {
    json.begin_object().member("type", type).end_object();
  }
  json.end_array();
  if (!info.domain_json.empty()) json.key("domain").raw(info.domain_json);
  json.member("hostname", info.hostname);
  json.member("id", info.id);
  json.member_integer("ip", reversed(info.ip.number));
  json.member("pid", info.pid);
  json.member_integer("port", info.port);
  json.member("version", info.version);
  json.end_object();
  return json.take();
}

Result<MasterInfo> parse_master_info(std::string_view json) {
  Result<Json> parsed = parse_json(json);
  if (!parsed) return failure("MasterInfo is not JSON: " + parsed.error().text);
  if (parsed->object() == nullptr) return failure("MasterInfo: not a JSON object");

  Result<std::string> id = required_string(*parsed, "id");
  if (!id) return tl::unexpected(id.error());
  Result<std::uint32_t> ip =
      required_number(*parsed, "ip", std::numeric_limits<std::uint32_t>::max());
  if (!ip) return tl::unexpected(ip.error());
  Result<std::uint32_t> port =
      required_number(*parsed, "port", std::numeric_limits<std::uint16_t>::max());
  if (!port) return tl::unexpected(port.error());
  Result<std::string> pid = optional_string(*parsed, "pid");
  if (!pid) return tl::unexpected(pid.error());
  Result<std::string> hostname = optional_string(*parsed, "hostname");
  if (!hostname) return tl::unexpected(hostname.error());
  Result<std::string> version = optional_string(*parsed, "version");
  if (!version) return tl::unexpected(version.error());
  Result<std::string> domain = domain_of(*parsed);
  if (!domain) return tl::unexpected(domain.error());

  MasterInfo info{.id = std::move(*id),
                  .ip = Ipv4{reversed(*ip)},
                  .port = static_cast<std::uint16_t>(*port),
                  .pid = std::move(*pid),
                  .hostname = std::move(*hostname),
                  .version = std::move(*version),
                  .domain_json = std::move(*domain)};
  if (info.pid.empty()) info.pid = master_pid({info.ip, info.port});
  return info;
}

std::string make_uuid(RandomStream& random) {
  std::uint64_t high = random.next();
  std::uint64_t low = random.next();
  high = (high & ~0xf000ull) | 0x4000ull;          // version 4
  low = (low & ~(0x3ull << 62)) | (0x2ull << 62);  // variant 1
  std::string digits = hex(high) + hex(low);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

}  // namespace quorate
