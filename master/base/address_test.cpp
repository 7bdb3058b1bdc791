#include "master/base/address.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(Ipv4, IsReadFromFourNumbers) {
  EXPECT_EQ(parse_ipv4("127.0.0.1"), Ipv4{0x7f000001});
  EXPECT_EQ(parse_ipv4("0.0.0.0"), Ipv4{0});
  EXPECT_EQ(parse_ipv4("255.255.255.255"), Ipv4{0xffffffff});
  EXPECT_EQ(parse_ipv4("10.1.2.30"), Ipv4{0x0a01021e});
}

TEST(Ipv4, IsNotReadFromAnythingElse) {
  for (const char* text :
       {"",         "1",         "1.2.3",     "1.2.3.4.5", "1.2.3.",
        ".1.2.3",   "1..2.3",    "256.0.0.1", "1.2.3.256", "01.2.3.4",
        "1.2.3.00", "1.2.3.-4",  "+1.2.3.4",  "1.2.3.4 ",  " 1.2.3.4",
        "a.b.c.d",  "0x1.2.3.4", "::1",       "localhost", "1.2.3.99999999999999999999"})
    EXPECT_EQ(parse_ipv4(text), std::nullopt) << text;
}

TEST(Ipv4, ReadsBackFromItsText) {
  for (std::uint32_t number : {0u, 1u, 0x7f000001u, 0x0a0000ffu, 0xffffffffu})
    EXPECT_EQ(parse_ipv4(to_text(Ipv4{number})), Ipv4{number});
  EXPECT_EQ(to_text(Ipv4{0xc0a80a01}), "192.168.10.1");
}

TEST(Ipv4, KnowsLoopbackAndWildcard) {
  EXPECT_TRUE(Ipv4{0x7f000001}.is_loopback());
  EXPECT_TRUE(Ipv4{0x7fffffff}.is_loopback());
  EXPECT_FALSE(Ipv4{0x80000000}.is_loopback());
  EXPECT_FALSE(Ipv4{0x7effffff}.is_loopback());
  EXPECT_TRUE(Ipv4{0}.is_wildcard());
  EXPECT_FALSE(Ipv4{1}.is_wildcard());
}

TEST(SocketAddress, IsReadFromAddressAndPort) {
  EXPECT_EQ(parse_socket_address("127.0.0.1:5050"), (SocketAddress{Ipv4{0x7f000001}, 5050}));
  EXPECT_EQ(parse_socket_address("1.2.3.4:0"), (SocketAddress{Ipv4{0x01020304}, 0}));
  EXPECT_EQ(parse_socket_address("1.2.3.4:65535"), (SocketAddress{Ipv4{0x01020304}, 65535}));
}

TEST(SocketAddress, IsNotReadFromAnythingElse) {
  for (const char* text :
       {"", ":", "1.2.3.4", "1.2.3.4:", ":80", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:080",
        "1.2.3.4:80 ", "1.2.3.4:80:80", "host:80", "1.2.3.4:http"})
    EXPECT_EQ(parse_socket_address(text), std::nullopt) << text;
}

TEST(SocketAddress, IsWrittenWithAColon) {
  EXPECT_EQ(to_text(SocketAddress{Ipv4{0x0a000001}, 5050}), "10.0.0.1:5050");
}

TEST(SocketAddress, IsOrderedByAddressThenPort) {
  EXPECT_LT((SocketAddress{Ipv4{1}, 9}), (SocketAddress{Ipv4{2}, 1}));
  EXPECT_LT((SocketAddress{Ipv4{1}, 1}), (SocketAddress{Ipv4{1}, 2}));
}

}  // namespace
}  // namespace quorate
