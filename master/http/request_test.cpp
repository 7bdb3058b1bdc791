#include "master/http/request.h"

#include <gtest/gtest.h>

namespace quorate::http {
namespace {

TEST(RequestTarget, IsSplitIntoPathQueryAndFragment) {
  Result<Target> target = parse_target("/master/tasks?limit=5&order=asc#top");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, "/master/tasks");
  EXPECT_EQ(target->query, (Query{{"limit", "5"}, {"order", "asc"}}));
  EXPECT_EQ(target->fragment, "top");
}

TEST(RequestTarget, LosesTheAuthorityOfTheAbsoluteForm) {
  EXPECT_EQ(parse_target("http://m1:5050/state?x=1"), parse_target("/state?x=1"));
  EXPECT_EQ(parse_target("http://m1:5050")->path, "/");
  EXPECT_EQ(parse_target("http://m1:5050?x=1")->query, (Query{{"x", "1"}}));
  EXPECT_EQ(parse_target("/redirect?to=http://m1/")->path, "/redirect");
}

TEST(RequestTarget, OfAnotherFormIsRefused) {
  EXPECT_FALSE(parse_target("*").has_value());
  EXPECT_FALSE(parse_target("m1:5050").has_value());
  EXPECT_FALSE(parse_target("").has_value());
  EXPECT_FALSE(parse_target("://x").has_value());
}

TEST(RequestQuery, IsDecodedAsMesosDoesIt) {
  EXPECT_EQ(*parse_query("a=1;b=2&a=3"), (Query{{"a", "3"}, {"b", "2"}}));
  EXPECT_EQ(*parse_query("a+b=c%20d%2B"), (Query{{"a b", "c d+"}}));
  EXPECT_EQ(*parse_query("key&&x=y=z&"), (Query{{"key", ""}, {"x", "y=z"}}));
  EXPECT_EQ(*parse_query(""), Query{});
}

TEST(RequestQuery, WithADamagedEscapeIsAnError) {
  for (const char* text : {"%", "a=%4", "a=%zz", "%4%41"})
    EXPECT_FALSE(parse_query(text).has_value()) << text;
}

TEST(RequestQuery, IsWrittenSoThatItReadsBackTheSame) {
  Query query{{"a b", "1&2"}, {"empty", ""}, {"utf", "\xc3\xa9"}};

  EXPECT_EQ(query_text(query), "a%20b=1%262&empty&utf=%C3%A9");
  EXPECT_EQ(*parse_query(query_text(query)), query);
}

TEST(RequestHeaders, AreFoundInAnyCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");

  EXPECT_EQ(*headers.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.count("Content-type"), 2u);
  EXPECT_FALSE(headers.has("Content"));
}

}  // namespace
}  // namespace quorate::http
