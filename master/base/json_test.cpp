#include "master/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace quorate {
namespace {

using testing::HasSubstr;

std::string round_trip(std::string_view text) {
  auto json = parse_json(text);
  return json ? json_text(*json) : "error: " + json.error().text;
}

std::string error_of(std::string_view text) {
  auto json = parse_json(text);
  return json ? "parsed: " + json_text(*json) : json.error().text;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  Json json =
      *parse_json(R"({"n":null,"b":true,"i":-5,"d":1.5,"s":"x","a":[1,"y"],"o":{"k":false}})");

  EXPECT_TRUE(json.object()->at("n").is_null());
  EXPECT_EQ(*json.find("b")->boolean(), true);
  EXPECT_EQ(*json.find("i")->integer(), -5);
  EXPECT_EQ(*json.find("d")->real(), 1.5);
  EXPECT_EQ(*json.find("s")->string(), "x");
  EXPECT_EQ(*json.find("a"), Json(Json::Array{Json(std::int64_t{1}), Json(std::string("y"))}));
  EXPECT_EQ(*json.find("o")->find("k")->boolean(), false);
}

TEST(ParseJson, ReadsAnyValueAsADocument) {
  EXPECT_EQ(round_trip("null"), "null");
  EXPECT_EQ(round_trip(" true "), "true");
  EXPECT_EQ(round_trip("\t\"text\"\r\n"), "\"text\"");
  EXPECT_EQ(round_trip("[ ]"), "[]");
  EXPECT_EQ(round_trip("{ }"), "{}");
}

TEST(ParseJson, KeepsWholeNumbersThatFitAndMakesTheOthersReal) {
  EXPECT_EQ(*parse_json("9223372036854775807")->integer(), INT64_MAX);
  EXPECT_EQ(*parse_json("-9223372036854775808")->integer(), INT64_MIN);
  EXPECT_EQ(*parse_json("9223372036854775808")->real(), 9223372036854775808.0);
  EXPECT_EQ(*parse_json("18446744073709551615")->real(), 18446744073709551615.0);
  EXPECT_EQ(*parse_json("123456789012345678901234567890")->real(),
            123456789012345678901234567890.0);
  EXPECT_EQ(*parse_json("1.0")->real(), 1.0);
  EXPECT_EQ(*parse_json("1e2")->real(), 100.0);
  EXPECT_EQ(*parse_json("4294967296")->integer(), 4294967296);
}

TEST(ParseJson, ReadsTheNearestDouble) {
  EXPECT_EQ(*parse_json("0.1")->real(), 0.1);
  EXPECT_EQ(*parse_json("2.2250738585072011e-308")->real(), 2.2250738585072011e-308);
  EXPECT_EQ(*parse_json("1.7976931348623157e308")->real(), std::numeric_limits<double>::max());
  EXPECT_THAT(error_of("1e999"), HasSubstr("not valid JSON"));
}

TEST(ParseJson, OfMembersWithOneNameTheLastCounts) {
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  EXPECT_EQ(round_trip(R"({"a":{"deep":1},"a":[]})"), R"({"a":[]})");
  EXPECT_EQ(parse_json(R"({"a":1,"a":null})")->find("a"), nullptr);
}

TEST(ParseJson, SortsMembersByName) {
  EXPECT_EQ(round_trip(R"({"b":1,"a":2,"B":3,"":4})"), R"({"":4,"B":3,"a":2,"b":1})");
}

TEST(ParseJson, DecodesEscapes) {
  EXPECT_EQ(*parse_json(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00")")->string(),
            "\"\\/\b\f\n\r\tA\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(*parse_json(R"("a\u0000b")")->string(), std::string("a\0b", 3));
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "nul",
                           "tru",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "-",
                           "NaN",
                           "Infinity",
                           "\"open",
                           "\"\\x\"",
                           "\"\t\"",
                           "[1 2]",
                           "{\"a\" 1}",
                           "// c\n1",
                           "\xef\xbb\xbf{}x",
                           "\"\\ud800\""})
    EXPECT_THAT(error_of(text), HasSubstr("not valid JSON")) << text;
}

TEST(ParseJson, RefusesTrailingText) {
  EXPECT_THAT(error_of("{} x"), HasSubstr("not valid JSON at byte 3"));
  EXPECT_THAT(error_of("1 2"), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(std::string_view("{}\0{}", 5)), HasSubstr("not valid JSON at byte 2"));
  EXPECT_THAT(error_of(std::string_view("{}\0", 3)), HasSubstr("not valid JSON at byte 2"));
  EXPECT_THAT(error_of(std::string_view("\0", 1)), HasSubstr("not valid JSON"));
}

TEST(ParseJson, NamesTheByteOfTheError) {
  EXPECT_THAT(error_of("[1, 2, x]"), HasSubstr("at byte 7"));
}

TEST(ParseJson, RefusesBadUtf8) {
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
                           "\"\xf8\x88\x80\x80\x80\"", "{\"\xff\":1}"})
    EXPECT_THAT(error_of(text), HasSubstr("not valid JSON")) << text;
  EXPECT_EQ(round_trip("\"\xc3\xa9\xf0\x9f\x98\x80\""), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST(ParseJson, ReadsNestingOf200LevelsAndRefusesMore) {
  EXPECT_EQ(round_trip(nested(200)), nested(200));
  EXPECT_THAT(error_of(nested(201)), HasSubstr("nested deeper than 200 levels"));
  EXPECT_THAT(error_of(std::string(1'000'000, '[')), HasSubstr("nested deeper than 200 levels"));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  EXPECT_THAT(error_of(objects), HasSubstr("nested deeper than 200 levels"));
}

TEST(ParseJson, EveryTruncationOfADocumentIsAnError) {
  std::string text = R"({"windows":[{"ids":["a\n",null,true],"n":-1.5e3}]})";
  ASSERT_TRUE(parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_json(std::string_view(text).substr(0, size))) << size;
}

TEST(ParseJson, ChangedBytesNeverCrashAndReadBackAsTheyWereWritten) {
  const std::string text = R"({"k\u0001":[-12,3.25,"\u00e9",{"":[]}],"t":true})";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = text;
      changed[at] = static_cast<char>(value);
      auto json = parse_json(changed);
      if (json) { ASSERT_EQ(parse_json(json_text(*json)), json) << changed; }
    }
  }
}

TEST(Json, FindGivesNothingForNullAndForWhatIsNoObject) {
  Json json = *parse_json(R"({"a":null,"b":[1]})");

  EXPECT_EQ(json.find("a"), nullptr);
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(json.find("b")->find("a"), nullptr);
  EXPECT_EQ(Json().find("a"), nullptr);
}

TEST(Json, AValueIsOfOneKindOnly) {
  Json number(std::int64_t{1});
  EXPECT_EQ(number.real(), nullptr);
  EXPECT_EQ(number.boolean(), nullptr);
  EXPECT_EQ(number.string(), nullptr);
  EXPECT_EQ(number.array(), nullptr);
  EXPECT_EQ(number.object(), nullptr);
  EXPECT_FALSE(number.is_null());
  EXPECT_NE(number, Json(1.0));
}

TEST(JsonWriter, WritesInTheOrderOfTheCalls) {
  JsonWriter out;
  out.begin_object().member("b", "x").member_integer("a", -1).member_boolean("t", true);
  out.key("list").begin_array().null().unsigned_integer(UINT64_MAX).raw("{\"r\":1}").end_array();
  out.member_real("r", 2).end_object();

  EXPECT_EQ(out.take(),
            R"({"b":"x","a":-1,"t":true,"list":[null,18446744073709551615,{"r":1}],"r":2.0})");
}

TEST(JsonWriter, RealsAlwaysShowThatTheyAre) {
  auto written = [](double v) { return json_text(Json(v)); };
  EXPECT_EQ(written(0), "0.0");
  EXPECT_EQ(written(1), "1.0");
  EXPECT_EQ(written(-5), "-5.0");
  EXPECT_EQ(written(-0.0), "-0.0");
  // Whole numbers that fit a real without gaps are written another way than those above.
  for (const char* whole : {"1000000.0", "9007199254740991.0", "-9007199254740991.0",
                            "9007199254740992.0", "9007199254740994.0"})
    EXPECT_EQ(written(*parse_json(whole)->real()), whole);
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e300), "1e300");
  EXPECT_EQ(written(1234567.5), "1234567.5");
  for (double v : {1e15, 1e17, 1e21, 1e22, 4e-5, 1e-7, 5e-324, 1.7976931348623157e308}) {
    EXPECT_NE(written(v).find_first_of(".e"), std::string::npos) << written(v);
    EXPECT_EQ(*parse_json(written(v))->real(), v) << written(v);
  }
}

TEST(JsonWriter, NumbersThatJsonDoesNotHaveBecomeNull) {
  EXPECT_EQ(json_text(Json(std::nan(""))), "null");
  EXPECT_EQ(json_text(Json(HUGE_VAL)), "null");
  EXPECT_EQ(json_text(Json(Json::Array{Json(-HUGE_VAL), Json(1.0)})), "[null,1.0]");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  EXPECT_EQ(json_text(Json(std::string("\"\\\n\x01/\x7f\xc3\xa9"))),
            "\"\\\"\\\\\\n\\u0001/\x7f\xc3\xa9\"");
  EXPECT_EQ(json_text(Json(std::string("a\0b", 3))), "\"a\\u0000b\"");
}

}  // namespace
}  // namespace quorate
