#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/address.h"
#include "master/base/result.h"

namespace quorate::ensemble {

// One master of --masters: "host:port", where host is a name or an IPv4 address.
struct ListedMaster {
  std::string host;  // lower case
  std::uint16_t port = 0;
  // The address itself, or what the name stands for; empty: a name that was not resolved yet.
  std::vector<Ipv4> addresses;

  // As written: what names stand for may differ from host to host.
  bool operator==(const ListedMaster& o) const { return host == o.host && port == o.port; }
  bool is_name() const { return !parse_ipv4(host); }
};

// The value of --masters=host:port,...: who may found the ensemble and who may be admitted to it.
// It never decides who counts (protocol.md 26). Sorted by host and port, each once.
struct MastersList {
  std::vector<ListedMaster> masters;

  bool operator==(const MastersList&) const = default;
  std::size_t size() const { return masters.size(); }
  // `address` is "host:port" as a master tells it to others: by the same text, or by an address
  // that a listed name stands for.
  bool contains(std::string_view address) const { return find(address) != nullptr; }
  const ListedMaster* find(std::string_view address) const;
};

// The flag's text; blanks around an entry are skipped (the value may come from a file). An error is
// a sentence that names the entry and says what to write instead.
Result<MastersList> parse_masters(std::string_view text);

// Names that still need a resolver, each once.
std::vector<std::string> unresolved_names(const MastersList& list);

// The list with what a resolver answered for `name`; no addresses: it does not know the name. An
// error: unresolvable, or two entries turn out to be one master.
Result<MastersList> with_resolved(MastersList list, std::string_view name,
                                  const std::vector<Ipv4>& addresses);

std::string to_text(const ListedMaster& master);
// "host1:5050,host2:5050": what masters compare with each other. Equal lists have one text.
std::string to_text(const MastersList& list);

// Whether an address that a peer tells of itself can be kept in a configuration and in the birth
// record: "host:port" in printable characters, not too long.
bool plausible_address(std::string_view address);

// What a person should know of a list that is not wrong: an even number of masters.
std::optional<std::string> advice(const MastersList& list);

}  // namespace quorate::ensemble
