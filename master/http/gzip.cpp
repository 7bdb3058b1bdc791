#include "master/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "master/base/check.h"
#include "master/base/text.h"

namespace quorate::http {
namespace {

// 32 KiB window, and 16 to ask zlib for the gzip wrapper.
constexpr int kGzipWindowBits = 15 + 16;
constexpr std::size_t kStepBytes = 64 * 1024;

Bytef* input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

// "gzip;q=0" and "gzip;q=0.000" refuse it.
bool weight_is_zero(std::string_view parameter) {
  parameter = trim(parameter);
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return false;
  std::string_view weight = parameter.substr(2);
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  for (const std::string& item : split(accept_encoding, ',')) {
    std::vector<std::string> parts = split(item, ';');
    bool refused = std::any_of(parts.begin() + 1, parts.end(), weight_is_zero);
    std::string coding = lower(trim(parts.front()));
    // What is said of gzip itself counts more than what is said of the rest.
    if (coding == "gzip") return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

Bytes gzip(std::string_view bytes) {
  CHECK(bytes.size() <= std::numeric_limits<uInt>::max());
  z_stream stream{};
  int started = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8,
                             Z_DEFAULT_STRATEGY);
  CHECK(started == Z_OK);
  Bytes out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int ended = deflate(&stream, Z_FINISH);
  CHECK(ended == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Inflated gunzip(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) return {Inflation::TooLarge, {}};
  z_stream stream{};
  int started = inflateInit2(&stream, kGzipWindowBits);
  CHECK(started == Z_OK);
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());

  Inflated result{Inflation::Damaged, {}};
  int code = Z_OK;
  while (code == Z_OK) {
    std::size_t before = result.bytes.size();
    // One byte more than allowed is how we see that there is more.
    std::size_t room = std::min(kStepBytes, bytes_max + 1 - before);
    result.bytes.resize(before + room);
    stream.next_out = reinterpret_cast<Bytef*>(result.bytes.data() + before);
    stream.avail_out = static_cast<uInt>(room);
    code = inflate(&stream, Z_NO_FLUSH);
    result.bytes.resize(before + room - stream.avail_out);
    if (result.bytes.size() > bytes_max) code = Z_MEM_ERROR;
  }
  bool whole = code == Z_STREAM_END && stream.avail_in == 0;
  bool too_large = result.bytes.size() > bytes_max;
  inflateEnd(&stream);
  if (too_large) return {Inflation::TooLarge, {}};
  if (!whole) return {Inflation::Damaged, {}};
  result.outcome = Inflation::Done;
  return result;
}

}  // namespace quorate::http
