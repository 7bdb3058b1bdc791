#include "master/ensemble/masters_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::ensemble {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MastersList good(std::string_view text) {
  Result<MastersList> list = parse_masters(text);
  EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().text);
  return list ? *list : MastersList{};
}

std::string error_of(std::string_view text) {
  Result<MastersList> list = parse_masters(text);
  return list ? "no error" : list.error().text;
}

TEST(MastersList, NamesEachMasterByHostAndPort) {
  const MastersList list = good("host2:5050, HOST1:5050 ,10.0.0.3:6060\n");

  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(to_text(list), "10.0.0.3:6060,host1:5050,host2:5050");
}

TEST(MastersList, IsTheSameInAnyOrderAndCase) {
  EXPECT_EQ(good("b:1,a:1,a:2"), good("A:2,a:1,B:1"));
}

TEST(MastersList, ContainsAMasterByItsTextAndByItsAddress) {
  MastersList list = good("host1:5050,10.0.0.2:5050");
  EXPECT_TRUE(list.contains("HOST1:5050"));
  EXPECT_TRUE(list.contains("10.0.0.2:5050"));
  EXPECT_FALSE(list.contains("10.0.0.2:5051"));
  EXPECT_FALSE(list.contains("10.0.0.1:5050"));
  EXPECT_FALSE(list.contains("host1"));
  EXPECT_FALSE(list.contains(""));

  list = *with_resolved(list, "host1", {*parse_ipv4("10.0.0.1")});

  EXPECT_TRUE(list.contains("10.0.0.1:5050"));
  EXPECT_FALSE(list.contains("10.0.0.1:5051"));
}

TEST(MastersList, SaysWhichNamesNeedAResolver) {
  MastersList list = good("b:1,a:1,a:2,10.0.0.2:5050");
  EXPECT_THAT(unresolved_names(list), ElementsAre("a", "b"));
  list = *with_resolved(list, "a", {*parse_ipv4("10.0.0.1")});
  EXPECT_THAT(unresolved_names(list), ElementsAre("b"));
}

TEST(MastersList, RefusesWhatIsNotHostAndPortAndSaysWhatToWrite) {
  const struct {
    const char* text;
    const char* says;
  } cases[] = {
      {"", "the list is empty"},
      {" \n", "the list is empty"},
      {"host1:5050,,host2:5050", "comma too many"},
      {"host1:5050,", "comma too many"},
      {"host1", "'host1' has no port"},
      {"host1:", "'host1:' has no port between 1 and 65535"},
      {"host1:0", "no port between"},
      {"host1:65536", "no port between"},
      {"host1:-1", "no port between"},
      {"host1:5050 host2:5050", "commas stand between masters"},
      {":5050", "has no host"},
      {"zk://host1:2181/mesos", "is a URL or a path"},
      {"host1:5050/master", "is a URL or a path"},
      {"master@10.0.0.1:5050", "before the '@'"},
      {"[::1]:5050", "looks like IPv6"},
      {"::1:5050", "looks like IPv6"},
      {"300.1.1.1:5050", "is not an IPv4 address"},
      {"10.0.0:5050", "is not an IPv4 address"},
      {"0.0.0.0:5050", "names every address of a host"},
      {"ho$t:5050", "a character that no host name has"},
      {"-h:5050", "is not a host name"},
      {"a..b:5050", "is not a host name"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(error_of(c.text), HasSubstr(c.says)) << c.text;
    EXPECT_THAT(error_of(c.text), HasSubstr("--masters=host1:5050,host2:5050,host3:5050"));
  }
}

TEST(MastersList, NamesAMasterOnlyOnce) {
  EXPECT_THAT(error_of("a:1,b:1,A:1"), HasSubstr("a:1 is in the list twice"));

  Result<MastersList> aliased =
      with_resolved(good("host1:5050,10.0.0.1:5050"), "host1", {*parse_ipv4("10.0.0.1")});

  ASSERT_FALSE(aliased.has_value());
  EXPECT_THAT(aliased.error().text,
              HasSubstr("10.0.0.1:5050 and host1:5050 are one master (10.0.0.1:5050)"));
}

TEST(MastersList, RefusesANameThatNobodyKnows) {
  Result<MastersList> list = with_resolved(good("host1:5050"), "host1", {});
  ASSERT_FALSE(list.has_value());
  EXPECT_THAT(list.error().text, HasSubstr("'host1' cannot be resolved on this host"));
}

TEST(MastersList, RefusesALoopbackAddressBesideOthers) {
  EXPECT_THAT(error_of("127.0.0.1:5050,10.0.0.2:5050"),
              HasSubstr("127.0.0.1:5050 is a loopback address"));
  EXPECT_EQ(good("127.0.0.1:5050,127.0.0.1:5051").size(), 2u);
  // As /etc/hosts of many systems has it for the own name.
  EXPECT_TRUE(with_resolved(good("host1:5050,10.0.0.2:5050"), "host1", {*parse_ipv4("127.0.1.1")})
                  .has_value());
}

TEST(MastersList, HasALimitAndAdviceForEvenNumbers) {
  std::string many = "h0:1";
  for (int i = 1; i < 100; ++i) many += ",h" + std::to_string(i) + ":1";
  EXPECT_THAT(error_of(many), HasSubstr("100 masters are listed, 99 is the most"));

  EXPECT_FALSE(advice(good("a:1,b:1,c:1")).has_value());
  EXPECT_THAT(*advice(good("a:1,b:1,c:1,d:1")),
              HasSubstr("4 masters need 3 of them alive and so survive the loss of 1, no more than "
                        "3 masters would"));
}

}  // namespace
}  // namespace quorate::ensemble
