#include "master/platform/header_mask.h"

#include <gtest/gtest.h>

namespace quorate::platform {
namespace {

constexpr std::string_view kRequest =
    "GET /state HTTP/1.1\r\nHost: a:5050\r\nAUTHORIZATION: Basic dXNlcjpwYXNz\r\nAccept: x/y\r\n"
    "Cookie: a=b\r\n\r\nauthorization is a word here";
constexpr std::string_view kMasked =
    "GET /state HTTP/1.1\r\nHost: a:5050\r\nAUTHORIZATION:xxxxxxxxxxxxxxxxxxx\r\nAccept: "
    "x/y\r\n"
    "Cookie:xxxx\r\n\r\nauthorization is a word here";

TEST(HeaderMask, MakesCredentialsIllegibleAndKeepsTheLength) {
  EXPECT_EQ(HeaderMask().mask(ConnectionId(1), kRequest), kMasked);
}

TEST(HeaderMask, KnowsAFieldWhereverTheBytesAreCut) {
  for (std::size_t cut = 0; cut <= kRequest.size(); ++cut) {
    HeaderMask mask;
    Bytes masked = mask.mask(ConnectionId(1), kRequest.substr(0, cut));
    mask.mask(ConnectionId(2), "another connection\r\n");
    masked += mask.mask(ConnectionId(1), kRequest.substr(cut));
    ASSERT_EQ(masked, kMasked) << cut;
  }
}

// Frames of a link between masters would not have their checksum any more.
TEST(HeaderMask, TouchesNothingAfterAnUpgrade) {
  HeaderMask mask;
  mask.mask(ConnectionId(1), "GET / HTTP/1.1\r\nUpgrade: quorate\r\n\r\n");
  EXPECT_EQ(mask.mask(ConnectionId(1), "\nCookie: abc"), "\nCookie: abc");
}

TEST(HeaderMask, ForgetsAConnectionThatIsOver) {
  HeaderMask mask;
  mask.mask(ConnectionId(1), "GET");
  mask.forget(ConnectionId(1));
  EXPECT_EQ(mask.connections(), 0u);
}

}  // namespace
}  // namespace quorate::platform
