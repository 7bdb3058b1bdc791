#include "master/base/json.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>

#include "master/base/check.h"

namespace quorate {
namespace {

constexpr std::size_t kDepthMax = 200;

// Builds the value tree from the reader's calls, one frame for each open object or array.
class TreeBuilder {
 public:
  bool Null() { return add(Json()); }
  bool Bool(bool v) { return add(Json(v)); }
  bool Int(int v) { return add(Json(std::int64_t{v})); }
  bool Uint(unsigned v) { return add(Json(std::int64_t{v})); }
  bool Int64(std::int64_t v) { return add(Json(v)); }
  bool Uint64(std::uint64_t v) {
    if (v > INT64_MAX) return add(Json(static_cast<double>(v)));
    return add(Json(static_cast<std::int64_t>(v)));
  }
  bool Double(double v) { return add(Json(v)); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return add(Json(std::string(text, size)));
  }
  bool StartObject() { return open(false); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    frames_.back().key.assign(text, size);
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    return add(Json(std::move(frame.object)));
  }
  bool StartArray() { return open(true); }
  bool EndArray(rapidjson::SizeType) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    return add(Json(std::move(frame.array)));
  }

  bool too_deep() const { return too_deep_; }
  Json take() { return std::move(root_); }

 private:
  struct Frame {
    bool is_array = false;
    std::string key;
    Json::Array array;
    Json::Object object;
  };

  bool open(bool is_array) {
    too_deep_ = frames_.size() >= kDepthMax;
    if (too_deep_) return false;
    frames_.push_back({is_array, {}, {}, {}});
    return true;
  }

  bool add(Json value) {
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (frames_.back().is_array) {
      frames_.back().array.push_back(std::move(value));
    } else {
      frames_.back().object.insert_or_assign(frames_.back().key, std::move(value));
    }
    return true;
  }

  std::vector<Frame> frames_;
  Json root_;
  bool too_deep_ = false;
};

void write(const Json& value, JsonWriter& out) {
  if (const bool* b = value.boolean()) {
    out.boolean(*b);
  } else if (const std::int64_t* i = value.integer()) {
    out.integer(*i);
  } else if (const double* d = value.real()) {
    out.real(*d);
  } else if (const std::string* s = value.string()) {
    out.string(*s);
  } else if (const Json::Array* a = value.array()) {
    out.begin_array();
    for (const Json& item : *a) write(item, out);
    out.end_array();
  } else if (const Json::Object* o = value.object()) {
    out.begin_object();
    for (const auto& [name, item] : *o) write(item, out.key(name));
    out.end_object();
  } else {
    out.null();
  }
}

rapidjson::SizeType json_size(std::string_view text) {
  CHECK(text.size() <= UINT32_MAX);
  return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  auto at = members->find(name);
  if (at == members->end() || at->second.is_null()) return nullptr;
  return &at->second;
}

Result<Json> parse_json(std::string_view text) {
  // The iterative parser: hostile nesting must not exhaust the stack.
  rapidjson::Reader reader;
  rapidjson::MemoryStream bytes(text.data(), text.size());
  TreeBuilder builder;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseValidateEncodingFlag;
  rapidjson::ParseResult result = reader.Parse<kFlags>(bytes, builder);
  if (builder.too_deep())
    return failure(fmt::format("not valid JSON: nested deeper than {} levels at byte {}", kDepthMax,
                               result.Offset()));
  if (result.IsError())
    return failure(fmt::format("not valid JSON at byte {}: {}", result.Offset(),
                               rapidjson::GetParseError_En(result.Code())));
  // The reader takes a zero byte for the end of the text, whatever follows.
  if (bytes.Tell() < text.size())
    return failure(fmt::format("not valid JSON at byte {}: a zero byte", bytes.Tell()));
  return builder.take();
}

struct JsonWriter::Impl {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter() : impl_(std::make_unique<Impl>()) {}
JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::begin_object() { return impl_->writer.StartObject(), *this; }
JsonWriter& JsonWriter::end_object() { return impl_->writer.EndObject(), *this; }
JsonWriter& JsonWriter::begin_array() { return impl_->writer.StartArray(), *this; }
JsonWriter& JsonWriter::end_array() { return impl_->writer.EndArray(), *this; }
JsonWriter& JsonWriter::key(std::string_view name) {
  return impl_->writer.Key(name.data(), json_size(name)), *this;
}
JsonWriter& JsonWriter::string(std::string_view v) {
  return impl_->writer.String(v.data(), json_size(v)), *this;
}
JsonWriter& JsonWriter::integer(std::int64_t v) { return impl_->writer.Int64(v), *this; }
JsonWriter& JsonWriter::unsigned_integer(std::uint64_t v) { return impl_->writer.Uint64(v), *this; }
JsonWriter& JsonWriter::real(double v) {
  // Asked before writing: the writer refuses such numbers only after it began the value.
  if (!std::isfinite(v)) return null();
  // Counters, most of them: the same text as the writer's, without its search for the shortest.
  constexpr double kWholeMost = 9007199254740992;  // 2^53
  if (v == std::trunc(v) && std::abs(v) < kWholeMost && !(v == 0 && std::signbit(v))) {
    std::array<char, 24> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), static_cast<std::int64_t>(v)).ptr;
    end[0] = '.';
    end[1] = '0';
    impl_->writer.RawValue(text.data(), static_cast<std::size_t>(end + 2 - text.data()),
                           rapidjson::kNumberType);
    return *this;
  }
  return impl_->writer.Double(v), *this;
}
JsonWriter& JsonWriter::boolean(bool v) { return impl_->writer.Bool(v), *this; }
JsonWriter& JsonWriter::null() { return impl_->writer.Null(), *this; }
JsonWriter& JsonWriter::raw(std::string_view json_text) {
  return impl_->writer.RawValue(json_text.data(), json_text.size(), rapidjson::kObjectType), *this;
}

std::string JsonWriter::take() { return {impl_->buffer.GetString(), impl_->buffer.GetSize()}; }

std::string json_text(const Json& value) {
  JsonWriter out;
  write(value, out);
  return out.take();
}

}  // namespace quorate
