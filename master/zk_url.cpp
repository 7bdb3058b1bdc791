#include "master/base/text.h"
#include "master/flag_values.h"

namespace quorate {

std::string to_text(const HostPort& address) {
  return address.host + ":" + std::to_string(address.port);
}

namespace flags {
namespace {

// An error here may be printed and logged, so it never quotes what stands before the '@'.
Result<Secrets> parse_credentials(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return failure("the credentials before '@' must be user:password");
  }
  return Secrets{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<std::vector<HostPort>> parse_servers(std::string_view text) {
  std::vector<HostPort> servers;
  for (const std::string& piece : split(text, ',')) {
    std::string_view server = trim(piece);
    std::size_t colon = server.rfind(':');
    std::optional<std::uint64_t> port;
    if (colon != std::string_view::npos) port = parse_u64(server.substr(colon + 1));
    if (colon == 0 || !port || *port == 0 || *port > 65535) {
      return failure("the server '" + std::string(server) + "' must be host:port");
    }
    std::string host(server.substr(0, colon));
    if (host.find_first_of(" \t:@?#") != std::string::npos) {
      return failure("'" + host + "' is not a host name or IPv4 address");
    }
    servers.push_back({std::move(host), static_cast<std::uint16_t>(*port)});
  }
  return servers;
}

Result<std::string> parse_path(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) {
    return failure(
        "a path is needed behind the servers, as in zk://host:2181/mesos ('/' alone is "
        "not enough)");
  }
  for (const std::string& part : split(text.substr(1), '/')) {
    bool control = part.find_first_of(std::string_view("\0\t\n\r", 4)) != std::string::npos;
    if (part.empty() || part == "." || part == ".." || control) {
      return failure("the path '" + std::string(text) + "' is not a path in ZooKeeper");
    }
  }
  return std::string(text);
}

}  // namespace

Result<Zk> parse_zk_url(std::string_view text) {
  constexpr std::string_view kScheme = "zk://";
  text = trim(text);
  if (!text.starts_with(kScheme)) {
    return failure("not a URL of the form zk://host:port[,host:port...]/path");
  }
  text.remove_prefix(kScheme.size());
  std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  std::size_t at = authority.rfind('@');

  Zk zk;
  if (at != std::string_view::npos) {
    Result<Secrets> secrets = parse_credentials(authority.substr(0, at));
    if (!secrets) return tl::unexpected(secrets.error());
    zk.secrets = std::move(*secrets);
    zk.url.authenticated = true;
    authority.remove_prefix(at + 1);
  }
  // Path first: a '/' in a password cuts the URL short, and what stands before it must not be
  // quoted.
  if (at == std::string_view::npos && text.substr(slash).find('@') != std::string_view::npos) {
    return failure("'@' stands behind the first '/': a password cannot contain '/'");
  }
  Result<std::vector<HostPort>> servers = parse_servers(authority);
  if (!servers) return tl::unexpected(servers.error());
  zk.url.servers = std::move(*servers);
  Result<std::string> path = parse_path(text.substr(slash));
  if (!path) return tl::unexpected(path.error());
  zk.url.path = std::move(*path);
  return zk;
}

}  // namespace flags
}  // namespace quorate
