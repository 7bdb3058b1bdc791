#include "master/flag_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "master/base/check.h"
#include "master/base/json.h"
#include "master/base/text.h"

namespace quorate::flags {
namespace {

template <typename T>
Result<Value> as_value(Result<T> result) {
  if (!result) return tl::unexpected(result.error());
  return Value(std::move(*result));
}

// Also how a bare "--name" is read.
Result<Value> parse_bool(const std::string& text) {
  if (text.empty() || text == "true" || text == "1") return Value(true);
  if (text == "false" || text == "0") return Value(false);
  return failure(fmt::format("'{}' is not a bool: expected true, false, 1 or 0", text));
}

Result<Value> parse_int(const std::string& text) {
  std::optional<std::int64_t> number = parse_i64(text.starts_with('+') ? text.substr(1) : text);
  if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max()) {
    return failure(fmt::format("'{}' is not a whole number of 32 bits", text));
  }
  return Value(*number);
}

Result<Value> parse_size(const std::string& text, std::uint64_t most) {
  std::optional<std::uint64_t> number = parse_u64(text);
  if (!number || *number > most) {
    return failure(fmt::format("'{}' is not a whole number of 0..{}", text, most));
  }
  return Value(*number);
}

Result<Value> parse_real(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || stop != end)
    return failure(fmt::format("'{}' is not a number", text));
  return Value(number);
}

Result<Value> parse_ip(const std::string& text) {
  std::optional<Ipv4> ip = parse_ipv4(text);
  if (!ip) return failure(fmt::format("'{}' is not an IPv4 address", text));
  return Value(*ip);
}

Result<Value> parse_set(const std::string& text) {
  std::vector<std::string> pieces = split(text, ',');
  std::set<std::string> distinct(pieces.begin(), pieces.end());
  if (distinct.size() != pieces.size()) {
    return failure(fmt::format("'{}' holds a name twice", text));
  }
  return Value(text);
}

Result<Value> parse_object(const std::string& text) {
  Result<Json> json = parse_json(text);
  if (!json) return failure("not JSON: " + json.error().text);
  if (json->object() == nullptr) return failure("not a JSON object");
  return Value(json_text(*json));
}

Result<Value> parse_path(const std::string& text) {
  constexpr std::string_view kFile = "file://";
  std::string path = text.starts_with(kFile) ? text.substr(kFile.size()) : text;
  if (path.empty()) return failure("the path is empty");
  return Value(std::move(path));
}

}  // namespace

Result<Value> parse_value(Type type, const std::string& text) {
  switch (type) {
    case Type::Bool: return parse_bool(text);
    case Type::Text: return Value(text);
    case Type::Path: return parse_path(text);
    case Type::Duration: return as_value(parse_duration(text));
    case Type::Bytes: return as_value(parse_byte_count(text));
    case Type::Int: return parse_int(text);
    case Type::Size: return parse_size(text, std::numeric_limits<std::uint64_t>::max());
    case Type::Port: return parse_size(text, std::numeric_limits<std::uint16_t>::max());
    case Type::Real: return parse_real(text);
    case Type::Ip: return parse_ip(text);
    case Type::TextSet: return parse_set(text);
    case Type::Json: return parse_object(text);
    case Type::ZkUrl: return as_value(parse_zk_url(text));
  }
  return failure("unknown type");
}

std::string shown_value(Type type, const Value& value) {
  if (const bool* v = std::get_if<bool>(&value)) return *v ? "true" : "false";
  if (const std::int64_t* v = std::get_if<std::int64_t>(&value)) return std::to_string(*v);
  if (const std::uint64_t* v = std::get_if<std::uint64_t>(&value)) {
    return type == Type::Bytes ? byte_count_text(*v) : std::to_string(*v);
  }
  if (const double* v = std::get_if<double>(&value)) return fmt::format("{}", *v);
  if (const Duration* v = std::get_if<Duration>(&value)) return duration_text(*v);
  if (const Ipv4* v = std::get_if<Ipv4>(&value)) return quorate::to_text(*v);
  if (const std::string* v = std::get_if<std::string>(&value)) return *v;

  const Zk& zk = std::get<Zk>(value);
  std::string text = "zk://";
  if (zk.url.authenticated) text += zk.secrets.zk_user + ":***@";
  for (const HostPort& server : zk.url.servers) {
    if (&server != &zk.url.servers.front()) text += ",";
    text += quorate::to_text(server);
  }
  return text + zk.url.path;
}

bool Values::boolean(std::string_view name) const {
  const bool* value = get<bool>(name);
  CHECK(value != nullptr);
  return *value;
}

Duration Values::duration(std::string_view name) const {
  const Duration* value = get<Duration>(name);
  CHECK(value != nullptr);
  return *value;
}

std::uint64_t Values::number(std::string_view name) const {
  const std::uint64_t* value = get<std::uint64_t>(name);
  CHECK(value != nullptr);
  return *value;
}

std::optional<std::string> Values::text(std::string_view name) const {
  const std::string* value = get<std::string>(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

}  // namespace quorate::flags
