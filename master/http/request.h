#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/result.h"
#include "master/base/strong.h"

namespace quorate::http {

// Which request of one connection; counted from 1 in the order of arrival.
using RequestNumber = Strong<struct RequestNumberTag>;

// Header fields in the order of the wire. Names are compared without regard to ASCII case.
class Headers {
 public:
  void add(std::string name, std::string value);
  // The first value of this name; nullptr if there is none.
  const std::string* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

  bool operator==(const Headers&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Decoded pairs. Of pairs with one name the last one counts; a name without "=" has an empty value.
using Query = std::map<std::string, std::string, std::less<>>;

// One request as it came, its body complete: chunks joined, gzip inflated.
struct Request {
  std::string method;  // as sent; methods are case-sensitive
  std::string target;  // as sent
  std::string path;    // of the target, from the first "/", not percent-decoded
  Query query;
  std::string fragment;  // what followed "#" in the target, not decoded
  Headers headers;
  Bytes body;
  unsigned version = 11;   // 10 or 11
  bool keep_alive = true;  // the client wants to go on after this one
  std::string upgrade;     // the protocol asked for, if it is one that we speak; else empty

  bool operator==(const Request&) const = default;

  const std::string* query_value(std::string_view name) const;
};

struct Target {
  std::string path;
  Query query;
  std::string fragment;

  bool operator==(const Target&) const = default;
};

// Origin form ("/state?x=1"), or absolute form, whose scheme and authority are dropped. An error
// for every other form and for a damaged percent escape in the query.
Result<Target> parse_target(std::string_view target);

// Pairs split by "&" or ";", "+" for a space, percent escapes. Also the form of posted form bodies.
Result<Query> parse_query(std::string_view text);
// The other way round, in the order of the names; an empty value loses its "=".
std::string query_text(const Query& query);

// An error if a "%" is not followed by two hexadecimal digits.
Result<std::string> percent_decode(std::string_view text);

}  // namespace quorate::http
