#include "master/ensemble/masters_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/text.h"
#include "master/paxos/configuration.h"
#include "master/paxos/quorum.h"

namespace quorate::ensemble {
namespace {

constexpr std::string_view kExample = "--masters=host1:5050,host2:5050,host3:5050";
constexpr std::size_t kHostBytesMax = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool may_be_in_a_name(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

// Digits and dots only: meant as an address, so never looked up as a name.
bool looks_like_ipv4(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

std::string entry_error(std::string_view entry, std::string_view what) {
  return fmt::format("--masters: '{}' {}; write host:port for each master, as in {}", entry, what,
                     kExample);
}

// What is wrong with the form of a host name; empty: nothing.
std::string_view fault_of_name(std::string_view host) {
  if (host.empty()) return "has no host";
  if (host.size() > kHostBytesMax) return "has too long a host name";
  if (!std::all_of(host.begin(), host.end(), may_be_in_a_name))
    return "has a character that no host name has";
  if (host.front() == '.' || host.front() == '-' || host.back() == '-') return "is not a host name";
  if (host.find("..") != std::string_view::npos) return "is not a host name";
  return {};
}

Result<ListedMaster> parse_entry(std::string_view entry) {
  if (entry.empty()) return failure(entry_error(entry, "is an empty entry (a comma too many?)"));
  if (entry.find_first_of(" \t\n") != std::string_view::npos)
    return failure(entry_error(entry, "has a blank in it; commas stand between masters"));
  if (entry.find("://") != std::string_view::npos || entry.find('/') != std::string_view::npos)
    return failure(entry_error(entry, "is a URL or a path"));
  if (entry.find('@') != std::string_view::npos)
    return failure(entry_error(entry, "has a user or a pid before the '@'"));
  if (entry.find('[') != std::string_view::npos || std::count(entry.begin(), entry.end(), ':') > 1)
    return failure(entry_error(entry, "looks like IPv6; masters speak IPv4 only"));
  const std::size_t colon = entry.find(':');
  if (colon == std::string_view::npos) return failure(entry_error(entry, "has no port"));

  ListedMaster master;
  master.host = lower(entry.substr(0, colon));
  const std::optional<std::uint64_t> port = parse_u64(entry.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535)
    return failure(entry_error(entry, "has no port between 1 and 65535"));
  master.port = static_cast<std::uint16_t>(*port);
  if (std::string_view fault = fault_of_name(master.host); !fault.empty())
    return failure(entry_error(entry, fault));
  if (!looks_like_ipv4(master.host)) return master;

  const std::optional<Ipv4> ip = parse_ipv4(master.host);
  if (!ip) return failure(entry_error(entry, "is not an IPv4 address"));
  if (ip->is_wildcard()) return failure(entry_error(entry, "names every address of a host"));
  master.addresses.push_back(*ip);
  return master;
}

bool by_host(const ListedMaster& a, const ListedMaster& b) {
  return std::pair(std::string_view(a.host), a.port) < std::pair(std::string_view(b.host), b.port);
}

// Two entries that are one master would make a quorum of fewer disks than it seems.
std::optional<std::string> same_master_twice(const MastersList& list) {
  for (std::size_t i = 0; i < list.size(); ++i)
    for (std::size_t j = i + 1; j < list.size(); ++j) {
      const ListedMaster& a = list.masters[i];
      const ListedMaster& b = list.masters[j];
      if (a.port != b.port) continue;
      if (a.host == b.host)
        return fmt::format("--masters: {} is in the list twice; name each master once", to_text(a));
      for (Ipv4 ip : a.addresses)
        if (std::find(b.addresses.begin(), b.addresses.end(), ip) != b.addresses.end())
          return fmt::format("--masters: {} and {} are one master ({}:{}); name it once",
                             to_text(a), to_text(b), quorate::to_text(ip), a.port);
    }
  return {};
}

// 127.0.0.1 is another host on each host, so it may only stand among its like. Of written addresses
// only: many hosts have their own name at 127.0.1.1 in /etc/hosts, and that is no fault of the
// list.
std::optional<std::string> mixed_loopback(const MastersList& list) {
  const ListedMaster* loopback = nullptr;
  const ListedMaster* other = nullptr;
  for (const ListedMaster& master : list.masters) {
    if (master.is_name()) continue;
    (master.addresses.front().is_loopback() ? loopback : other) = &master;
  }
  if (loopback == nullptr || other == nullptr) return {};
  return fmt::format(
      "--masters: {} is a loopback address, which on each host means that host itself, beside {}; "
      "write the address at which the other masters reach it",
      to_text(*loopback), to_text(*other));
}

Result<MastersList> checked(MastersList list) {
  if (std::optional<std::string> fault = same_master_twice(list)) return failure(*fault);
  if (std::optional<std::string> fault = mixed_loopback(list)) return failure(*fault);
  return list;
}

}  // namespace

const ListedMaster* MastersList::find(std::string_view address) const {
  const std::string wanted = lower(address);
  const std::optional<SocketAddress> socket = parse_socket_address(wanted);
  for (const ListedMaster& master : masters) {
    if (to_text(master) == wanted) return &master;
    if (!socket || socket->port != master.port) continue;
    if (std::find(master.addresses.begin(), master.addresses.end(), socket->ip) !=
        master.addresses.end())
      return &master;
  }
  return nullptr;
}

Result<MastersList> parse_masters(std::string_view text) {
  if (trim(text).empty())
    return failure(fmt::format(
        "--masters: the list is empty; name all masters of the ensemble, as in {}", kExample));
  MastersList list;
  for (const std::string& piece : split(text, ',')) {
    Result<ListedMaster> master = parse_entry(trim(piece));
    if (!master) return tl::unexpected(master.error());
    list.masters.push_back(std::move(*master));
  }
  if (list.size() > paxos::kMembersMax)
    return failure(fmt::format("--masters: {} masters are listed, {} is the most; 3 or 5 is usual",
                               list.size(), paxos::kMembersMax));
  std::sort(list.masters.begin(), list.masters.end(), by_host);
  return checked(std::move(list));
}

std::vector<std::string> unresolved_names(const MastersList& list) {
  std::vector<std::string> names;
  for (const ListedMaster& master : list.masters)
    if (master.addresses.empty() && (names.empty() || names.back() != master.host))
      names.push_back(master.host);
  return names;
}

Result<MastersList> with_resolved(MastersList list, std::string_view name,
                                  const std::vector<Ipv4>& addresses) {
  if (addresses.empty())
    return failure(fmt::format(
        "--masters: the name '{}' cannot be resolved on this host; correct it, add it to DNS or "
        "/etc/hosts, or write the IPv4 address",
        name));
  for (ListedMaster& master : list.masters)
    if (master.is_name() && master.host == lower(name)) master.addresses = addresses;
  return checked(std::move(list));
}

bool plausible_address(std::string_view address) {
  return address.size() <= paxos::kAddressBytesMax && address.find(':') != std::string_view::npos &&
         std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string to_text(const ListedMaster& master) {
  return fmt::format("{}:{}", master.host, master.port);
}

std::string to_text(const MastersList& list) {
  std::string text;
  for (const ListedMaster& master : list.masters) {
    if (!text.empty()) text += ',';
    text += to_text(master);
  }
  return text;
}

std::optional<std::string> advice(const MastersList& list) {
  const auto count = static_cast<std::uint32_t>(list.size());
  if (count % 2 == 1) return {};
  return fmt::format(
      "--masters: {} masters need {} of them alive and so survive the loss of {}, no more than {} "
      "masters would; an odd number is better",
      count, paxos::majority_of(count), count - paxos::majority_of(count), count - 1);
}

}  // namespace quorate::ensemble
