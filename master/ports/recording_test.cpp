#include "master/ports/recording.h"

#include <gtest/gtest.h>

#include <string>

namespace quorate {
namespace {

const Now kNow{MonoTime{1}, WallTime{2}};

Recorded only_record(const RecordWriter& written) {
  RecordReader reader(written.bytes());
  Result<Recorded> recorded = reader.next();
  EXPECT_TRUE(recorded) << recorded.error().text;
  EXPECT_TRUE(reader.done());
  return recorded.value_or(Recorded{});
}

TEST(Recording, AnEventComesBackAsItWas) {
  const Event event = Received{ConnectionId(7), "GET / HTTP/1.1\r\n"};
  RecordWriter out;
  out.event(kNow, event);

  const Recorded recorded = only_record(out);
  ASSERT_TRUE(std::holds_alternative<RecordedEvent>(recorded));
  EXPECT_EQ(std::get<RecordedEvent>(recorded).event, event);
  EXPECT_EQ(std::get<RecordedEvent>(recorded).now.wall, kNow.wall);
}

TEST(Recording, TheZerosThatAReadEndsWithAreOnlyCounted) {
  const Event event = ReadDone{DiskTicket(1), Bytes("abc") + Bytes(1 << 20, '\0'), {}};
  RecordWriter out;
  out.event(kNow, event);

  EXPECT_LT(out.size(), 5000u);
  const Recorded recorded = only_record(out);
  EXPECT_EQ(std::get<RecordedEvent>(recorded).event, event);
}

TEST(Recording, AnEffectIsComparedWholeOrByItsDigest) {
  RecordWriter whole;
  whole.effect("\x04write");
  RecordWriter digest;
  digest.effect_digest("\x04write");

  EXPECT_LT(RecordWriter().size(), digest.size());
  for (const RecordWriter& written : {whole, digest}) {
    const Recorded recorded = only_record(written);
    const auto& effect = std::get<RecordedEffect>(recorded);
    EXPECT_TRUE(is_same(effect, "\x04write"));
    EXPECT_FALSE(is_same(effect, "\x04wrote"));
    EXPECT_FALSE(is_same(effect, "\x05write"));
    EXPECT_TRUE(describe(effect).starts_with("write [5 bytes"));
  }
}

TEST(Recording, SaysWhyItEnds) {
  RecordWriter out;
  out.ended("full");
  EXPECT_EQ(std::get<RecordedEnd>(only_record(out)).why, "full");
}

// A process that is killed leaves half of a record.
TEST(Recording, CutAnywhereItIsAnErrorAndNoCrash) {
  RecordWriter out;
  out.started(kNow);
  out.event(kNow, Received{ConnectionId(7), "abc"});
  out.effect("\x04write");
  out.effect_digest("\x04write");
  out.ended("full");
  for (std::size_t size = 0; size < out.size(); ++size) {
    const Bytes cut = out.bytes().substr(0, size);
    RecordReader reader(cut);
    while (!reader.done())
      if (!reader.next()) break;
    EXPECT_TRUE(reader.done()) << "after a mistake nothing more is read";
  }
}

TEST(Recording, BytesThatNobodyWroteAreAnError) {
  for (int tag = 6; tag < 256; ++tag) {
    const Bytes bytes(40, static_cast<char>(tag));
    EXPECT_FALSE(RecordReader(bytes).next()) << tag;
  }
}

TEST(Effects, AreDescribedForReports) {
  EXPECT_EQ(describe_effect(Bytes("\x04") + "HTTP/1.1 200\r\n"),
            "write [14 bytes: HTTP/1.1 200..]");
  EXPECT_EQ(describe_effect(""), "nothing");
  EXPECT_EQ(effect_name(EffectKind::Verify), "verify");
  EXPECT_EQ(effect_name(EffectKind::ZkRemove), "zk remove");
}

}  // namespace
}  // namespace quorate
