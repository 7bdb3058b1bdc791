#include "bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "master/base/check.h"
#include "master/base/text.h"
#include "master/platform/event_loop.h"

namespace quorate::bench {
namespace {

MonoTime clock_now() { return platform::EventLoop::now().mono; }

struct Pipe {
  int read = -1;
  int write = -1;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return failure(std::string("cannot make a pipe: ") + std::strerror(errno));
  return Pipe{ends[0], ends[1]};
}

// By its path, so that tools show it under its name.
std::string this_program() {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "/proc/self/exe";
}

// In the new process, between fork and exec: system calls only.
[[noreturn]] void become(const char* program, char* const* arguments, const std::array<int, 2>& io,
                         pid_t owner) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != owner) ::_exit(127);  // it was gone before
  if (::dup2(io[0], STDIN_FILENO) < 0 || ::dup2(io[1], STDOUT_FILENO) < 0) ::_exit(127);
  ::execv(program, arguments);
  ::_exit(127);
}

std::string status_text(int status) {
  if (WIFSIGNALED(status)) return "by signal " + std::to_string(WTERMSIG(status));
  return "with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<Child> Child::start(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> texts{"quorate-bench"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  Result<Pipe> in = make_pipe();
  if (!in) return tl::unexpected(in.error());
  Result<Pipe> out = make_pipe();
  if (!out) return tl::unexpected(out.error());

  const std::string program = this_program();
  const pid_t owner = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(program.c_str(), pointers.data(), {in->read, out->write}, owner);
  ::close(in->read);
  ::close(out->write);
  Child child(name, pid, in->write, out->read);
  if (pid < 0) return failure("cannot start " + name + ": " + std::strerror(errno));
  return child;
}

Child::Child(Child&& other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      over_(other.over_),
      unread_(std::move(other.unread_)),
      lines_(std::move(other.lines_)) {}

Child& Child::operator=(Child&& other) noexcept {
  kill();
  std::swap(name_, other.name_);
  std::swap(pid_, other.pid_);
  std::swap(in_, other.in_);
  std::swap(out_, other.out_);
  std::swap(over_, other.over_);
  std::swap(unread_, other.unread_);
  std::swap(lines_, other.lines_);
  return *this;
}

void Child::tell(const Line& line) {
  const std::string text = to_text(line) + "\n";
  ssize_t ignored = ::write(in_, text.data(), text.size());
  (void)ignored;
}

bool Child::read_some(MonoTime until) {
  const Duration left = until - clock_now();
  if (over_ || left.ns <= 0) return false;
  pollfd polled{out_, POLLIN, 0};
  const int ready = ::poll(&polled, 1, static_cast<int>(left.whole_milliseconds() + 1));
  if (ready < 0) return errno == EINTR;
  if (ready == 0) return true;  // the caller looks at the clock
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(out_, buffer.data(), buffer.size());
  if (size <= 0) {
    over_ = true;
    return false;
  }
  unread_.append(buffer.data(), static_cast<std::size_t>(size));
  for (std::size_t end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
    // What else it prints is not for us.
    if (Result<Line> line = parse_line(std::string_view(unread_).substr(0, end)))
      lines_.push_back(std::move(*line));
    unread_.erase(0, end + 1);
  }
  return true;
}

Result<Line> Child::wait_for(const std::string& word, Duration at_most) {
  const MonoTime until = clock_now() + at_most;
  while (true) {
    auto found = std::find_if(lines_.begin(), lines_.end(),
                              [&word](const Line& line) { return line.word == word; });
    if (found != lines_.end()) {
      Line line = std::move(*found);
      lines_.erase(found);
      return line;
    }
    if (read_some(until)) continue;
    if (over_) return tl::unexpected(ended());
    return failure(name_ + " did not report '" + word + "' within " + duration_text(at_most));
  }
}

Error Child::ended() {
  int status = 0;
  if (pid_ > 0 && ::waitpid(pid_, &status, 0) == pid_) pid_ = -1;
  return Error{name_ + " ended " + status_text(status) + "; its last lines are above"};
}

void Child::close_pipes() {
  if (in_ >= 0) ::close(std::exchange(in_, -1));
  if (out_ >= 0) ::close(std::exchange(out_, -1));
}

void Child::kill() {
  close_pipes();
  over_ = true;
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Result<void> Child::wait_for_end(Duration at_most) {
  const MonoTime until = clock_now() + at_most;
  while (read_some(until)) continue;
  if (!over_) return failure(name_ + " did not end within " + duration_text(at_most));
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) return failure(name_ + " is gone already");
  pid_ = -1;
  close_pipes();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return failure(name_ + " ended " + status_text(status));
}

}  // namespace quorate::bench
