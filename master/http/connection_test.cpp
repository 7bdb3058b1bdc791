#include "master/http/connection.h"

#include <gtest/gtest.h>

#include "master/base/random.h"
#include "master/http/gzip.h"

namespace quorate::http {
namespace {

using namespace std::string_literals;

Now at(std::int64_t seconds) { return {{seconds * 1'000'000'000}, {784'111'777'000'000'000}}; }

constexpr Limits kSmall{.header_bytes_max = 300, .body_bytes_max = 2000, .pipelined_max = 3};

struct Wire {
  explicit Wire(const Limits& limits = kSmall) : connection(limits, at(0)) {}

  std::vector<NumberedRequest> send(std::string_view bytes) {
    connection.receive(at(0), bytes);
    return connection.take_requests();
  }
  // The one request of these bytes; fails the test if there is not exactly one.
  Request one(std::string_view bytes) {
    std::vector<NumberedRequest> requests = send(bytes);
    EXPECT_EQ(requests.size(), 1u) << bytes << connection.take_output();
    return requests.empty() ? Request{} : requests.front().request;
  }
  // The status that the connection answers by itself; 0 if none.
  int refused(std::string_view bytes) {
    EXPECT_TRUE(send(bytes).empty()) << bytes;
    Bytes out = connection.take_output();
    if (out.empty()) return 0;
    EXPECT_TRUE(out.starts_with("HTTP/1.1 ")) << out;
    return std::stoi(out.substr(9, 3));
  }

  Connection connection;
};

std::string status_line(const Bytes& out) { return out.substr(0, out.find("\r\n")); }

TEST(Connection, ReadsARequest) {
  Wire wire;

  Request request =
      wire.one("POST /machine/down?x=1 HTTP/1.1\r\nHost: m1\r\nContent-Length: 2\r\n\r\n[]");

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/machine/down");
  EXPECT_EQ(*request.query_value("x"), "1");
  EXPECT_EQ(*request.headers.find("host"), "m1");
  EXPECT_EQ(request.body, "[]");
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.upgrade, "");
}

TEST(Connection, ToleratesWhatLibprocessPeersSend) {
  EXPECT_EQ(Wire().one("POST /slave(1)/x HTTP/1.1\r\n\r\n").path, "/slave(1)/x");
  EXPECT_EQ(Wire().one("\r\n\r\nGET /state HTTP/1.1\r\nHost:\r\n\r\n").path, "/state");
  EXPECT_EQ(Wire().one("GET http://m1:5050/state HTTP/1.1\r\n\r\n").path, "/state");
}

TEST(Connection, JoinsChunksAndForgetsTrailers) {
  Request request = Wire().one(
      "POST /x HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(request.body, "abcde");
  EXPECT_FALSE(request.headers.has("X-Trailer"));
  EXPECT_TRUE(request.keep_alive);
}

TEST(Connection, InflatesGzipBodies) {
  Bytes body = gzip("{\"windows\":[]}");
  std::string head = "POST /x HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ";

  EXPECT_EQ(Wire().one(head + std::to_string(body.size()) + "\r\n\r\n" + body).body,
            "{\"windows\":[]}");
  EXPECT_EQ(Wire().refused(head + "5\r\n\r\nhello"), 400);
  Bytes bomb = gzip(Bytes(100'000, 'x'));
  EXPECT_EQ(Wire().refused(head + std::to_string(bomb.size()) + "\r\n\r\n" + bomb), 413);
  EXPECT_EQ(
      Wire().refused("POST /x HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
      415);
}

TEST(Connection, RefusesTwoWaysToReadOneMessage) {
  auto status = [](const std::string& fields) {
    return Wire().refused("POST /x HTTP/1.1\r\n" + fields + "\r\n\r\n0\r\n\r\n");
  };
  EXPECT_EQ(status("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400);
  EXPECT_EQ(status("Transfer-Encoding: identity\r\nContent-Length: 5"), 400);
  EXPECT_EQ(status("Content-Length: 5\r\nContent-Length: 6"), 400);
  EXPECT_EQ(status("Content-Length: 5\r\nContent-Length: 5"), 400);
  EXPECT_EQ(status("Content-Length: 5, 5"), 400);
  EXPECT_EQ(status("Content-Length: -5"), 400);
  EXPECT_EQ(status("Content-Length: 99999999999999999999"), 400);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(status("Transfer-Encoding: identity"), 501);
  EXPECT_EQ(status("Transfer-Encoding: gzip, chunked"), 501);
  EXPECT_EQ(status("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), 501);
  EXPECT_EQ(status("Transfer-Encoding: xchunked"), 501);
  EXPECT_EQ(status("Content-Length : 5"), 400);
  EXPECT_EQ(Wire().refused("POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(Connection, RefusesMalformedRequestsAndCloses) {
  for (const char* bytes : {"GET\r\n\r\n", "GET / HTTX/1.1\r\n\r\n", "G@T / HTTP/1.1\r\n\r\n",
                            "GET  / HTTP/1.1\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
                            "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET * HTTP/1.1\r\n\r\n",
                            "GET /?x=%zz HTTP/1.1\r\n\r\n", "CONNECT m1:80 HTTP/1.1\r\n\r\n",
                            "GET / HTTP/1.1\nHost: x\n\n",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"}) {
    Wire wire;
    EXPECT_EQ(wire.refused(bytes), 400) << bytes;
    EXPECT_TRUE(wire.connection.wants_close()) << bytes;
    EXPECT_TRUE(wire.send("GET / HTTP/1.1\r\n\r\n").empty()) << bytes;
    EXPECT_EQ(wire.connection.take_output(), "") << bytes;
  }
}

TEST(Connection, SpeaksNoOtherVersion) {
  EXPECT_EQ(Wire().refused("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(Wire().refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(Wire().refused("GET / HTTP/1.1\r\nExpect: miracles\r\n\r\n"), 417);
}

TEST(Connection, LimitsTheHeaderHoweverItIsCut) {
  std::string fields;
  for (int i = 0; i < 40; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  std::string request = "GET / HTTP/1.1\r\n" + fields + "\r\n";
  ASSERT_GT(request.size(), kSmall.header_bytes_max);

  EXPECT_EQ(Wire().refused(request), 431);
  Wire slow;
  for (char c : request) slow.connection.receive(at(0), {&c, 1});
  EXPECT_TRUE(slow.connection.take_requests().empty());
  EXPECT_TRUE(slow.connection.take_output().starts_with("HTTP/1.1 431 "));
  EXPECT_EQ(Wire().refused(std::string(301, 'G')), 431);

  std::string line = "GET / HTTP/1.1\r\nX: ";
  std::string full =
      line + std::string(kSmall.header_bytes_max - line.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(Wire().one(full).path, "/");
  EXPECT_EQ(Wire().refused(line + "x" + full.substr(line.size())), 431);
}

TEST(Connection, LimitsBodies) {
  std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

  EXPECT_EQ(Wire().refused("POST / HTTP/1.1\r\nContent-Length: 2001\r\n\r\n"), 413);
  EXPECT_EQ(Wire().refused(chunked + "7d1\r\n"), 413);
  EXPECT_EQ(Wire().refused(chunked + "7d0\r\n" + std::string(2000, 'x') + "\r\n1\r\nx"), 413);
  EXPECT_EQ(Wire().refused(chunked + "ffffffffffffffff\r\n"), 413);
  EXPECT_EQ(Wire().refused(chunked + "1;" + std::string(301, 'x')), 400);
  EXPECT_EQ(Wire().refused(chunked + "0\r\nX: " + std::string(301, 'x')), 400);
}

TEST(Connection, TakesTheRestOfARefusedBodyBeforeItCloses) {
  Wire wire;
  EXPECT_EQ(wire.refused("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\nabc"), 413);
  EXPECT_FALSE(wire.connection.wants_close());

  wire.send(std::string(4996, 'x'));
  EXPECT_FALSE(wire.connection.wants_close());
  wire.send("x");
  EXPECT_TRUE(wire.connection.wants_close());
}

TEST(Connection, DoesNotWaitLongForARefusedBody) {
  Wire wire;
  wire.refused("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n");

  EXPECT_EQ(wire.connection.next_deadline(), at(2).mono);
  wire.connection.on_time(at(2));
  EXPECT_TRUE(wire.connection.wants_close());
}

TEST(Connection, AnswersInTheOrderOfTheRequests) {
  Wire wire;
  auto requests = wire.send("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(wire.connection.unanswered(), 2u);

  wire.connection.respond(at(0), requests[1].number, text(200, "second"));
  EXPECT_EQ(wire.connection.take_output(), "");
  wire.connection.respond(at(0), requests[0].number, text(200, "first"));

  Bytes out = wire.connection.take_output();
  EXPECT_LT(out.find("first"), out.find("second"));
  EXPECT_NE(out.find("second"), Bytes::npos);
  EXPECT_FALSE(wire.connection.wants_close());
}

TEST(Connection, AnswersWhatCameBeforeAMalformedRequest) {
  Wire wire;
  auto requests = wire.send("GET /a HTTP/1.1\r\n\r\nnonsense\r\n\r\n");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(wire.connection.take_output(), "");
  EXPECT_FALSE(wire.connection.wants_close());

  wire.connection.respond(at(0), requests[0].number, text(200, "fine"));

  Bytes out = wire.connection.take_output();
  EXPECT_LT(out.find("fine"), out.find("HTTP/1.1 400"));
  EXPECT_TRUE(wire.connection.wants_close());
}

TEST(Connection, MakesAClientWaitThatAsksTooMuch) {
  Wire wire;
  std::string get = "GET /a HTTP/1.1\r\n\r\n";
  auto requests = wire.send(get + get + get + get + get);
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_FALSE(wire.connection.wants_bytes());
  EXPECT_EQ(wire.connection.next_deadline(), MonoTime::never());

  for (std::uint64_t number = 1; number <= 5; ++number) {
    wire.connection.respond(at(0), RequestNumber(number), empty(200));
    for (NumberedRequest& more : wire.connection.take_requests()) requests.push_back(more);
  }

  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[4].number, RequestNumber(5));
  EXPECT_TRUE(wire.connection.wants_bytes());
  EXPECT_EQ(wire.connection.unanswered(), 0u);
}

TEST(Connection, EndsWhenTheClientAskedForIt) {
  for (const char* head :
       {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Wire wire;
    EXPECT_FALSE(wire.one(head + "GET /ignored HTTP/1.1\r\n\r\n"s).keep_alive);
    EXPECT_FALSE(wire.connection.wants_close());
    wire.connection.respond(at(0), RequestNumber(1), empty(200));
    EXPECT_TRUE(wire.connection.wants_close());
  }
  EXPECT_TRUE(Wire().one("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(Connection, InvitesTheBodyThatWaitsForIt) {
  Wire wire;
  EXPECT_TRUE(
      wire.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").empty());
  EXPECT_EQ(wire.connection.take_output(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(wire.one("[]").body, "[]");

  EXPECT_EQ(
      Wire().refused("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n"),
      413);
}

TEST(Connection, AnswersHeadWithoutBody) {
  Wire wire;
  wire.one("HEAD /state HTTP/1.1\r\n\r\n");

  wire.connection.respond(at(0), RequestNumber(1), ok("{\"a\":1}"));

  Bytes out = wire.connection.take_output();
  EXPECT_NE(out.find("Content-Length: 7"), Bytes::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(Connection, IsHandedOverAfterAnUpgrade) {
  Wire wire;
  Request request = wire.one(
      "GET /quorate-peer HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: "
      "quorate-peer/1\r\n\r\nraw\x01");
  EXPECT_EQ(request.upgrade, kPeerProtocol);
  EXPECT_TRUE(wire.connection.upgraded());
  EXPECT_EQ(wire.connection.take_upgraded_bytes(), "raw\x01");

  wire.connection.respond(at(0), RequestNumber(1), switching_protocols(request.upgrade));
  wire.connection.receive(at(0), "more");

  EXPECT_EQ(status_line(wire.connection.take_output()), "HTTP/1.1 101 Switching Protocols");
  EXPECT_EQ(wire.connection.take_upgraded_bytes(), "more");
  EXPECT_FALSE(wire.connection.wants_close());
  EXPECT_EQ(wire.connection.next_deadline(), MonoTime::never());
}

TEST(Connection, EndsWhenAnUpgradeIsRefused) {
  Wire wire;
  wire.one("GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: quorate-peer/1\r\n\r\n");

  wire.connection.respond(at(0), RequestNumber(1), standard(403));

  EXPECT_TRUE(wire.connection.wants_close());
}

TEST(Connection, IgnoresUpgradesToOtherProtocols) {
  for (const char* fields :
       {"Connection: Upgrade\r\nUpgrade: websocket\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", "Upgrade: quorate-peer/1\r\n"}) {
    Wire wire;
    EXPECT_EQ(wire.one("GET /x HTTP/1.1\r\n"s + fields + "\r\n").upgrade, "") << fields;
    EXPECT_FALSE(wire.connection.upgraded());
  }
}

}  // namespace
}  // namespace quorate::http
