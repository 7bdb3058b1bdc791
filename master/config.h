#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/base/address.h"
#include "master/base/result.h"
#include "master/base/time.h"
#include "master/ports/process.h"

namespace quorate {

// A host as it is written: a name or an IPv4 address, not resolved.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};
std::string to_text(const HostPort& address);

// --zk without its credentials.
struct ZkUrl {
  std::vector<HostPort> servers;  // at least one
  std::string path;               // "/mesos": absolute, not "/", no '/' at its end
  bool authenticated = false;     // there are credentials, in Secrets
  bool operator==(const ZkUrl&) const = default;
};

enum class RegistryKind : std::uint8_t { ReplicatedLog, InMemory };

// What keeps one client or many from using up the master.
struct HttpFlags {
  Duration header_timeout;
  Duration body_timeout;
  Duration idle_timeout;
  std::uint64_t max_header_size_bytes = 0;
  std::uint64_t max_body_size_bytes = 0;
  std::uint64_t max_connections = 0;
  std::uint64_t max_connections_per_address = 0;
  bool operator==(const HttpFlags&) const = default;
};

// The flags that this master acts on, each named as its flag, checked one by one and against each
// other. Holds no secret: it may be recorded, shown and logged.
struct Config {
  std::optional<Ipv4> ip;                           // to listen at; none: every address
  std::optional<std::string> ip_discovery_command;  // run by main, which then sets `ip`
  std::uint16_t port = 5050;
  std::optional<Ipv4> advertise_ip;
  std::optional<std::uint16_t> advertise_port;
  std::optional<std::string> hostname;
  bool hostname_lookup = true;

  std::optional<ZkUrl> zk;  // none: a stand-alone master
  Duration zk_session_timeout = Duration::seconds(10);

  RegistryKind registry = RegistryKind::ReplicatedLog;
  std::uint32_t quorum = 1;  // at least 1; stand-alone: 1
  std::string work_dir;      // not empty with the replicated log
  bool log_auto_initialize = true;
  bool log_repair_peers = false;  // --log_repair=peers
  Duration registry_fetch_timeout = Duration::minutes(1);
  Duration registry_store_timeout = Duration::seconds(20);

  std::optional<std::string> cluster;
  std::string domain_json;  // compact, members in name order; empty: none
  // Known, not acted on yet: each warns when set (docs/flags.md).
  bool authenticate_http_readonly = false;
  bool authenticate_http_readwrite = false;
  std::optional<std::string> credentials;  // path
  HttpFlags http;

  bool quiet = false;
  LogLevel logging_level = LogLevel::Info;
  std::optional<std::string> log_dir;
  std::optional<std::string> external_log_file;  // not acted on yet
  std::optional<std::string> record_dir;         // path
  std::uint64_t record_limit_bytes = 0;

  // Every flag that has a value, defaults included, as /flags shows it: under its alias if that was
  // used, the password in a zk URL replaced by ***.
  std::map<std::string, std::string> shown;
  // For the log, once, at the start.
  std::vector<std::string> warnings;
};

// Only for platform; never part of an event, a recording or an answer.
struct Secrets {
  std::string zk_user;
  std::string zk_password;
};

struct ParsedFlags {
  Config config;
  Secrets secrets;
  std::string print;  // not empty: --help or --version was asked; print this and exit 0
};

// Gives the content of a file, for values that are written "file://<path>".
using ReadFile = Result<std::string> (*)(const std::string& path);

// `arguments` without the program's name. Every failure names the flag; the process then exits 64.
Result<ParsedFlags> parse_config(const std::vector<std::string>& arguments,
                                 const std::map<std::string, std::string>& environment,
                                 ReadFile read_file);

// The text of --help.
std::string help_text();
// The whole of docs/flags.md.
std::string flags_markdown();

}  // namespace quorate
