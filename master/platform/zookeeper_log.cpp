#include "master/platform/zookeeper_log.h"

#include <zookeeper/zookeeper.h>

#include <mutex>
#include <string>

#include "master/platform/event_loop.h"

namespace quorate::platform {

namespace {

constexpr int kLinesMax = 10;
constexpr Duration kLinesPeriod = Duration::seconds(10);

struct Route {
  std::mutex lock;
  Process* process = nullptr;
  MonoTime period_end;
  int lines = 0;
  int dropped = 0;
};

Route& route() {
  static Route the_one;
  return the_one;
}

// "<time>:<pid>(<thread>):ZOO_WARN@<function>@<line>: <text>" without what our own log adds.
std::string_view text_of(std::string_view line) {
  std::size_t level = line.find(":ZOO_");
  std::size_t text = level == line.npos ? line.npos : line.find(": ", level);
  return text == line.npos ? line : line.substr(text + 2);
}

}  // namespace

void route_zookeeper_log(Process* process) {
  zoo_set_debug_level(ZOO_LOG_LEVEL_WARN);
  std::lock_guard lock(route().lock);
  route().process = process;
}

Process* zookeeper_log_route() {
  std::lock_guard lock(route().lock);
  return route().process;
}

void log_zookeeper_line(const char* line) {
  Route& to = route();
  std::lock_guard lock(to.lock);
  if (to.process == nullptr) return;
  MonoTime now = EventLoop::now().mono;
  if (now >= to.period_end) {
    if (to.dropped > 0) {
      to.process->log(LogLevel::Warning,
                      "zookeeper: " + std::to_string(to.dropped) + " lines were left out");
    }
    to.period_end = now + kLinesPeriod;
    to.lines = 0;
    to.dropped = 0;
  }
  if (++to.lines > kLinesMax) {
    ++to.dropped;
    return;
  }
  to.process->log(LogLevel::Warning, "zookeeper: " + std::string(text_of(line)));
}

}  // namespace quorate::platform
