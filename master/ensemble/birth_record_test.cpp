#include "master/ensemble/birth_record.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/base/checksum.h"

namespace quorate::ensemble {
namespace {

using testing::HasSubstr;
using testing::Not;

const BirthIntent kIntent{{0xabc, 0xdef},
                          {{ReplicaId(1), "10.0.0.1:5050"}, {ReplicaId(2), "10.0.0.2:5050"}}};
const Born kBorn{{0xabc, 0xdef}, 7, {{ReplicaId(1), "10.0.0.1:5050"}}};

std::string error_of(std::string_view text) {
  Result<BirthRecord> record = parse_birth_record(text);
  return record ? "no error" : record.error().text;
}

// The text with a checksum that fits, so that the other checks are what refuses it.
std::string sealed(const std::string& without_check) {
  return fmt::format("{},\"check\":\"{:08x}\"}}", without_check, crc32c(without_check));
}

TEST(BirthRecord, HasOneLineOfJson) {
  const std::string intent =
      R"({"format":1,"state":"intent","ensemble":"0000000000000abc0000000000000def",)"
      R"("founders":[{"replica":"0000000000000001","address":"10.0.0.1:5050"},)"
      R"({"replica":"0000000000000002","address":"10.0.0.2:5050"}])";
  EXPECT_EQ(to_json(kIntent), sealed(intent));
  const std::string born =
      R"({"format":1,"state":"born","ensemble":"0000000000000abc0000000000000def","epoch":7,)"
      R"("members":[{"replica":"0000000000000001","address":"10.0.0.1:5050"}])";
  EXPECT_EQ(to_json(kBorn), sealed(born));
}

TEST(BirthRecord, ReadsWhatItWrote) {
  EXPECT_EQ(*parse_birth_record(to_json(kIntent)), BirthRecord(kIntent));
  EXPECT_EQ(*parse_birth_record(to_json(kBorn)), BirthRecord(kBorn));
}

TEST(BirthRecord, FoundsTheFirstConfiguration) {
  const paxos::Configuration first = founding_configuration(kIntent);
  EXPECT_EQ(first.epoch, 1u);
  EXPECT_EQ(first.members, kIntent.founders);
  EXPECT_FALSE(broken(first).has_value());
}

TEST(BirthRecord, RefusesANewerFormatWithoutTouchingIt) {
  const std::string error = error_of(R"({"format":2,"state":"unheard-of"})");
  EXPECT_THAT(error, HasSubstr("has format 2, and this program knows only format 1"));
  EXPECT_THAT(error, HasSubstr("Start this master with that release or a newer one"));
  EXPECT_THAT(error, Not(HasSubstr("delete")));
}

TEST(BirthRecord, SaysWhatIsWrongWithADamagedOneAndWhatToDo) {
  const std::string id = R"("ensemble":"0000000000000abc0000000000000def")";
  const struct {
    std::string text;
    const char* says;
  } cases[] = {
      {"", "it is empty"},
      {std::string(70'000, ' '), "it has 70000 bytes"},
      {"born", "not valid JSON at byte 0"},
      {"[1]", "it is not a JSON object"},
      {"{}", "it has no format number"},
      {R"({"format":"1"})", "it has no format number"},
      {R"({"format":0})", "its format number is 0"},
      {R"({"format":1})", "\"ensemble\" is not 32 hexadecimal digits"},
      {R"({"format":1,"ensemble":"abc"})", "\"ensemble\" is not 32 hexadecimal digits"},
      {R"({"format":1,)" + id + R"(,"state":"dead"})", "'dead', neither intent nor born"},
      {R"({"format":1,)" + id + R"(,"state":"intent"})", "it has no list \"founders\""},
      {R"({"format":1,)" + id + R"(,"state":"intent","founders":[{"replica":"1"}]})",
       "\"replica\" of entry 1 of \"founders\""},
      {R"({"format":1,)" + id + R"(,"state":"intent","founders":[]})", "it has no members"},
      {R"({"format":1,)" + id + R"(,"state":"born","members":[]})", "\"epoch\" is not a number"},
      {R"({"format":1,)" + id + R"(,"state":"born","epoch":0,"members":[]})",
       "\"epoch\" is not a number"},
      {sealed(R"({"format":1,"state":"born",)" + id + R"(,"epoch":1,"members":[])"),
       "it has no members"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(error_of(c.text), HasSubstr(c.says)) << c.text;
    EXPECT_THAT(error_of(c.text), HasSubstr("Nothing was changed")) << c.text;
    EXPECT_THAT(error_of(c.text), HasSubstr("restore a backup first")) << c.text;
  }
}

TEST(BirthRecord, NoticesEveryChangedByteAndEveryCut) {
  const std::string text = to_json(kIntent);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(error_of(changed), "no error") << changed;
    EXPECT_NE(error_of(text.substr(0, at)), "no error");
    EXPECT_NE(error_of(text.substr(0, at) + " " + text.substr(at)), "no error");
  }
  EXPECT_NE(error_of(text + "\n"), "no error");
}

TEST(BirthRecord, ExpectsFoundersInOrderAndEachOnce) {
  BirthIntent twice = kIntent;
  twice.founders.push_back(twice.founders.front());
  EXPECT_TRUE(broken(twice).has_value());
  EXPECT_TRUE(broken(BirthIntent{{}, kIntent.founders}).has_value());
  EXPECT_TRUE(broken(Born{kBorn.ensemble, 0, kBorn.members}).has_value());
}

}  // namespace
}  // namespace quorate::ensemble
