#include "master/base/shared_bytes.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(SharedBytes, HoldsACopyOfWhatItWasGiven) {
  Bytes bytes = "entry";
  const SharedBytes shared = bytes;
  bytes[0] = 'E';

  EXPECT_EQ(shared.view(), "entry");
  EXPECT_EQ(shared.size(), 5U);
}

TEST(SharedBytes, CopiesShareOneBlockAndOutliveEachOther) {
  SharedBytes first = Bytes("entry");
  SharedBytes second = first;
  const char* held = first.view().data();
  first = SharedBytes();

  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.view().data(), held);
  second = SharedBytes(second);
  EXPECT_EQ(second.view(), "entry");
}

TEST(SharedBytes, AreEqualWhenTheirBytesAre) {
  EXPECT_EQ(SharedBytes("a"), SharedBytes(Bytes("a")));
  EXPECT_NE(SharedBytes("a"), SharedBytes("b"));
  EXPECT_EQ(SharedBytes(), SharedBytes(""));
}

TEST(SharedBytes, MovingLeavesNothingBehind) {
  SharedBytes first = "entry";
  const SharedBytes second = std::move(first);

  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the rule
  EXPECT_EQ(second.view(), "entry");
}

}  // namespace
}  // namespace quorate
