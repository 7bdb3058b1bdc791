#include "master/platform/event_loop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

TEST(EventLoop, DeliversWhatOtherThreadsPostInTheirOrder) {
  EventLoop loop;
  RecordingSink sink(loop);

  std::thread poster([&loop] {
    for (std::uint64_t i = 0; i < 1000; ++i) loop.post(Verified{VerifyTicket(i), true});
  });

  EXPECT_TRUE(sink.run_until_count<Verified>(1000));
  poster.join();
  auto seen = sink.all<Verified>();
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(seen[i].ticket.value, i);
}

TEST(EventLoop, WakesNotBeforeTheTimeAndOnlyOnce) {
  EventLoop loop;
  RecordingSink sink(loop);
  MonoTime at = EventLoop::now().mono + Duration::milliseconds(20);

  loop.wake_at(at);
  sink.run_for(Duration::milliseconds(100));

  ASSERT_EQ(sink.all<Woken>().size(), 1U);
  EXPECT_GE(sink.times.front().mono, at);
  EXPECT_LT(sink.times.front().mono, at + Duration::milliseconds(70));
}

TEST(EventLoop, LaterCallReplacesAnEarlierTime) {
  EventLoop loop;
  RecordingSink sink(loop);
  MonoTime start = EventLoop::now().mono;

  loop.wake_at(start + Duration::milliseconds(10));
  loop.wake_at(start + Duration::milliseconds(60));

  EXPECT_TRUE(sink.run_until_count<Woken>(1));
  EXPECT_GE(sink.times.front().mono, start + Duration::milliseconds(60));
}

TEST(EventLoop, SoonerTimeReplacesALaterOne) {
  EventLoop loop;
  RecordingSink sink(loop);
  MonoTime start = EventLoop::now().mono;

  loop.wake_at(start + Duration::seconds(60));
  loop.wake_at(start);  // has passed

  EXPECT_TRUE(sink.run_until_count<Woken>(1, Duration::seconds(2)));
}

TEST(EventLoop, NeverCancels) {
  EventLoop loop;
  RecordingSink sink(loop);

  loop.wake_at(EventLoop::now().mono + Duration::milliseconds(10));
  loop.wake_at(MonoTime::never());
  sink.run_for(Duration::milliseconds(50));

  EXPECT_TRUE(sink.events.empty());
}

TEST(EventLoop, CanBeWokenAgainFromInsideAnEvent) {
  EventLoop loop;
  RecordingSink sink(loop);
  sink.react = [&loop](const Event&) {
    loop.wake_at(EventLoop::now().mono + Duration::milliseconds(1));
  };

  loop.wake_at(EventLoop::now().mono);

  EXPECT_TRUE(sink.run_until_count<Woken>(5, Duration::seconds(2)));
}

TEST(EventLoop, TurnsSignalsIntoEvents) {
  EventLoop loop;
  loop.catch_signals();
  RecordingSink sink(loop);

  ::raise(SIGHUP);
  ::raise(SIGTERM);
  ::raise(SIGPIPE);  // ignored

  EXPECT_TRUE(sink.run_until_count<StopRequested>(1));
  EXPECT_TRUE(sink.run_until_count<Reload>(1));
  EXPECT_EQ(sink.events.size(), 2U);
}

}  // namespace quorate::platform
