#include "master/base/identity.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(ReplicaId, IsWrittenWith16HexadecimalDigits) {
  EXPECT_EQ(to_text(ReplicaId(0)), "0000000000000000");
  EXPECT_EQ(to_text(ReplicaId(0xdeadbeef)), "00000000deadbeef");
  EXPECT_EQ(to_text(ReplicaId(UINT64_MAX)), "ffffffffffffffff");
}

TEST(EnsembleId, IsWrittenWith32HexadecimalDigits) {
  EXPECT_EQ(to_text(EnsembleId{1, 2}), "00000000000000010000000000000002");
}

TEST(EnsembleId, IsKnownUnlessItIsZero) {
  EXPECT_FALSE(EnsembleId{}.known());
  EXPECT_TRUE((EnsembleId{0, 1}).known());
  EXPECT_TRUE((EnsembleId{1, 0}).known());
}

TEST(Incarnation, IsOrderedByItsStartFirst) {
  EXPECT_LT((Incarnation{1, 9}), (Incarnation{2, 1}));
  EXPECT_NE((Incarnation{1, 1}), (Incarnation{1, 2}));
}

TEST(Strong, ComparesAsItsNumberAndCountsOn) {
  using Step = Strong<struct StepTag>;
  EXPECT_LT(Step(1), Step(2));
  EXPECT_EQ(Step(1).next(), Step(2));
  EXPECT_EQ(Step().value, 0u);
}

}  // namespace
}  // namespace quorate
