#include "master/peers/frames.h"

#include <gtest/gtest.h>

namespace quorate::peers {
namespace {

TEST(Frames, ComeOutAsTheyWentInHoweverTheStreamIsCut) {
  const Bytes stream = frame("first") + frame("") + frame(std::string(1000, 'x'));
  for (std::size_t step = 1; step <= stream.size(); step += 7) {
    FrameReader reader;
    std::vector<Bytes> frames;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      reader.receive(std::string_view(stream).substr(at, step));
      while (std::optional<Bytes> payload = reader.next()) frames.push_back(*payload);
    }
    EXPECT_EQ(frames, (std::vector<Bytes>{"first", "", std::string(1000, 'x')})) << step;
    EXPECT_EQ(reader.received_bytes(), stream.size());
  }
}

TEST(Frames, ADamagedByteBreaksTheStreamForGood) {
  const Bytes whole = frame("hello");
  for (std::size_t at = 4; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    FrameReader reader;
    reader.receive(damaged + whole);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.broken());
    EXPECT_FALSE(reader.next());
  }
}

TEST(Frames, BeforeADamagedOneStillComeOut) {
  Bytes damaged = frame("second");
  damaged.back() = '?';
  FrameReader reader;
  reader.receive(frame("first") + damaged + frame("third"));
  EXPECT_EQ(reader.next(), "first");
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
}

TEST(Frames, AnAbsurdLengthIsNotWaitedFor) {
  FrameReader reader;
  reader.receive(Bytes("\xff\xff\xff\xff\0\0\0\0", 8));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
}

}  // namespace
}  // namespace quorate::peers
