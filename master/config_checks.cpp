#include <fmt/format.h>

#include <array>

#include "master/base/json.h"
#include "master/base/text.h"
#include "master/flag_values.h"

// What single flags must satisfy beyond their type, and what they must satisfy together.

namespace quorate::flags {
namespace {

using Problem = std::optional<std::string>;

struct Check {
  std::string_view name;
  Problem (*problem)(const Values&);
};

Problem positive(const Values& values, std::string_view name) {
  const Duration* value = values.get<Duration>(name);
  if (value == nullptr || value->ns > 0) return std::nullopt;
  return "must be longer than 0";
}

template <std::size_t N>
Problem one_of(const Values& values, std::string_view name,
               const std::array<std::string_view, N>& known) {
  std::optional<std::string> value = values.text(name);
  std::string list;
  for (std::string_view one : known) {
    if (!value || *value == one) return std::nullopt;
    list += (list.empty() ? "" : ", ") + std::string(one);
  }
  return fmt::format("'{}' is not one of: {}", *value, list);
}

Problem exactly_one_name(const Values& values, std::string_view name) {
  std::optional<std::string> value = values.text(name);
  if (!value || (!trim(*value).empty() && value->find(',') == std::string::npos)) {
    return std::nullopt;
  }
  return fmt::format("'{}' must be exactly one name", *value);
}

Problem not_empty(const Values& values, std::string_view name) {
  std::optional<std::string> value = values.text(name);
  return value && trim(*value).empty() ? Problem("is empty") : std::nullopt;
}

// "<whole number>/<duration>".
Problem rate(const Values& values) {
  std::optional<std::string> value = values.text("agent_removal_rate_limit");
  if (!value) return std::nullopt;
  std::size_t slash = value->find('/');
  if (slash != std::string::npos) {
    std::optional<std::uint64_t> count = parse_u64(value->substr(0, slash));
    Result<Duration> period = parse_duration(value->substr(slash + 1));
    if (count && *count > 0 && period && period->ns > 0) return std::nullopt;
  }
  return fmt::format("'{}' is not a rate such as 1/10mins", *value);
}

Problem percentage(const Values& values) {
  std::string value = values.text("recovery_agent_removal_limit").value_or("100%");
  if (value.ends_with('%')) {
    Result<Value> number = parse_value(Type::Real, value.substr(0, value.size() - 1));
    const double* real = number ? std::get_if<double>(&*number) : nullptr;
    if (real != nullptr && *real >= 0 && *real <= 100) return std::nullopt;
  }
  return fmt::format("'{}' is not a share of 0% to 100%", value);
}

bool is_role(std::string_view role) {
  if (role == "*") return true;
  if (role.empty() || role.front() == '/' || role.back() == '/') return false;
  for (const std::string& part : split(role, '/')) {
    if (part.empty() || part == "." || part == ".." || part == "*" || part.front() == '-') {
      return false;
    }
    if (part.find_first_of(" \t\n\v\f\r\b\x7f") != std::string::npos) return false;
  }
  return true;
}

Problem roles(const Values& values) {
  std::optional<std::string> value = values.text("roles");
  if (!value) return std::nullopt;
  for (const std::string& role : split(*value, ',')) {
    if (!is_role(role)) return fmt::format("'{}' is not the name of a role", role);
  }
  return std::nullopt;
}

Problem weights(const Values& values) {
  std::optional<std::string> value = values.text("weights");
  if (!value) return std::nullopt;
  for (const std::string& piece : split(*value, ',')) {
    std::size_t equals = piece.find('=');
    std::string role = piece.substr(0, equals);
    std::string number = equals == std::string::npos ? "" : piece.substr(equals + 1);
    Result<Value> weight = parse_value(Type::Real, number);
    if (!is_role(role) || !weight || std::get<double>(*weight) <= 0) {
      return fmt::format("'{}' is not role=weight with a weight above 0", piece);
    }
  }
  return std::nullopt;
}

Problem allocatable(const Values& values) {
  std::optional<std::string> value = values.text("min_allocatable_resources");
  if (!value || value->empty()) return std::nullopt;
  for (const std::string& set : split(*value, '|')) {
    for (const std::string& quantity : split(set, ';')) {
      std::size_t colon = quantity.find(':');
      bool named = colon != std::string::npos && colon > 0;
      if (!named || !parse_value(Type::Real, quantity.substr(colon + 1))) {
        return fmt::format("'{}' is not a resource quantity such as cpus:0.01", quantity);
      }
    }
  }
  return std::nullopt;
}

Problem domain(const Values& values) {
  std::optional<std::string> value = values.text("domain");
  if (!value) return std::nullopt;
  Result<Json> json = parse_json(*value);
  const Json* fault = json ? json->find("fault_domain") : nullptr;
  for (std::string_view part : {"region", "zone"}) {
    const Json* place = fault == nullptr ? nullptr : fault->find(part);
    const Json* name = place == nullptr ? nullptr : place->find("name");
    if (name == nullptr || name->string() == nullptr) {
      return fmt::format("\"fault_domain\" with a \"{}\" that has a \"name\" is needed", part);
    }
  }
  return std::nullopt;
}

Problem quorum(const Values& values) {
  const std::int64_t* value = values.get<std::int64_t>("quorum");
  if (value != nullptr && *value < 1) return "must be at least 1";
  bool needed = values.has("zk") && values.text("registry") != "in_memory";
  if (value == nullptr && needed) {
    return "is needed with --zk and the replicated log: more than half of the masters, as in "
           "--quorum=2 for three";
  }
  return std::nullopt;
}

Problem within(const Values& values, std::string_view name, Duration least, Duration most) {
  Duration value = values.duration(name);
  if (value >= least && value <= most) return std::nullopt;
  return fmt::format("{} is not within {}..{}", duration_text(value), duration_text(least),
                     duration_text(most));
}

Problem needs_credentials(const Values& values, std::string_view name) {
  if (!values.boolean(name) || values.has("credentials")) return std::nullopt;
  return "needs --credentials";
}

Problem election_module(const Values& values, std::string_view name, std::string_view other) {
  if (!values.has(name)) return std::nullopt;
  if (values.has("zk")) return "cannot be given together with --zk";
  if (!values.has(other)) return fmt::format("needs --{} as well", other);
  // Taken silently, each of three masters would elect itself.
  return "this master loads no modules, and without one it would lead alone; use --zk";
}

Problem at_least(const Values& values, std::string_view name, std::uint64_t least) {
  if (values.number(name) >= least) return std::nullopt;
  return fmt::format("{} is too small: at least {}", values.number(name), least);
}

Problem http_sizes(const Values& values) {
  return values.number("max_connections_per_address") > values.number("max_connections")
             ? Problem("must not be above --max_connections")
             : at_least(values, "max_connections_per_address", 1);
}

constexpr Duration kHour = Duration::minutes(60);

// By name: the first failure in this order is the one that is told.
const Check kChecks[] = {
    {"advertise_ip",
     [](const Values& v) -> Problem {
       const Ipv4* ip = v.get<Ipv4>("advertise_ip");
       return ip && ip->is_wildcard() ? Problem("0.0.0.0 can be reached by nobody") : std::nullopt;
     }},
    {"advertise_port",
     [](const Values& v) -> Problem {
       const std::uint64_t* port = v.get<std::uint64_t>("advertise_port");
       return port && *port == 0 ? Problem("must be 1..65535") : std::nullopt;
     }},
    {"agent_ping_timeout",
     [](const Values& v) {
       return within(v, "agent_ping_timeout", Duration::seconds(1), Duration::minutes(15));
     }},
    {"agent_removal_rate_limit", rate},
    {"agent_reregister_timeout",
     [](const Values& v) {
       return v.duration("agent_reregister_timeout") < Duration::minutes(10)
                  ? Problem("must be at least 10mins")
                  : std::nullopt;
     }},
    {"allocation_interval", [](const Values& v) { return positive(v, "allocation_interval"); }},
    {"authenticate_http_frameworks",
     [](const Values& v) -> Problem {
       bool needed = v.boolean("authenticate_http_frameworks");
       if (!needed || v.has("http_framework_authenticators")) return std::nullopt;
       return "needs --http_framework_authenticators";
     }},
    {"authenticate_http_readonly",
     [](const Values& v) { return needs_credentials(v, "authenticate_http_readonly"); }},
    {"authenticate_http_readwrite",
     [](const Values& v) { return needs_credentials(v, "authenticate_http_readwrite"); }},
    {"authenticators", [](const Values& v) { return exactly_one_name(v, "authenticators"); }},
    {"authorizers", [](const Values& v) { return exactly_one_name(v, "authorizers"); }},
    {"domain", domain},
    {"framework_sorter",
     [](const Values& v) {
       return one_of(v, "framework_sorter", std::array<std::string_view, 2>{"drf", "random"});
     }},
    {"hostname", [](const Values& v) { return not_empty(v, "hostname"); }},
    {"http_body_timeout",
     [](const Values& v) {
       return within(v, "http_body_timeout", Duration::milliseconds(1), kHour);
     }},
    {"http_header_timeout",
     [](const Values& v) {
       return within(v, "http_header_timeout", Duration::milliseconds(1), kHour);
     }},
    {"http_idle_timeout",
     [](const Values& v) {
       return within(v, "http_idle_timeout", Duration::milliseconds(1), kHour);
     }},
    {"http_max_header_size",
     [](const Values& v) { return at_least(v, "http_max_header_size", 1024); }},
    {"ip_discovery_command",
     [](const Values& v) -> Problem {
       if (!v.has("ip_discovery_command") || !v.has("ip")) return std::nullopt;
       return "cannot be given together with --ip";
     }},
    {"logging_level",
     [](const Values& v) {
       return one_of(v, "logging_level",
                     std::array<std::string_view, 3>{"INFO", "WARNING", "ERROR"});
     }},
    {"master_contender",
     [](const Values& v) { return election_module(v, "master_contender", "master_detector"); }},
    {"master_detector",
     [](const Values& v) { return election_module(v, "master_detector", "master_contender"); }},
    {"max_agent_ping_timeouts",
     [](const Values& v) { return at_least(v, "max_agent_ping_timeouts", 1); }},
    {"max_connections", [](const Values& v) { return at_least(v, "max_connections", 1); }},
    {"max_connections_per_address", http_sizes},
    {"min_allocatable_resources", allocatable},
    {"modules",
     [](const Values& v) -> Problem {
       if (!v.has("modules") || !v.has("modules_dir")) return std::nullopt;
       return "cannot be given together with --modules_dir";
     }},
    {"offer_timeout", [](const Values& v) { return positive(v, "offer_timeout"); }},
    {"quorum", quorum},
    {"recovery_agent_removal_limit", percentage},
    {"log_repair",
     [](const Values& v) {
       return one_of(v, "log_repair", std::array<std::string_view, 2>{"none", "peers"});
     }},
    {"record_limit", [](const Values& v) { return at_least(v, "record_limit", 1 << 20); }},
    {"registry",
     [](const Values& v) {
       return one_of(v, "registry",
                     std::array<std::string_view, 3>{"replicated_log", "log_storage", "in_memory"});
     }},
    {"registry_fetch_timeout",
     [](const Values& v) { return positive(v, "registry_fetch_timeout"); }},
    {"registry_store_timeout",
     [](const Values& v) { return positive(v, "registry_store_timeout"); }},
    {"registry_strict",
     [](const Values& v) -> Problem {
       return v.boolean("registry_strict") ? Problem("cannot be set to true") : std::nullopt;
     }},
    {"role_sorter",
     [](const Values& v) {
       return one_of(v, "role_sorter", std::array<std::string_view, 2>{"drf", "random"});
     }},
    {"roles", roles},
    {"weights", weights},
    {"work_dir",
     [](const Values& v) -> Problem {
       if (Problem empty = not_empty(v, "work_dir")) return empty;
       if (v.has("work_dir") || v.text("registry") == "in_memory") return std::nullopt;
       return "is needed with --registry=replicated_log: a directory that survives restarts";
     }},
    {"zk_session_timeout",
     [](const Values& v) { return within(v, "zk_session_timeout", Duration::seconds(1), kHour); }},
};

}  // namespace

Result<void> check(const Values& values) {
  for (const Check& one : kChecks) {
    if (Problem problem = one.problem(values)) {
      return failure(fmt::format("--{}: {}", one.name, *problem));
    }
  }
  return {};
}

}  // namespace quorate::flags
