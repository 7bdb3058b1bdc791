#pragma once

#include <memory>

#include "master/ports/clock.h"
#include "master/ports/event.h"

namespace boost::asio {
class io_context;
}

namespace quorate::platform {

// Whoever takes events in: main.cpp, which hands them to the Master (and to the recorder, if there
// is one). Called on the loop thread only, one event after the other, never from inside a port
// call.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void handle(const Now& now, const Event& event) = 0;
};

// The one loop thread of a master: whoever calls run(). It delivers timers, socket events, signals
// and what other threads post. The clocks are read once before each event.
class EventLoop final : public Clock {
 public:
  EventLoop();
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // From now on SIGTERM and SIGINT are StopRequested, SIGHUP is Reload, SIGPIPE is ignored.
  void catch_signals();

  // Delivers events to `sink` until stop().
  void run(EventSink& sink);
  // The same, but for at most this long. For tests and benchmarks.
  void run_for(EventSink& sink, Duration at_most);
  // From any thread, or from inside handle().
  void stop();

  // Queues an event behind those that wait already. From any thread; what is posted before run() is
  // delivered when it begins.
  void post(Event event);

  void wake_at(MonoTime at) override;

  // CLOCK_MONOTONIC and CLOCK_REALTIME, read now.
  static Now now();

  // For the ports of this folder: delivers at once. On the loop thread, never inside handle().
  void deliver(const Event& event);
  boost::asio::io_context& io();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
