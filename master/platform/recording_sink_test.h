#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "master/base/check.h"
#include "master/platform/event_loop.h"
#include "master/ports/process.h"

namespace quorate::platform {

// Runs a loop until what a test waits for has happened, and remembers all events.
class RecordingSink final : public EventSink {
 public:
  explicit RecordingSink(EventLoop& loop) : loop_(loop) {}

  void handle(const Now& now, const Event& event) override {
    times.push_back(now);
    events.push_back(event);
    if (react) react(event);
    if (enough_ && enough_()) loop_.stop();
  }

  // True if it came true in time.
  bool run_until(std::function<bool()> enough, Duration at_most = Duration::seconds(10)) {
    if (enough()) return true;
    enough_ = enough;
    loop_.run_for(*this, at_most);
    enough_ = nullptr;
    return enough();
  }

  void run_for(Duration time) { loop_.run_for(*this, time); }

  // All events of one kind, in their order.
  template <typename E>
  std::vector<E> all() const {
    std::vector<E> found;
    for (const Event& event : events) {
      if (const E* one = std::get_if<E>(&event)) found.push_back(*one);
    }
    return found;
  }

  template <typename E>
  bool run_until_count(std::size_t count, Duration at_most = Duration::seconds(10)) {
    return run_until([this, count] { return all<E>().size() >= count; }, at_most);
  }

  // The first event of a kind; waits for it.
  template <typename E>
  E first() {
    CHECK(run_until_count<E>(1));
    return all<E>().front();
  }

  std::vector<Event> events;
  std::vector<Now> times;
  std::function<void(const Event&)> react;

 private:
  EventLoop& loop_;
  std::function<bool()> enough_;
};

// A Process that only remembers its log lines.
class QuietProcess final : public Process {
 public:
  [[noreturn]] void fail_fast(Exit, const std::string&) override { std::abort(); }
  [[noreturn]] void exit(Exit) override { std::abort(); }
  void ready() override {}
  void status(const std::string&) override {}
  void log(LogLevel, std::string_view) override {}
  void set_log_level(LogLevel) override {}
  void measure_host() override {}
  void verify(VerifyTicket, const std::string&, const Bytes&) override {}
};

// A directory that vanishes with its test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = "/tmp/quorate-platform-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string path;
};

}  // namespace quorate::platform
