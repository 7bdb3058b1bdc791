#include "master/http/response.h"

#include <gtest/gtest.h>

#include "master/http/gzip.h"

namespace quorate::http {
namespace {

constexpr WallTime kDate{784'111'777'000'000'000};

TEST(Response, HasTheFormThatMesosGives) {
  EXPECT_EQ(render(ok("{}"), {}, kDate),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(render(empty(200), {}, kDate),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(standard(404), text(404, "404 Not Found."));
  EXPECT_EQ(standard(503).body, "503 Service Unavailable.");
}

TEST(Response, CallsTheFunctionThatJsonpAskedFor) {
  std::string callback = "cb";

  Response response = ok("{}", &callback);

  EXPECT_EQ(response.body, "cb({})");
  EXPECT_EQ(*response.headers.find("Content-Type"), "text/javascript");
  EXPECT_EQ(ok("{}", nullptr), ok("{}"));
}

TEST(Response, OfAMethodThatIsNotTakenListsThoseThatAre) {
  Response response = method_not_allowed({"GET", "POST"}, "PUT");

  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(*response.headers.find("Allow"), "GET, POST");
  EXPECT_TRUE(response.body.starts_with("405 Method Not Allowed."));
}

TEST(Response, OfHeadHasTheLengthButNoBody) {
  Bytes bytes = render(ok("[1,2]"), {.head = true}, kDate);

  EXPECT_NE(bytes.find("Content-Length: 5\r\n"), Bytes::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(Response, SaysWhatIsNotTheDefaultOfTheVersion) {
  auto says = [](const ResponseForm& form, std::string_view field) {
    return render(empty(200), form, kDate).find(field) != Bytes::npos;
  };
  EXPECT_FALSE(says({.version = 11, .close = false}, "Connection"));
  EXPECT_TRUE(says({.version = 11, .close = true}, "Connection: close\r\n"));
  EXPECT_TRUE(says({.version = 10, .close = false}, "Connection: keep-alive\r\n"));
  EXPECT_FALSE(says({.version = 10, .close = true}, "Connection"));
}

TEST(Response, IsCompressedFromAKibibyteOnIfTheClientAllows) {
  std::string large(1024, 'x');

  Bytes bytes = render(ok(large), {.accepts_gzip = true}, kDate);
  std::size_t body_at = bytes.find("\r\n\r\n") + 4;

  EXPECT_NE(bytes.find("Content-Encoding: gzip\r\n"), Bytes::npos);
  EXPECT_EQ(gunzip(bytes.substr(body_at), 4096).bytes, large);
  EXPECT_EQ(render(ok(large), {}, kDate).find("gzip"), Bytes::npos);
  EXPECT_EQ(render(ok(large.substr(1)), {.accepts_gzip = true}, kDate).find("gzip"), Bytes::npos);
}

TEST(Response, CannotBeSplitByAForeignHeaderValue) {
  Bytes bytes = render(redirect("//evil\r\nSet-Cookie: x\n"), {}, kDate);

  EXPECT_NE(bytes.find("Location: //evilSet-Cookie: x\r\n"), Bytes::npos);
}

TEST(Response, OfASwitchHasNoLength) {
  EXPECT_EQ(render(switching_protocols("quorate-peer/1"), {}, kDate),
            "HTTP/1.1 101 Switching Protocols\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Upgrade: quorate-peer/1\r\nConnection: Upgrade\r\n\r\n");
}

TEST(HttpDate, IsRightOnUnusualDays) {
  auto at = [](std::int64_t seconds) { return http_date({seconds * 1'000'000'000}); };

  EXPECT_EQ(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(at(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(at(1'709'251'199), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(at(1'709'251'200), "Fri, 01 Mar 2024 00:00:00 GMT");
  EXPECT_EQ(at(4'107'542'400), "Mon, 01 Mar 2100 00:00:00 GMT");
  EXPECT_EQ(at(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(http_date({-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Gzip, IsAcceptedAsTheHeaderSays) {
  for (const char* yes : {"gzip", "deflate, GZIP;q=0.5", "*", "*;q=0, gzip", "gzip;q=1.0, *;q=0"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const char* no : {"", "identity", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "xgzip", ",;,"})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}

TEST(Gzip, InflatesWhatItDeflated) {
  for (std::size_t size : {0u, 1u, 65'536u, 300'000u}) {
    Bytes bytes(size, 'a');
    Inflated back = gunzip(gzip(bytes), size);
    EXPECT_EQ(back.outcome, Inflation::Done) << size;
    EXPECT_EQ(back.bytes, bytes) << size;
  }
}

TEST(Gzip, StopsABombAtItsLimit) {
  Bytes bomb = gzip(Bytes(10'000'000, '\0'));

  EXPECT_LT(bomb.size(), 20'000u);
  EXPECT_EQ(gunzip(bomb, 1'000'000).outcome, Inflation::TooLarge);
  EXPECT_EQ(gunzip(bomb, 10'000'000).outcome, Inflation::Done);
  EXPECT_EQ(gunzip(gzip("x"), 0).outcome, Inflation::TooLarge);
}

TEST(Gzip, RefusesAnythingButOneWholeStream) {
  Bytes good = gzip("hello");

  EXPECT_EQ(gunzip("", 100).outcome, Inflation::Damaged);
  EXPECT_EQ(gunzip("hello", 100).outcome, Inflation::Damaged);
  EXPECT_EQ(gunzip(good + "x", 100).outcome, Inflation::Damaged);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(gunzip(good.substr(0, size), 100).outcome, Inflation::Damaged) << size;
}

}  // namespace
}  // namespace quorate::http
