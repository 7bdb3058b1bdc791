#include "sim/http_client.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

TEST(HttpReplyParser, WaitsForTheWholeBody) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Y:  z \r\n\r\nabcd";
  for (std::size_t size = 0; size < text.size(); ++size) {
    HttpReply reply;
    EXPECT_FALSE(parse_http_reply(text.substr(0, size), false, reply));
  }
  HttpReply reply;
  EXPECT_TRUE(parse_http_reply(text, false, reply));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "abcd");
  EXPECT_EQ(reply.headers["x-y"], "z");
}

TEST(HttpReplyParser, PutsChunksTogether) {
  std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\nA;x\r\n0123456789\r\n0\r\n\r\n";
  HttpReply reply;
  EXPECT_FALSE(parse_http_reply(text.substr(0, text.size() - 6), false, reply));
  EXPECT_TRUE(parse_http_reply(text, false, reply));
  EXPECT_EQ(reply.body, "abc0123456789");
}

TEST(HttpReplyParser, WithoutALengthTheEndOfTheConnectionEndsTheBody) {
  HttpReply reply;
  std::string text = "HTTP/1.1 503 Service Unavailable\r\n\r\nsorry";
  EXPECT_FALSE(parse_http_reply(text, false, reply));
  EXPECT_TRUE(parse_http_reply(text, true, reply));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "sorry");
}

TEST(HttpReplyParser, WhatIsNotHttpIsNoAnswer) {
  HttpReply reply;
  EXPECT_FALSE(parse_http_reply("SSH-2.0\r\n\r\n", true, reply));
  EXPECT_FALSE(parse_http_reply("", true, reply));
}

}  // namespace
}  // namespace quorate::sim
