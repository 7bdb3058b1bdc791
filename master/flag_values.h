#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "master/base/address.h"
#include "master/base/result.h"
#include "master/base/time.h"
#include "master/config.h"
#include "master/flag_table.h"

// The grammar of values (facts: mesos-http.md 1.2).

namespace quorate::flags {

struct Zk {
  ZkUrl url;
  Secrets secrets;
};

// Text, Path, TextSet and Json (compact) are strings; Int is signed; Size, Bytes and Port are not.
using Value =
    std::variant<bool, std::int64_t, std::uint64_t, double, Duration, Ipv4, Zk, std::string>;

// Reads `text` as the type says; the error does not name the flag, and never holds a password.
Result<Value> parse_value(Type type, const std::string& text);
// As /flags shows it; passwords are replaced by ***.
std::string shown_value(Type type, const Value& value);

// "zk://[user:password@]host:port[,...]/path". White space around is cut off; the path begins at
// the first '/', the credentials end at the last '@' before it.
Result<Zk> parse_zk_url(std::string_view text);

// The values of all flags that have one, by name.
class Values {
 public:
  void set(std::string_view name, Value value) {
    values_.insert_or_assign(std::string(name), value);
  }
  bool has(std::string_view name) const { return values_.contains(name); }
  // nullptr: unset, or of another type.
  template <typename T>
  const T* get(std::string_view name) const {
    auto found = values_.find(name);
    return found == values_.end() ? nullptr : std::get_if<T>(&found->second);
  }
  // Of flags that have a default, so that they always have a value.
  bool boolean(std::string_view name) const;
  Duration duration(std::string_view name) const;
  std::uint64_t number(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

// Checks flags one by one, by name, and against each other; the first failure.
Result<void> check(const Values& values);

}  // namespace quorate::flags
