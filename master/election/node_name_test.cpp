#include "master/election/node_name.h"

#include <gtest/gtest.h>

namespace quorate::election {
namespace {

TEST(NodeName, IsReadAsMesosReadsIt) {
  EXPECT_EQ(parse_node_name("json.info_0000000012"),
            (NodeName{12, "json.info_0000000012", "json.info"}));
  EXPECT_EQ(parse_node_name("info_0000000001"), (NodeName{1, "info_0000000001", "info"}));
  EXPECT_EQ(parse_node_name("0000000003"), (NodeName{3, "0000000003", ""}));
  EXPECT_EQ(parse_node_name("a_b_7"), (NodeName{7, "a_b_7", "a"}));
  EXPECT_EQ(parse_node_name("x_-2147483648"), (NodeName{-2147483648, "x_-2147483648", "x"}));
  EXPECT_EQ(parse_node_name("x_0x1f"), (NodeName{31, "x_0x1f", "x"}));
}

TEST(NodeName, NeedsA32BitNumberAtItsEnd) {
  for (const char* name : {"log_replicas", "quorate_replicas", "", "_", "x_", "x_1a",
                           "x_2147483648", "x_--1", "x_0x", "json.info"}) {
    EXPECT_EQ(parse_node_name(name), std::nullopt) << name;
  }
}

TEST(NodeName, NumbersAloneGiveTheOrder) {
  std::vector<NodeName> names =
      parse_node_names({"a_0000000010", "z_0000000002", "0000000003", "log_replicas"});

  ASSERT_EQ(names.size(), 3u);
  EXPECT_EQ(names[0].name, "z_0000000002");
  EXPECT_EQ(names[2].name, "a_0000000010");
}

}  // namespace
}  // namespace quorate::election
