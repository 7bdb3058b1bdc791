#include "master/api/state_json.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "master/base/json.h"
#include "master/base/text.h"

namespace quorate::api {
namespace {

using Members = std::initializer_list<std::string_view>;

// Whole microseconds, as Mesos shows them.
double seconds(WallTime time) {
  std::int64_t microseconds = time.ns / 1000;
  return static_cast<double>(microseconds) / 1e6;
}

void write_optional(JsonWriter& out, std::string_view name,
                    const std::optional<std::string>& text) {
  if (text) out.member(name, *text);
}

void write_flag(JsonWriter& out, std::string_view name, const View& view) {
  auto at = view.flags->find(std::string(name));
  if (at != view.flags->end()) out.member(name, at->second);
}

void write_flags(JsonWriter& out, const View& view) {
  out.key("flags").begin_object();
  for (const auto& [name, value] : *view.flags) out.member(name, value);
  out.end_object();
}

void write_empty_arrays(JsonWriter& out, Members names) {
  for (std::string_view name : names) out.key(name).begin_array().end_array();
}

std::string empty_arrays(Members names) {
  JsonWriter out;
  out.begin_object();
  write_empty_arrays(out, names);
  return out.end_object().take();
}

void write_domain(JsonWriter& out, const MasterInfo& master) {
  if (!master.domain_json.empty()) out.key("domain").raw(master.domain_json);
}

void write_leader(JsonWriter& out, const MasterInfo& leader) {
  out.member("leader", leader.pid);
  out.key("leader_info").begin_object();
  out.member("id", leader.id).member("pid", leader.pid).member_integer("port", leader.port);
  out.member("hostname", leader.hostname);
  write_domain(out, leader);
  out.end_object();
}

void write_build(JsonWriter& out, const BuildInfo& build) {
  out.member("build_date", build.build_date);
  out.member_real("build_time", build.build_time_seconds);
  out.member("build_user", build.build_user);
}

std::set<std::string> whitelisted_roles(const View& view) {
  std::set<std::string> roles;
  auto at = view.flags->find("roles");
  if (at == view.flags->end()) return roles;
  roles.insert("*");
  for (const std::string& item : split(at->second, ',')) {
    std::string role(trim(item));
    while (!role.empty()) {
      roles.insert(role);
      std::size_t slash = role.rfind('/');
      role.resize(slash == std::string::npos ? 0 : slash);
    }
  }
  return roles;
}

void write_role(JsonWriter& out, const std::string& role) {
  out.begin_object().member("name", role).member_real("weight", 1.0);
  out.key("quota").begin_object().member("role", role);
  for (std::string_view name : {"guarantee", "limit", "consumed"})
    out.key(name).begin_object().end_object();
  out.end_object();
  for (std::string_view name : {"resources", "allocated", "offered", "reserved"})
    out.key(name).begin_object().end_object();
  write_empty_arrays(out, {"frameworks"});
  out.end_object();
}

}  // namespace

std::string state_json(const View& view) {
  const BuildInfo& build = *view.build;
  JsonWriter out;
  out.begin_object().member("version", build.version);
  write_optional(out, "git_sha", build.git_sha);
  write_optional(out, "git_branch", build.git_branch);
  write_optional(out, "git_tag", build.git_tag);
  write_build(out, build);
  out.member_real("start_time", seconds(view.started));
  if (view.elected) out.member_real("elected_time", seconds(*view.elected));
  out.member("id", view.self->id).member("pid", view.self->pid);
  out.member("hostname", view.self->hostname);
  out.key("capabilities").begin_array();
  out.string("AGENT_UPDATE").string("AGENT_DRAINING").string("QUOTA_V2").end_array();
  for (std::string_view name : {"activated_slaves", "deactivated_slaves", "unreachable_slaves"})
    out.member_real(name, 0.0);
  write_domain(out, *view.self);
  if (view.leader != nullptr) write_leader(out, *view.leader);
  for (std::string_view name : {"cluster", "log_dir", "external_log_file"})
    write_flag(out, name, view);
  write_flags(out, view);
  write_empty_arrays(out, {"slaves", "recovered_slaves", "frameworks", "completed_frameworks",
                           "orphan_tasks", "unregistered_frameworks"});
  return out.end_object().take();
}

std::string state_summary_json(const View& view) {
  JsonWriter out;
  out.begin_object().member("hostname", view.self->hostname);
  write_flag(out, "cluster", view);
  write_empty_arrays(out, {"slaves", "frameworks"});
  return out.end_object().take();
}

std::string slaves_json() { return empty_arrays({"slaves", "recovered_slaves"}); }

std::string frameworks_json() {
  return empty_arrays({"frameworks", "completed_frameworks", "unregistered_frameworks"});
}

std::string tasks_json() { return empty_arrays({"tasks"}); }

std::string roles_json(const View& view) {
  JsonWriter out;
  out.begin_object().key("roles").begin_array();
  for (const std::string& role : whitelisted_roles(view)) write_role(out, role);
  return out.end_array().end_object().take();
}

std::string flags_json(const View& view) {
  JsonWriter out;
  out.begin_object();
  write_flags(out, view);
  return out.end_object().take();
}

std::string version_json(const BuildInfo& build) {
  JsonWriter out;
  out.begin_object();
  write_build(out, build);
  write_optional(out, "git_branch", build.git_branch);
  write_optional(out, "git_sha", build.git_sha);
  write_optional(out, "git_tag", build.git_tag);
  return out.member("version", build.version).end_object().take();
}

std::string metrics_json(const View& view) {
  using Number = std::pair<std::string_view, double>;
  std::vector<Number> system;  // in the order of names, as the others are
  if (view.host)
    system = {{"system/cpus_total", view.host->cpus},
              {"system/load_15min", view.host->load_15min},
              {"system/load_1min", view.host->load_1min},
              {"system/load_5min", view.host->load_5min},
              {"system/mem_free_bytes", static_cast<double>(view.host->memory_free_bytes)},
              {"system/mem_total_bytes", static_cast<double>(view.host->memory_total_bytes)}};
  JsonWriter out;
  out.begin_object();
  auto next = system.begin();
  if (view.metrics != nullptr) {
    for (const auto& [name, value] : *view.metrics) {
      for (; next != system.end() && next->first < name; ++next)
        out.member_real(next->first, next->second);
      out.member_real(name, value);
    }
  }
  for (; next != system.end(); ++next) out.member_real(next->first, next->second);
  return out.end_object().take();
}

std::string system_stats_json(const View& view) {
  JsonWriter out;
  out.begin_object();
  if (view.host) {
    out.member_real("avg_load_15min", view.host->load_15min);
    out.member_real("avg_load_1min", view.host->load_1min);
    out.member_real("avg_load_5min", view.host->load_5min);
    out.member_integer("cpus_total", view.host->cpus);
    out.key("mem_free_bytes").unsigned_integer(view.host->memory_free_bytes);
    out.key("mem_total_bytes").unsigned_integer(view.host->memory_total_bytes);
  }
  return out.end_object().take();
}

}  // namespace quorate::api
