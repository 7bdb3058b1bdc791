// What a connection does with time, and with input cut, damaged and random.
#include <gtest/gtest.h>

#include "master/base/random.h"
#include "master/http/connection.h"
#include "master/http/gzip.h"

namespace quorate::http {
namespace {

Now at(std::int64_t seconds) { return {{seconds * 1'000'000'000}, {0}}; }

const Limits kLimits{.header_bytes_max = 400,
                     .body_bytes_max = 1000,
                     .pipelined_max = 4,
                     .header_timeout = Duration::seconds(10),
                     .body_timeout = Duration::seconds(20),
                     .idle_timeout = Duration::seconds(30)};

std::string samples() {
  Bytes packed = gzip("[{\"hostname\":\"m1\"}]");
  return "GET /state?jsonp=cb HTTP/1.1\r\nHost: m1:5050\r\nAccept-Encoding: gzip\r\n\r\n"
         "\r\nPOST /machine/down HTTP/1.1\r\nContent-Type: application/json\r\n"
         "Content-Length: 2\r\n\r\n[]"
         "POST /maintenance/schedule HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\n{\"\r\n8;x=y\r\nwindows\"\r\n4\r\n:[]}\r\n0\r\nTrailer: 1\r\n\r\n"
         "POST /machine/up HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: " +
         std::to_string(packed.size()) + "\r\n\r\n" + packed;
}

struct Seen {
  std::vector<Request> requests;
  Bytes output;
  bool operator==(const Seen&) const = default;
};

// Feeds the pieces and answers each request at once.
Seen feed(const std::vector<std::string_view>& pieces, const Limits& limits = kLimits) {
  Connection connection(limits, at(0));
  Seen seen;
  for (std::string_view piece : pieces) {
    connection.receive(at(0), piece);
    for (NumberedRequest& each : connection.take_requests()) {
      connection.respond(
          at(0), each.number,
          each.request.upgrade.empty() ? text(200, each.request.body) : standard(403));
      seen.requests.push_back(std::move(each.request));
    }
    seen.output += connection.take_output();
  }
  return seen;
}

TEST(ConnectionInput, MeansTheSameHoweverItIsCutInTwo) {
  std::string bytes = samples();
  std::string_view all = bytes;
  Seen whole = feed({all});
  ASSERT_EQ(whole.requests.size(), 4u);
  EXPECT_EQ(whole.requests[2].body, "{\"windows\":[]}");
  EXPECT_EQ(whole.requests[3].body, "[{\"hostname\":\"m1\"}]");

  for (std::size_t cut = 0; cut <= all.size(); ++cut)
    ASSERT_EQ(feed({all.substr(0, cut), all.substr(cut)}), whole) << "cut at byte " << cut;
}

TEST(ConnectionInput, MeansTheSameByteByByteAndInAnyPieces) {
  std::string bytes = samples();
  Seen whole = feed({bytes});

  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, "pieces");
    std::vector<std::string_view> pieces;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      std::size_t size = seed == 0 ? 1 : std::min<std::size_t>(rest.size(), 1 + random.below(40));
      pieces.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(feed(pieces), whole) << "seed " << seed;
  }
}

TEST(ConnectionInput, IsKeptWhileItIsNotWhole) {
  std::string bytes = "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Seen seen = feed({std::string_view(bytes).substr(0, size)});
    EXPECT_TRUE(seen.requests.empty()) << size;
    EXPECT_EQ(seen.output, "") << size;
  }
}

// One or a few bytes changed, doubled, lost or swapped for another request's.
std::string damage(std::string bytes, RandomStream& random) {
  for (std::uint64_t left = 1 + random.below(4); left > 0; --left) {
    std::size_t at_byte = random.below(bytes.size());
    std::uint64_t kind = random.below(4);
    std::size_t size = 1 + random.below(8);
    if (kind == 0) bytes[at_byte] = static_cast<char>(random.below(256));
    if (kind == 1) bytes.erase(at_byte, size);
    if (kind == 2) bytes.insert(at_byte, bytes.substr(at_byte, size));
    if (kind == 3) bytes.insert(at_byte, std::string(size, static_cast<char>(random.below(256))));
    if (bytes.empty()) bytes = "x";
  }
  return bytes;
}

TEST(ConnectionInput, NeverBreaksTheConnectionWhenDamaged) {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    RandomStream random(seed, "damage");
    std::string bytes = damage(samples(), random);
    std::size_t cut = random.below(bytes.size() + 1);
    SCOPED_TRACE("seed " + std::to_string(seed));

    Seen seen = feed({std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)});

    for (const Request& request : seen.requests) {
      ASSERT_LE(request.body.size(), kLimits.body_bytes_max);
      ASSERT_TRUE(request.path.starts_with('/'));
    }
  }
}

TEST(ConnectionInput, OfPureNoiseNeverBreaksTheConnection) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    RandomStream random(seed, "noise");
    std::string bytes;
    for (std::uint64_t left = random.below(600); left > 0; --left)
      bytes.push_back(static_cast<char>(random.below(256)));
    SCOPED_TRACE("seed " + std::to_string(seed));
    feed({bytes});
  }
}

TEST(ConnectionTime, ClosesAnIdleConnectionWithoutAWord) {
  Connection connection(kLimits, at(0));
  EXPECT_EQ(connection.next_deadline(), at(30).mono);
  connection.receive(at(20), "\r\n");
  EXPECT_EQ(connection.next_deadline(), at(30).mono);

  connection.on_time(at(29));
  EXPECT_FALSE(connection.wants_close());
  connection.on_time(at(30));

  EXPECT_TRUE(connection.wants_close());
  EXPECT_EQ(connection.take_output(), "");
  EXPECT_EQ(connection.next_deadline(), MonoTime::never());
}

TEST(ConnectionTime, CountsFromTheLastAnswer) {
  Connection connection(kLimits, at(0));
  connection.receive(at(5), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(connection.next_deadline(), MonoTime::never());  // it is ours to act

  connection.respond(at(100), RequestNumber(1), empty(200));

  EXPECT_EQ(connection.next_deadline(), at(130).mono);
}

TEST(ConnectionTime, DoesNotWaitForEverForAHeader) {
  Connection connection(kLimits, at(0));
  connection.receive(at(5), "GET / HT");
  connection.receive(at(14), "TP/1.1\r\nX: y\r\n");
  EXPECT_EQ(connection.next_deadline(), at(15).mono);  // a trickle does not move it

  connection.on_time(at(15));

  EXPECT_TRUE(connection.take_output().starts_with("HTTP/1.1 408 Request Time-out\r\n"));
  EXPECT_TRUE(connection.wants_close());
}

TEST(ConnectionTime, DoesNotWaitForEverForABody) {
  Connection connection(kLimits, at(0));
  connection.receive(at(5), "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n");
  connection.receive(at(20), "abc");
  EXPECT_EQ(connection.next_deadline(), at(25).mono);

  connection.on_time(at(25));

  EXPECT_TRUE(connection.take_output().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(connection.wants_close());
}

TEST(ConnectionTime, StillAnswersWhatCameBeforeATimeOut) {
  Connection connection(kLimits, at(0));
  connection.receive(at(0), "GET / HTTP/1.1\r\n\r\nGET");
  ASSERT_EQ(connection.take_requests().size(), 1u);
  connection.on_time(at(10));
  EXPECT_FALSE(connection.wants_close());

  connection.respond(at(11), RequestNumber(1), text(200, "late"));

  Bytes out = connection.take_output();
  EXPECT_LT(out.find("late"), out.find("HTTP/1.1 408"));
  EXPECT_TRUE(connection.wants_close());
}

}  // namespace
}  // namespace quorate::http
