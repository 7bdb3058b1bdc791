#include "master/config.h"

#include <fmt/format.h>

#include "master/base/text.h"
#include "master/flag_values.h"

namespace quorate {
namespace {

using flags::Flag;
using flags::Status;
using flags::Type;
using flags::Value;
using flags::Values;

constexpr std::string_view kFile = "file://";

// One flag as it was given.
struct Given {
  const Flag* flag = nullptr;
  std::string name;   // in lower case, without "no-": the flag's name or its alias
  std::string where;  // "--quorum" or "MESOS_QUORUM", for messages
  std::string text;
  bool negated = false;
};
using AllGiven = std::map<std::string_view, Given>;  // by the flag's name

// nullopt: no such flag.
std::optional<Given> recognise(std::string_view written, std::string where) {
  Given given{.flag = nullptr, .name = lower(written), .where = std::move(where), .text = {}};
  given.flag = flags::find(given.name);
  if (given.flag == nullptr && given.name.starts_with("no-")) {
    given.name.erase(0, 3);
    given.flag = flags::find(given.name);
    given.negated = true;
  }
  if (given.flag == nullptr) return std::nullopt;
  return given;
}

Error unknown_flag(const std::string& name) {
  std::string text = fmt::format("unknown flag --{}", name);
  std::string near = flags::nearest(lower(name));
  if (!near.empty()) text += fmt::format("; did you mean --{}?", near);
  return Error{std::move(text)};
}

// What a negated or valueless flag means is settled here, so that below there is only text.
Result<void> settle_text(Given& given, const std::optional<std::string>& text) {
  if (given.flag->type == Type::Bool) {
    if (!given.negated) {
      given.text = text.value_or("");
    } else if (text && !text->empty()) {
      return failure(fmt::format("{}: a flag with 'no-' takes no value", given.where));
    } else {
      given.text = "false";
    }
    return {};
  }
  if (given.negated) {
    return failure(fmt::format("{}: only flags of type bool can be negated, --{} is of type {}",
                               given.where, given.flag->name, to_text(given.flag->type)));
  }
  if (!text) {
    return failure(fmt::format("{}: a value is missing; write {}=<{}>", given.where, given.where,
                               to_text(given.flag->type)));
  }
  given.text = *text;
  return {};
}

Result<void> add_arguments(const std::vector<std::string>& arguments, AllGiven& all,
                           std::vector<std::string>& warnings) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--")) {
      warnings.push_back(
          fmt::format("argument '{}' is ignored: flags are written --name=value", argument));
      continue;
    }
    std::size_t equals = argument.find('=');
    std::string written = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::optional<std::string> text;
    if (equals != std::string::npos) text = argument.substr(equals + 1);

    std::optional<Given> given = recognise(written, "--" + written);
    if (!given) return tl::unexpected(unknown_flag(written));
    if (auto settled = settle_text(*given, text); !settled) return settled;
    auto [earlier, fresh] = all.emplace(given->flag->name, *given);
    if (!fresh) {
      return failure(given->where == earlier->second.where
                         ? fmt::format("{} is given twice", given->where)
                         : fmt::format("{} and {} are the same flag, given twice",
                                       earlier->second.where, given->where));
    }
  }
  return {};
}

// The environment gives way to the command line, flag by flag.
Result<void> add_environment(const std::map<std::string, std::string>& environment, AllGiven& all) {
  constexpr std::string_view kPrefix = "MESOS_";
  AllGiven found;
  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    std::optional<Given> given = recognise(variable.substr(kPrefix.size()), variable);
    if (!given || all.contains(given->flag->name)) continue;
    if (auto settled = settle_text(*given, text); !settled) return settled;
    auto [earlier, fresh] = found.emplace(given->flag->name, *given);
    if (!fresh) {
      return failure(fmt::format("{} and {} are the same flag, given twice", earlier->second.where,
                                 given->where));
    }
  }
  all.merge(found);
  return {};
}

// Puts a file's content in place of its name, where the type has that.
Result<std::string> content(const Given& given, ReadFile read_file,
                            std::vector<std::string>& warnings) {
  std::string path;
  if (given.flag->type == Type::Path) return given.text;
  if (given.text.starts_with(kFile)) {
    path = given.text.substr(kFile.size());
  } else if (given.flag->type == Type::Json && given.text.starts_with('/')) {
    path = given.text;
    warnings.push_back(
        fmt::format("{}: a bare path is deprecated, write file://{}", given.where, path));
  } else {
    return given.text;
  }
  Result<std::string> read = read_file(path);
  if (!read) return failure(fmt::format("{}: {}", given.where, read.error().text));
  // Files end with a new line, values do not.
  return std::string(trim(*read));
}

void warn_of(const Given& given, std::vector<std::string>& warnings) {
  if (given.name != given.flag->name) {
    warnings.push_back(fmt::format("{} is deprecated, use --{}", given.where, given.flag->name));
  }
  if (given.flag->status == Status::Accepted) {
    warnings.push_back(fmt::format("{} has no effect yet: --{} is accepted but not acted on",
                                   given.where, given.flag->name));
  }
}

Result<Values> load(const AllGiven& all, ReadFile read_file, Config& config) {
  Values values;
  for (const flags::Group& group : flags::groups()) {
    for (const Flag& flag : group.flags) {
      if (flag.default_text.empty()) continue;
      Result<Value> value = flags::parse_value(flag.type, std::string(flag.default_text));
      if (!value)
        return failure(fmt::format("--{}: its default: {}", flag.name, value.error().text));
      config.shown.emplace(flag.name, shown_value(flag.type, *value));
      values.set(flag.name, std::move(*value));
    }
  }
  std::map<std::string_view, const Given*> by_written_name;
  for (const auto& [name, given] : all) by_written_name.emplace(given.name, &given);

  for (const auto& [name, given] : by_written_name) {
    Result<std::string> text = content(*given, read_file, config.warnings);
    if (!text) return tl::unexpected(text.error());
    Result<Value> value = flags::parse_value(given->flag->type, *text);
    if (!value) return failure(fmt::format("{}: {}", given->where, value.error().text));
    warn_of(*given, config.warnings);
    bool secret_file = given->flag->type == Type::ZkUrl && given->text.starts_with(kFile);
    config.shown.erase(std::string(given->flag->name));
    config.shown.emplace(name, secret_file ? given->text : shown_value(given->flag->type, *value));
    values.set(given->flag->name, std::move(*value));
  }
  return values;
}

template <typename T>
std::optional<T> optional_of(const Values& values, std::string_view name) {
  const T* value = values.get<T>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

void fill_addresses(const Values& values, Config& config) {
  config.ip = optional_of<Ipv4>(values, "ip");
  config.port = static_cast<std::uint16_t>(values.number("port"));
  config.advertise_ip = optional_of<Ipv4>(values, "advertise_ip");
  if (values.has("advertise_port")) {
    config.advertise_port = static_cast<std::uint16_t>(values.number("advertise_port"));
  }
  config.hostname = values.text("hostname");
  config.hostname_lookup = values.boolean("hostname_lookup");
}

void fill_log_and_registry(const Values& values, Config& config) {
  config.zk_session_timeout = values.duration("zk_session_timeout");
  bool in_memory = values.text("registry") == "in_memory";
  config.registry = in_memory ? RegistryKind::InMemory : RegistryKind::ReplicatedLog;
  const std::int64_t* quorum = values.get<std::int64_t>("quorum");
  if (quorum != nullptr && config.zk) config.quorum = static_cast<std::uint32_t>(*quorum);
  config.work_dir = values.text("work_dir").value_or("");
  config.log_auto_initialize = values.boolean("log_auto_initialize");
  config.log_repair_peers = values.text("log_repair") == "peers";
  config.registry_fetch_timeout = values.duration("registry_fetch_timeout");
  config.registry_store_timeout = values.duration("registry_store_timeout");
}

void fill_rest(const Values& values, Config& config) {
  config.cluster = values.text("cluster");
  config.domain_json = values.text("domain").value_or("");
  config.authenticate_http_readonly = values.boolean("authenticate_http_readonly");
  config.authenticate_http_readwrite = values.boolean("authenticate_http_readwrite");
  config.credentials = values.text("credentials");
  config.http = {.header_timeout = values.duration("http_header_timeout"),
                 .body_timeout = values.duration("http_body_timeout"),
                 .idle_timeout = values.duration("http_idle_timeout"),
                 .max_header_size_bytes = values.number("http_max_header_size"),
                 .max_body_size_bytes = values.number("http_max_body_size"),
                 .max_connections = values.number("max_connections"),
                 .max_connections_per_address = values.number("max_connections_per_address")};
  config.quiet = values.boolean("quiet");
  std::string level = values.text("logging_level").value_or("INFO");
  config.logging_level = level == "ERROR"     ? LogLevel::Error
                         : level == "WARNING" ? LogLevel::Warning
                                              : LogLevel::Info;
  config.log_dir = values.text("log_dir");
  config.external_log_file = values.text("external_log_file");
  config.record_dir = values.text("record_dir");
  config.record_limit_bytes = values.number("record_limit");
  config.ip_discovery_command = values.text("ip_discovery_command");
}

// Variables of libprocess, which count only where the flags are silent.
Result<void> add_libprocess(const std::map<std::string, std::string>& environment, Config& config) {
  auto variable = [&](const char* name) -> const std::string* {
    auto found = environment.find(name);
    return found == environment.end() ? nullptr : &found->second;
  };
  for (auto [name, field] : {std::pair{"LIBPROCESS_IP", &config.ip},
                             std::pair{"LIBPROCESS_ADVERTISE_IP", &config.advertise_ip}}) {
    const std::string* text = variable(name);
    if (text == nullptr || *field) continue;
    *field = parse_ipv4(*text);
    if (!*field) return failure(fmt::format("{}: '{}' is not an IPv4 address", name, *text));
  }
  const std::string* port = variable("LIBPROCESS_ADVERTISE_PORT");
  if (port != nullptr && !config.advertise_port) {
    std::optional<std::uint64_t> number = parse_u64(*port);
    if (!number || *number == 0 || *number > 65535) {
      return failure(fmt::format("LIBPROCESS_ADVERTISE_PORT: '{}' is not a port", *port));
    }
    config.advertise_port = static_cast<std::uint16_t>(*number);
  }
  return {};
}

// Asked for help, one gets it, whatever else is wrong.
std::string asked_to_print(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    std::string flag = lower(argument.substr(0, argument.find('=')));
    std::string text = argument.size() > flag.size() ? argument.substr(flag.size() + 1) : "";
    if (text == "false" || text == "0") continue;
    if (flag == "--help") return help_text();
    if (flag == "--version") return "quorate-master " QUORATE_VERSION ", speaks as mesos 1.12.0\n";
  }
  return {};
}

}  // namespace

Result<ParsedFlags> parse_config(const std::vector<std::string>& arguments,
                                 const std::map<std::string, std::string>& environment,
                                 ReadFile read_file) {
  ParsedFlags parsed;
  parsed.print = asked_to_print(arguments);
  if (!parsed.print.empty()) return parsed;

  AllGiven all;
  if (auto added = add_arguments(arguments, all, parsed.config.warnings); !added) {
    return tl::unexpected(added.error());
  }
  if (auto added = add_environment(environment, all); !added) {
    return tl::unexpected(added.error());
  }
  Result<Values> values = load(all, read_file, parsed.config);
  if (!values) return tl::unexpected(values.error());
  if (auto checked = flags::check(*values); !checked) return tl::unexpected(checked.error());

  if (const flags::Zk* zk = values->get<flags::Zk>("zk")) {
    parsed.config.zk = zk->url;
    parsed.secrets = zk->secrets;
  }
  fill_addresses(*values, parsed.config);
  fill_log_and_registry(*values, parsed.config);
  fill_rest(*values, parsed.config);
  if (auto added = add_libprocess(environment, parsed.config); !added) {
    return tl::unexpected(added.error());
  }
  return parsed;
}

}  // namespace quorate
