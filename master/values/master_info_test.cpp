#include "master/values/master_info.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

MasterInfo example() {
  SocketAddress address{*parse_ipv4("10.0.0.1"), 5050};
  return {.id = "c3b5f7d2-0000-4000-8000-000000000001",
          .ip = address.ip,
          .port = address.port,
          .pid = master_pid(address),
          .hostname = "m1.example.org",
          .version = "1.12.0",
          .domain_json = ""};
}

TEST(MasterInfo, IsPublishedAsMesosToolsReadIt) {
  EXPECT_EQ(to_json(example()),
            R"({"address":{"hostname":"m1.example.org","ip":"10.0.0.1","port":5050},)"
            R"("capabilities":[{"type":"AGENT_UPDATE"},{"type":"AGENT_DRAINING"},)"
            R"({"type":"QUOTA_V2"}],"hostname":"m1.example.org",)"
            R"("id":"c3b5f7d2-0000-4000-8000-000000000001","ip":16777226,)"
            R"("pid":"master@10.0.0.1:5050","port":5050,"version":"1.12.0"})");
}

TEST(MasterInfo, IsReadBackEqualWithItsDomain) {
  MasterInfo info = example();
  info.domain_json = R"({"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}})";

  Result<MasterInfo> read = parse_master_info(to_json(info));

  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(*read, info);
}

TEST(MasterInfo, IsReadFromTheLeastThatMesosRequires) {
  Result<MasterInfo> read =
      parse_master_info(R"({"id":"x","ip":16777343,"port":5051,"new_member":[1,{}]})");

  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(to_text(read->ip), "127.0.0.1");
  EXPECT_EQ(read->pid, "master@127.0.0.1:5051");
  EXPECT_EQ(read->hostname, "");
}

TEST(MasterInfo, NamesTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"ip":1,"port":5050})", "\"id\" is missing"},
      {R"({"id":7,"ip":1,"port":5050})", "\"id\" is not a string"},
      {R"({"id":"x","port":5050})", "\"ip\" is missing"},
      {R"({"id":"x","ip":4294967296,"port":5050})", "\"ip\" is not a whole number"},
      {R"({"id":"x","ip":1,"port":65536})", "\"port\" is not a whole number"},
      {R"({"id":"x","ip":1,"port":5050,"hostname":{}})", "\"hostname\" is not a string"},
      {R"({"id":"x","ip":1,"port":5050,"domain":3})", "\"domain\" is not an object"},
      {R"([])", "not a JSON object"},
      {"master@10.0.0.1:5050", "not JSON"},
      {"", "not JSON"},
  };
  for (const auto& [text, expected] : cases) {
    Result<MasterInfo> read = parse_master_info(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_NE(read.error().text.find(expected), std::string::npos) << read.error().text;
  }
}

TEST(MasterInfo, DiffersWhenAnythingThatMesosComparesDiffers) {
  MasterInfo other = example();
  other.version = "1.11.0";

  EXPECT_NE(other, example());
  EXPECT_EQ(example(), example());
}

TEST(Uuid, HasTheFormOfVersionFourAndDoesNotRepeat) {
  RandomStream random(7, "uuid");
  std::string first = make_uuid(random);
  std::string second = make_uuid(random);

  EXPECT_EQ(first.size(), 36u);
  EXPECT_EQ(first[14], '4');
  EXPECT_NE(std::string("89ab").find(first[19]), std::string::npos);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace quorate
