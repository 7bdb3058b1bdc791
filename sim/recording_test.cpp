#include "sim/recording.h"

#include <gtest/gtest.h>

#include <utility>

namespace quorate::sim {
namespace {

// Answers each read by writing its size; ends at the tenth event.
class Echo final : public Node {
 public:
  Echo(const Ports& ports, std::uint64_t seed, std::uint64_t extra)
      : ports_(ports), seed_(seed), extra_(extra) {}
  void start(Now now) override { ports_.clock.wake_at(now.mono + Duration::seconds(1)); }
  void handle(Now, const Event& event) override {
    const auto* read = std::get_if<ReadDone>(&event);
    if (read == nullptr) ports_.process.fail_fast(Exit::Disk, "enough");
    std::uint64_t size = read->bytes.size() + extra_;
    ports_.disk.write("f", seed_, std::to_string(size) + read->bytes.substr(0, 3));
  }

 private:
  Ports ports_;
  std::uint64_t seed_, extra_;
};

class EchoFactory final : public NodeFactory {
 public:
  std::uint64_t extra = 0;
  std::unique_ptr<Node> make(const HostSpec&, const Ports& ports, std::uint64_t seed) override {
    return std::make_unique<Echo>(ports, seed, extra);
  }
};

struct IntoRecording final : EffectSink {
  explicit IntoRecording(Recording& r) : recording(r) {}
  void on_effect(const Bytes& effect) override { recording.effect(effect); }
  Recording& recording;
};

class RecordingTest : public testing::Test {
 protected:
  RecordingTest() {
    IntoRecording sink(recording);
    SilentPorts silent;
    RecordingPorts ports(sink, silent.ports());
    auto node = factory.make(spec, ports.ports(), 5);
    recording.started(now);
    node->start(now);
    for (std::size_t size : {10u, 4096u, 20'000u, 1u << 20}) {
      Bytes bytes(size, '\0');
      bytes[2] = 'x';
      give(*node, ReadDone{DiskTicket(1), bytes, std::nullopt});
    }
    try {
      give(*node, Woken{});
    } catch (const ProcessEnded&) {}
  }
  void give(Node& node, const Event& event) {
    recording.event(now, event);
    node.handle(now, event);
  }

  HostSpec spec{"m1", Ipv4{1}, 5050, {}};
  Now now{MonoTime{1}, WallTime{2}};
  EchoFactory factory;
  Recording recording{5};
};

TEST_F(RecordingTest, TheSameNodeHasTheSameEffects) {
  EXPECT_EQ(replay_difference(recording, factory, spec), std::nullopt);
}

TEST_F(RecordingTest, TheZerosOfReadsAreNotKept) { EXPECT_LT(recording.size(), 20'000u); }

TEST_F(RecordingTest, ANodeThatDoesSomethingElseDiffersAtItsFirstDeed) {
  factory.extra = 1;
  auto difference = replay_difference(recording, factory, spec);
  ASSERT_TRUE(difference.has_value());
  EXPECT_TRUE(difference->starts_with("m1, event 2 (ReadDone): replayed: disk write"))
      << *difference;
}

TEST_F(RecordingTest, AnEffectTooFewOrTooManyIsADifference) {
  recording.effect("\x1e");
  EXPECT_TRUE(replay_difference(recording, factory, spec).has_value());
}

}  // namespace
}  // namespace quorate::sim
