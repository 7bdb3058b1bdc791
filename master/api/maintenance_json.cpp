#include "master/api/maintenance_json.h"

#include <fmt/format.h>

#include <optional>

#include "master/base/json.h"
#include "master/base/text.h"

namespace quorate::api {
namespace {

// A value and where it stands in the body: "windows[2].machine_ids".
struct Spot {
  const Json* json = nullptr;
  std::string where;
};

Result<Spot> required(const Spot& parent, std::string_view name) {
  const Json* member = parent.json->find(name);
  std::string where =
      parent.where.empty() ? std::string(name) : parent.where + "." + std::string(name);
  if (member == nullptr) return failure(fmt::format("'{}' is missing", where));
  return Spot{member, std::move(where)};
}

Result<std::monostate> need_object(const Spot& spot) {
  if (spot.json->object() != nullptr) return std::monostate{};
  return failure(fmt::format("{} is not a JSON object",
                             spot.where.empty() ? "The body" : "'" + spot.where + "'"));
}

// Absent is as good as empty.
Result<std::vector<Spot>> items(const Spot& parent, std::string_view name) {
  std::vector<Spot> result;
  if (parent.json->find(name) == nullptr) return result;
  Result<Spot> spot = required(parent, name);
  const Json::Array* array = spot->json->array();
  if (array == nullptr) return failure(fmt::format("'{}' is not a JSON array", spot->where));
  for (const Json& item : *array)
    result.push_back({&item, fmt::format("{}[{}]", spot->where, result.size())});
  return result;
}

Result<std::optional<std::string>> optional_string(const Spot& parent, std::string_view name) {
  const Json* member = parent.json->find(name);
  if (member == nullptr) return std::optional<std::string>();
  if (member->string() == nullptr)
    return failure(fmt::format("'{}.{}' is not a string", parent.where, name));
  return std::optional<std::string>(*member->string());
}

std::optional<std::int64_t> whole_number(const Json& json) {
  if (json.integer() != nullptr) return *json.integer();
  if (json.string() != nullptr) return parse_i64(*json.string());
  if (json.real() == nullptr) return std::nullopt;
  double real = *json.real();
  // 2^63 itself has no int64.
  if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0)) return std::nullopt;
  auto whole = static_cast<std::int64_t>(real);
  if (static_cast<double>(whole) != real) return std::nullopt;
  return whole;
}

// {"nanoseconds": N}, of TimeInfo and DurationInfo.
Result<std::int64_t> nanoseconds(const Spot& parent, std::string_view name) {
  Result<Spot> info = required(parent, name);
  if (!info) return tl::unexpected(info.error());
  Result<std::monostate> object = need_object(*info);
  if (!object) return tl::unexpected(object.error());
  Result<Spot> spot = required(*info, "nanoseconds");
  if (!spot) return tl::unexpected(spot.error());
  std::optional<std::int64_t> number = whole_number(*spot->json);
  if (!number)
    return failure(
        fmt::format("'{}' is not a whole number of nanoseconds that fits 64 bits", spot->where));
  return *number;
}

Result<MachineId> machine_at(const Spot& spot) {
  Result<std::monostate> object = need_object(spot);
  if (!object) return tl::unexpected(object.error());
  Result<std::optional<std::string>> hostname = optional_string(spot, "hostname");
  if (!hostname) return tl::unexpected(hostname.error());
  Result<std::optional<std::string>> ip = optional_string(spot, "ip");
  if (!ip) return tl::unexpected(ip.error());
  Result<MachineId> id = machine_id(std::move(*hostname), *ip);
  if (!id) return failure(fmt::format("'{}': {}", spot.where, id.error().text));
  return id;
}

Result<Unavailability> unavailability_of(const Spot& window) {
  Result<Spot> spot = required(window, "unavailability");
  if (!spot) return tl::unexpected(spot.error());
  Result<std::monostate> object = need_object(*spot);
  if (!object) return tl::unexpected(object.error());
  Result<std::int64_t> start = nanoseconds(*spot, "start");
  if (!start) return tl::unexpected(start.error());

  Unavailability result{*start, std::nullopt};
  if (spot->json->find("duration") == nullptr) return result;
  Result<std::int64_t> duration = nanoseconds(*spot, "duration");
  if (!duration) return tl::unexpected(duration.error());
  result.duration_ns = *duration;
  return result;
}

Result<MaintenanceWindow> window_at(const Spot& spot) {
  Result<std::monostate> object = need_object(spot);
  if (!object) return tl::unexpected(object.error());
  MaintenanceWindow window;
  Result<std::vector<Spot>> machines = items(spot, "machine_ids");
  if (!machines) return tl::unexpected(machines.error());
  for (const Spot& each : *machines) {
    Result<MachineId> id = machine_at(each);
    if (!id) return tl::unexpected(id.error());
    window.machine_ids.push_back(std::move(*id));
  }
  Result<Unavailability> unavailability = unavailability_of(spot);
  if (!unavailability) return tl::unexpected(unavailability.error());
  window.unavailability = *unavailability;
  return window;
}

Result<Json> body_json(std::string_view text) {
  Result<Json> json = parse_json(text);
  if (!json) return failure("The body is " + json.error().text);
  return json;
}

void write_nanoseconds(JsonWriter& out, std::string_view name, std::int64_t ns) {
  out.key(name).begin_object().member_integer("nanoseconds", ns).end_object();
}

std::vector<MachineId> in_mode(const std::map<MachineId, MachineInfo>& machines, MachineMode mode) {
  std::vector<MachineId> result;
  for (const auto& [id, info] : machines)
    if (info.mode == mode) result.push_back(id);
  return result;
}

}  // namespace

Result<MaintenanceSchedule> parse_schedule(std::string_view text) {
  Result<Json> json = body_json(text);
  if (!json) return tl::unexpected(json.error());
  Spot root{&*json, ""};
  Result<std::monostate> object = need_object(root);
  if (!object) return tl::unexpected(object.error());
  Result<std::vector<Spot>> windows = items(root, "windows");
  if (!windows) return tl::unexpected(windows.error());

  MaintenanceSchedule schedule;
  for (const Spot& each : *windows) {
    Result<MaintenanceWindow> window = window_at(each);
    if (!window) return tl::unexpected(window.error());
    schedule.windows.push_back(std::move(*window));
  }
  return schedule;
}

std::string schedule_json(const MaintenanceSchedule& schedule) {
  JsonWriter out;
  out.begin_object();
  if (!schedule.windows.empty()) {
    out.key("windows").begin_array();
    for (const MaintenanceWindow& window : schedule.windows) {
      out.begin_object().key("machine_ids").begin_array();
      for (const MachineId& id : window.machine_ids) out.raw(to_text(id));
      out.end_array().key("unavailability").begin_object();
      if (window.unavailability.duration_ns)
        write_nanoseconds(out, "duration", *window.unavailability.duration_ns);
      write_nanoseconds(out, "start", window.unavailability.start_ns);
      out.end_object().end_object();
    }
    out.end_array();
  }
  return out.end_object().take();
}

Result<std::vector<MachineId>> parse_machine_ids(std::string_view text) {
  Result<Json> json = body_json(text);
  if (!json) return tl::unexpected(json.error());
  const Json::Array* array = json->array();
  if (array == nullptr) return failure("The body is not a JSON array of machines");

  std::vector<MachineId> ids;
  for (const Json& item : *array) {
    Result<MachineId> id = machine_at({&item, fmt::format("[{}]", ids.size())});
    if (!id) return tl::unexpected(id.error());
    ids.push_back(std::move(*id));
  }
  return ids;
}

std::string status_json(const std::map<MachineId, MachineInfo>& machines) {
  std::vector<MachineId> down = in_mode(machines, MachineMode::Down);
  std::vector<MachineId> draining = in_mode(machines, MachineMode::Draining);
  JsonWriter out;
  out.begin_object();
  if (!down.empty()) {
    out.key("down_machines").begin_array();
    for (const MachineId& id : down) out.raw(to_text(id));
    out.end_array();
  }
  if (!draining.empty()) {
    out.key("draining_machines").begin_array();
    for (const MachineId& id : draining) out.begin_object().key("id").raw(to_text(id)).end_object();
    out.end_array();
  }
  return out.end_object().take();
}

}  // namespace quorate::api
