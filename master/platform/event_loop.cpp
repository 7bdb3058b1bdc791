#include "master/platform/event_loop.h"

#include <time.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "master/base/check.h"

namespace quorate::platform {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec t{};
  CHECK(clock_gettime(clock, &t) == 0);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

struct EventLoop::Impl {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  asio::signal_set signals{io};
  asio::steady_timer timer{io};
  // The timer may be armed earlier than what is wanted: deadlines mostly move away, and then the
  // system call to move the timer along is saved.
  MonoTime wanted = MonoTime::never();
  MonoTime armed = MonoTime::never();
  std::uint64_t generation = 0;  // of the armed timer; older ones are ignored
  EventSink* sink = nullptr;
  bool delivering = false;

  void deliver(const Event& event) {
    CHECK(sink != nullptr);
    CHECK(!delivering);
    delivering = true;
    sink->handle(EventLoop::now(), event);
    delivering = false;
  }

  void arm(MonoTime at) {
    armed = at;
    ++generation;
    timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at.ns)));
    timer.async_wait([this, mine = generation](error_code error) {
      if (error || mine != generation) return;
      armed = MonoTime::never();
      on_timer();
    });
  }

  void on_timer() {
    if (wanted == MonoTime::never()) return;
    if (EventLoop::now().mono < wanted) return arm(wanted);
    wanted = MonoTime::never();
    deliver(Woken{});
  }

  void wait_for_signal() {
    signals.async_wait([this](error_code error, int signal) {
      if (error) return;
      wait_for_signal();
      if (signal == SIGHUP) return deliver(Reload{});
      deliver(StopRequested{});
    });
  }

  void begin(EventSink& to) {
    CHECK(sink == nullptr);  // one run at a time
    sink = &to;
    io.restart();
  }
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::catch_signals() {
  CHECK(std::signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  impl_->signals.add(SIGTERM);
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGHUP);
  impl_->wait_for_signal();
}

void EventLoop::run(EventSink& sink) {
  impl_->begin(sink);
  impl_->io.run();
  impl_->sink = nullptr;
}

void EventLoop::run_for(EventSink& sink, Duration at_most) {
  impl_->begin(sink);
  impl_->io.run_for(std::chrono::nanoseconds(at_most.ns));
  impl_->sink = nullptr;
}

void EventLoop::stop() { impl_->io.stop(); }

void EventLoop::post(Event event) {
  asio::post(impl_->io, [this, event = std::move(event)] { impl_->deliver(event); });
}

void EventLoop::wake_at(MonoTime at) {
  impl_->wanted = at;
  if (at < impl_->armed) impl_->arm(at);
}

Now EventLoop::now() { return {{read_clock(CLOCK_MONOTONIC)}, {read_clock(CLOCK_REALTIME)}}; }

void EventLoop::deliver(const Event& event) { impl_->deliver(event); }

asio::io_context& EventLoop::io() { return impl_->io; }

}  // namespace quorate::platform
