#include "master/paxos/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/paxos/codec.h"

namespace quorate::paxos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

constexpr ReplicaId kA{1}, kB{2}, kC{3}, kD{4}, kE{5};

Configuration founders() {
  return {1, {{kA, "10.0.0.1:5050"}, {kB, "10.0.0.2:5050"}, {kC, "m3:5050"}}, {}, 0};
}

// protocol.md 26, and the Operational Guide's table.
TEST(Configuration, AMajorityOfTheMembersIsItsQuorum) {
  const auto quorum_of = [](std::size_t members) {
    Configuration configuration;
    configuration.members.resize(members);
    return configuration.quorum();
  };
  EXPECT_EQ(quorum_of(1), 1u);
  EXPECT_EQ(quorum_of(2), 2u);
  EXPECT_EQ(quorum_of(3), 2u);
  EXPECT_EQ(quorum_of(4), 3u);
  EXPECT_EQ(quorum_of(5), 3u);
}

TEST(Configuration, ASuccessorRetiresWhoIsNotInItAnyMore) {
  const Configuration next = successor(founders(), {{kE, ""}, {kA, ""}, {kD, ""}}, 7);
  EXPECT_EQ(next.epoch, 2u);
  EXPECT_EQ(next.wish, 7u);
  EXPECT_THAT(next.replicas(), ElementsAre(kA, kD, kE));
  EXPECT_THAT(next.retired, ElementsAre(kB, kC));
  EXPECT_EQ(broken(next), std::nullopt);
}

TEST(Configuration, OnlyTheLatestRetiredAreRemembered) {
  Configuration configuration{1, {{kA, ""}}, {}, 0};
  for (std::uint64_t i = 0; i < kRetiredMax + 10; ++i)
    configuration = successor(configuration, {{ReplicaId{100 + i}, ""}}, 0);
  EXPECT_EQ(configuration.retired.size(), kRetiredMax);
  EXPECT_EQ(configuration.retired.back(), ReplicaId{100 + kRetiredMax + 8});
}

TEST(Configuration, ComesBackFromItsBytes) {
  const Configuration next = successor(founders(), {{kA, "a:1"}, {kD, "d:2"}}, 9);
  EXPECT_THAT(decode_configuration(encode(next)), Optional(next));
  EXPECT_THAT(configuration_in(configuration_entry(next, {1, 2})), Optional(next));
}

TEST(Configuration, NothingComesFromBytesThatAreNotExactlyOne) {
  const Bytes bytes = encode(founders());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_configuration(std::string_view(bytes).substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(decode_configuration(bytes + "x"), std::nullopt);
  EXPECT_EQ(configuration_in(Entry::no_op()), std::nullopt);
}

TEST(Configuration, WhatMustNotBeIsRefusedBySentenceAndByTheCodec) {
  const auto refused = [](const Configuration& configuration) {
    EXPECT_EQ(decode_configuration(encode(configuration)), std::nullopt);
    return broken(configuration).value_or("");
  };
  EXPECT_THAT(refused({1, {}, {}, 0}), HasSubstr("no members"));
  EXPECT_THAT(refused({0, {{kA, ""}}, {}, 0}), HasSubstr("epoch"));
  EXPECT_THAT(refused({1, {{kA, ""}, {kA, ""}}, {}, 0}), HasSubstr("twice"));
  EXPECT_THAT(refused({1, {{kB, ""}, {kA, ""}}, {}, 0}), HasSubstr("out of order"));
  EXPECT_THAT(refused({1, {{ReplicaId{}, ""}}, {}, 0}), HasSubstr("no id"));
  EXPECT_THAT(refused({1, {{kA, ""}}, {kA}, 0}), HasSubstr("member and retired"));
  EXPECT_THAT(refused({1, {{kA, std::string(kAddressBytesMax + 1, 'x')}}, {}, 0}),
              HasSubstr("too long"));
  Configuration many{1, {}, {}, 0};
  for (std::uint64_t i = 1; i <= kMembersMax + 1; ++i) many.members.push_back({ReplicaId{i}, ""});
  EXPECT_THAT(refused(many), HasSubstr("the most"));
}

}  // namespace
}  // namespace quorate::paxos
