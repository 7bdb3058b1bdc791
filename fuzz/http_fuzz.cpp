// A client's bytes through the HTTP connection, once whole and twice in small pieces: it must not
// abort, and how the bytes are cut must make no difference to the requests that come out. (It may
// to the moment when something malformed is refused: Beast sees some damage only with the whole
// header.)

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/check.h"
#include "master/http/connection.h"

namespace {

using namespace quorate;

http::Limits limits(std::size_t header_bytes_max, std::size_t body_bytes_max) {
  http::Limits limits;
  limits.header_bytes_max = header_bytes_max;
  limits.body_bytes_max = body_bytes_max;
  limits.pipelined_max = 1000;
  return limits;
}

std::vector<std::string> requests_in(std::string_view bytes, std::size_t piece_size,
                                     const http::Limits& limits) {
  const Now now{};
  http::Connection connection(limits, now);
  std::vector<std::string> requests;
  while (!bytes.empty() && !connection.wants_close() && !connection.upgraded()) {
    const std::size_t size = std::min(piece_size, bytes.size());
    connection.receive(now, bytes.substr(0, size));
    bytes.remove_prefix(size);
    for (http::NumberedRequest& taken : connection.take_requests()) {
      requests.push_back(taken.request.method + " " + taken.request.target + "\n" +
                         taken.request.body);
      connection.respond(now, taken.number, http::text(200, "here"));
    }
    (void)connection.take_output();
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data),
                               std::min<std::size_t>(size, 65536));
  const http::Limits ample = limits(std::size_t{1} << 20, std::size_t{1} << 20);
  const std::vector<std::string> whole = requests_in(bytes, bytes.size(), ample);
  CHECK(whole == requests_in(bytes, 1, ample));
  CHECK(whole == requests_in(bytes, 7, ample));
  (void)requests_in(bytes, 11, limits(200, 50));
  return 0;
}
