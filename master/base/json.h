#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "master/base/result.h"

namespace quorate {

// A parsed JSON document: a plain value tree. Object members are sorted by name; of members with
// equal names the last one counts.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;  // null
  explicit Json(bool v) : value_(v) {}
  explicit Json(std::int64_t v) : value_(v) {}
  explicit Json(double v) : value_(v) {}
  explicit Json(std::string v) : value_(std::move(v)) {}
  explicit Json(Array v) : value_(std::move(v)) {}
  explicit Json(Object v) : value_(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  // Whole numbers that fit int64; every other number is a double.
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  // A member of an object; nullptr if this is no object, there is none, or it is null.
  const Json* find(std::string_view name) const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

// Parses the whole text. Nesting beyond 200 levels, trailing text and anything else that is not
// JSON is an error that names the byte.
Result<Json> parse_json(std::string_view text);

// Writes JSON as a stream, in the order of the calls. Doubles always carry a decimal point or
// exponent, in the shortest form that reads back the same; integers are bare; infinities and NaN
// become null.
class JsonWriter {
 public:
  JsonWriter();
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view v);
  JsonWriter& integer(std::int64_t v);
  JsonWriter& unsigned_integer(std::uint64_t v);
  JsonWriter& real(double v);
  JsonWriter& boolean(bool v);
  JsonWriter& null();
  // A value that is JSON text already.
  JsonWriter& raw(std::string_view json_text);

  // Shorthands for one member of an object.
  JsonWriter& member(std::string_view name, std::string_view v) { return key(name).string(v); }
  JsonWriter& member_integer(std::string_view name, std::int64_t v) { return key(name).integer(v); }
  JsonWriter& member_real(std::string_view name, double v) { return key(name).real(v); }
  JsonWriter& member_boolean(std::string_view name, bool v) { return key(name).boolean(v); }

  // The text written so far; complete when every begin has its end.
  std::string take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Compact JSON text of a value tree, members in name order.
std::string json_text(const Json& value);

}  // namespace quorate
