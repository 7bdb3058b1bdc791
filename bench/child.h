#pragma once

#include <deque>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/line.h"
#include "master/base/time.h"

namespace quorate::bench {

// A process of this very program that takes commands on stdin and reports on stdout. It ends with
// its owner: by the destructor, by the end of its stdin, and by the kernel should the owner be
// killed.
class Child {
 public:
  // `arguments` are those after the program's name. `name` is for error texts.
  static Result<Child> start(const std::string& name, const std::vector<std::string>& arguments);
  ~Child() { kill(); }
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;  // ends what it was before

  // A child that is gone is found out by the wait that follows.
  void tell(const Line& line);
  // The next report of that word; what came before it is kept for later waits. An error if it does
  // not come in time or the child ends.
  Result<Line> wait_for(const std::string& word, Duration at_most);
  // Ends it at once, and waits until it is gone. Nothing happens to one that is gone already.
  void kill();
  // Waits until it has ended by itself, with code 0.
  Result<void> wait_for_end(Duration at_most);

 private:
  Child(std::string name, pid_t pid, int in, int out)
      : name_(std::move(name)), pid_(pid), in_(in), out_(out) {}
  // More of its output, until then. False: nothing came, or it is over.
  bool read_some(MonoTime until);
  void close_pipes();
  Error ended();

  std::string name_;
  pid_t pid_ = -1;
  int in_ = -1;   // its stdin
  int out_ = -1;  // its stdout
  bool over_ = false;
  std::string unread_;
  std::deque<Line> lines_;
};

}  // namespace quorate::bench
