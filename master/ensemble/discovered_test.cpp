#include "master/ensemble/discovered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::ensemble {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DiscoveredVoter voter(std::uint64_t id, std::int64_t quorum) {
  return {ReplicaId(id), "10.0.0." + std::to_string(id) + ":5050", quorum};
}

TEST(Discovered, UpToTwiceTheQuorumLessOneMayVote) {
  EXPECT_FALSE(too_many_voters(2, {voter(1, 2), voter(2, 2), voter(3, 2)}).has_value());
  EXPECT_FALSE(too_many_voters(3, {voter(1, 3), voter(2, 3), voter(3, 3), voter(4, 3)}));
}

TEST(Discovered, TwiceTheQuorumIsTwoHistories) {
  const std::optional<Refusal> refusal =
      too_many_voters(2, {voter(1, 2), voter(2, 2), voter(3, 2), voter(4, 2)});
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->exit, ExitCode::LogCorrupt);
  EXPECT_THAT(refusal->text, HasSubstr("4 masters vote, and --quorum=2 is meant for at most 3"));
  EXPECT_THAT(refusal->text, HasSubstr("10.0.0.4:5050 (replica 0000000000000004, --quorum=2)"));
}

TEST(Discovered, OneReplicaAtTwoAddressesIsOneVoter) {
  DiscoveredVoter again = voter(3, 2);
  again.address = "192.168.0.3:5050";
  EXPECT_FALSE(too_many_voters(2, {voter(1, 2), voter(2, 2), voter(3, 2), again}).has_value());
}

// The table of safe pairs: two quorums meet if their sum is larger than the number of voters.
TEST(Discovered, QuorumsThatNeedNotMeetAreNamed) {
  EXPECT_THAT(quorum_warnings({voter(1, 2), voter(2, 2), voter(3, 2)}), IsEmpty());
  EXPECT_THAT(quorum_warnings({voter(1, 2), voter(2, 3), voter(3, 2)}), IsEmpty());
  EXPECT_THAT(quorum_warnings({voter(1, 1), voter(2, 2), voter(3, 2)}),
              ElementsAre(HasSubstr("10.0.0.1:5050 runs with --quorum=1 and 10.0.0.2:5050 with "
                                    "--quorum=2: among 3 voters these quorums need not meet. Give "
                                    "all masters --quorum=2"),
                          HasSubstr("10.0.0.3:5050")));
}

}  // namespace
}  // namespace quorate::ensemble
