#include "sim/run_trace.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

TraceMessage message(std::int64_t sent) {
  TraceMessage out;
  out.sent = SimTime{sent};
  out.text = std::to_string(sent);
  return out;
}

TraceMark mark(TraceMarkKind kind, std::int64_t at) {
  TraceMark out;
  out.kind = kind;
  out.at = SimTime{at};
  return out;
}

TEST(RunTrace, AMessageThatNeverArrivesHasNoTimeOfReceipt) {
  RunTrace trace;
  RunTrace::Id first = trace.sent(message(1));
  trace.sent(message(2));

  trace.received(first, SimTime{5});

  EXPECT_EQ(trace.messages()[0].received, SimTime{5});
  EXPECT_EQ(trace.messages()[1].received, SimTime::never());
}

TEST(RunTrace, OfTrafficTheLastIsKeptAndTheRestIsCounted) {
  RunTrace trace({.traffic = 10, .landmarks = 3});
  for (std::int64_t i = 0; i < 20; ++i) {
    trace.sent(message(i * 2));
    trace.mark(mark(TraceMarkKind::Sync, i * 2 + 1));
  }

  EXPECT_EQ(trace.messages().size() + trace.small_marks().size(), 10u);
  EXPECT_EQ(trace.messages().front().sent, SimTime{30});
  EXPECT_EQ(trace.small_marks().front().at, SimTime{31});
  EXPECT_EQ(trace.dropped(), 30u);
  EXPECT_EQ(trace.complete_from(), SimTime{29});
}

TEST(RunTrace, LandmarksAreNotPushedOutByTraffic) {
  RunTrace trace({.traffic = 2, .landmarks = 3});
  trace.mark(mark(TraceMarkKind::Fault, 0));
  for (std::int64_t i = 1; i < 100; ++i) trace.sent(message(i));
  for (std::int64_t i = 100; i < 103; ++i) trace.mark(mark(TraceMarkKind::Exit, i));

  EXPECT_EQ(trace.landmarks().size(), 3u);
  EXPECT_EQ(trace.landmarks().front().at, SimTime{100});
  EXPECT_EQ(trace.messages().size(), 2u);
}

TEST(RunTrace, WhatIsGoneMayStillArriveOrEnd) {
  RunTrace trace({.traffic = 1, .landmarks = 1});
  RunTrace::Id gone = trace.sent(message(1));
  RunTrace::Id kept = trace.sent(message(2));
  RunTrace::Id pause = trace.mark(mark(TraceMarkKind::Pause, 3));
  trace.mark(mark(TraceMarkKind::Exit, 4));

  trace.received(gone, SimTime{9});
  trace.received(kept, SimTime{10});
  trace.reclassify(gone, TraceMessageKind::Look);
  trace.ended(pause, TraceMarkKind::Pause, SimTime{11});

  EXPECT_EQ(trace.messages()[0].received, SimTime{10});
  EXPECT_EQ(trace.landmarks()[0].until, SimTime::never());
}

TEST(RunTrace, LongTextsAreCutBetweenCharacters) {
  RunTrace trace;
  TraceMessage long_one = message(1);
  long_one.text = std::string(RunTrace::kTextMax - 1, 'x') + "\u00e9 and more";
  trace.sent(long_one);

  EXPECT_EQ(trace.messages()[0].text, std::string(RunTrace::kTextMax - 1, 'x') + "...");
}

}  // namespace
}  // namespace quorate::sim
