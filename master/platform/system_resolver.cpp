#include "master/platform/system_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace quorate::platform {

namespace {

std::string lookup_error(int code) {
  return code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code);
}

Resolved resolve_now(ResolveTicket ticket, const std::string& host_name) {
  Resolved answer{.ticket = ticket, .addresses = {}, .name = {}, .error = {}};
  if (auto ip = parse_ipv4(host_name)) {
    answer.addresses.push_back(*ip);
    return answer;
  }
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int code = getaddrinfo(host_name.c_str(), nullptr, &wanted, &found); code != 0) {
    answer.error = "cannot resolve the host name '" + host_name + "': " + lookup_error(code);
    return answer;
  }
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    sockaddr_in address{};
    std::memcpy(&address, one->ai_addr, sizeof(address));
    answer.addresses.push_back(Ipv4{ntohl(address.sin_addr.s_addr)});
  }
  freeaddrinfo(found);
  std::sort(answer.addresses.begin(), answer.addresses.end());
  auto last = std::unique(answer.addresses.begin(), answer.addresses.end());
  answer.addresses.erase(last, answer.addresses.end());
  return answer;
}

Resolved reverse_now(ResolveTicket ticket, Ipv4 ip) {
  Resolved answer{.ticket = ticket, .addresses = {}, .name = {}, .error = {}};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(ip.number);
  std::array<char, NI_MAXHOST> name{};
  int code = getnameinfo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), name.data(),
                         name.size(), nullptr, 0, NI_NAMEREQD);
  if (code == 0) {
    answer.name = name.data();
  } else {
    answer.error = "cannot find the host name of " + to_text(ip) + ": " + lookup_error(code);
  }
  return answer;
}

Resolved own_name_now(ResolveTicket ticket) {
  Resolved answer{.ticket = ticket, .addresses = {}, .name = {}, .error = {}};
  std::array<char, NI_MAXHOST> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) {
    answer.name = name.data();
  } else {
    answer.error = std::string("cannot tell this host's own name: ") + std::strerror(errno);
  }
  return answer;
}

}  // namespace

void SystemResolver::resolve(ResolveTicket ticket, const std::string& host_name) {
  worker_.run([this, ticket, host_name] { loop_.post(resolve_now(ticket, host_name)); });
}

void SystemResolver::reverse(ResolveTicket ticket, Ipv4 ip) {
  worker_.run([this, ticket, ip] { loop_.post(reverse_now(ticket, ip)); });
}

void SystemResolver::own_name(ResolveTicket ticket) {
  worker_.run([this, ticket] { loop_.post(own_name_now(ticket)); });
}

}  // namespace quorate::platform
