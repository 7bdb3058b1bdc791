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
  EXPECT_EQ(HeaderMask("link/1").mask(ConnectionId(1), kRequest), kMasked);
}

TEST(HeaderMask, KnowsAFieldWhereverTheBytesAreCut) {
  for (std::size_t cut = 0; cut <= kRequest.size(); ++cut) {
    HeaderMask mask("link/1");
    Bytes masked = mask.mask(ConnectionId(1), kRequest.substr(0, cut));
    mask.mask(ConnectionId(2), "another connection\r\n");
    masked += mask.mask(ConnectionId(1), kRequest.substr(cut));
    ASSERT_EQ(masked, kMasked) << cut;
  }
}

// What a receiver may join to the value (obs-fold), and what it may take off the name.
TEST(HeaderMask, MasksFoldedLinesAndNamesWithSpaces) {
  HeaderMask mask("link/1");
  EXPECT_EQ(mask.mask(ConnectionId(1), "Cookie : a\r\n b\r\n\tc\r\nAccept: d\r\n e\r\n"),
            "Cookie :xx\r\nxx\r\nxx\r\nAccept: d\r\n e\r\n");
}

// Frames of a link between masters would not have their checksum any more.
TEST(HeaderMask, TouchesNothingAfterTheHeadOfALink) {
  HeaderMask mask("link/1");
  EXPECT_EQ(mask.mask(ConnectionId(1), "GET / HTTP/1.1\r\nUpgrade: link/1\r\nCookie: a\r\n\r\n"),
            "GET / HTTP/1.1\r\nUpgrade: link/1\r\nCookie:xx\r\n\r\n");
  EXPECT_EQ(mask.mask(ConnectionId(1), "\nCookie: abc"), "\nCookie: abc");
}

TEST(HeaderMask, GoesOnWhenAnotherUpgradeIsAskedFor) {
  HeaderMask mask("link/1");
  mask.mask(ConnectionId(1), "GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n");
  EXPECT_EQ(mask.mask(ConnectionId(1), "GET / HTTP/1.1\r\nCookie: abc"),
            "GET / HTTP/1.1\r\nCookie:xxxx");
}

TEST(HeaderMask, ForgetsAConnectionThatIsOver) {
  HeaderMask mask("link/1");
  mask.mask(ConnectionId(1), "GET");
  mask.forget(ConnectionId(1));
  EXPECT_EQ(mask.connections(), 0u);
}

}  // namespace
}  // namespace quorate::platform
