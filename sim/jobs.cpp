#include "sim/jobs.h"

#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/check.h"

namespace quorate::sim {
namespace {

void write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) ::_exit(1);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The work itself, and the probes that it reached.
JobList::Outcome run_counted(JobList& list, std::size_t index) {
  take_probe_counts();
  JobList::Outcome outcome = list.run(index);
  outcome.probes = take_probe_counts();
  return outcome;
}

// A forked process that does every n-th piece of work and writes the outcomes into a pipe.
struct Worker {
  pid_t process = -1;
  int pipe = -1;
  std::size_t next = 0;  // the piece of work whose outcome comes next
  std::string received;
};

class Pool {
 public:
  Pool(JobList& list, std::size_t jobs) : list_(list), jobs_(jobs) {}

  void run() {
    for (std::size_t i = 0; i < jobs_ && i < list_.count(); ++i) {
      workers_.emplace_back();
      begin(workers_.back(), i);
    }
    while (wait_for_some()) {}
    CHECK(reported_ == list_.count());
  }

 private:
  void begin(Worker& worker, std::size_t first) {
    int ends[2];
    CHECK(::pipe(ends) == 0);
    std::fflush(stdout);
    worker.process = ::fork();
    CHECK(worker.process >= 0);
    if (worker.process == 0) {
      ::close(ends[0]);
      for (std::size_t i = first; i < list_.count(); i += jobs_) {
        const JobList::Outcome outcome = run_counted(list_, i);
        ByteWriter out;
        out.u32(static_cast<std::uint32_t>(outcome.code));
        out.sized(outcome.text);
        out.sized(outcome.probes.encode());
        write_all(ends[1], out.bytes());
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    worker.pipe = ends[0];
    worker.next = first;
    worker.received.clear();
  }

  bool wait_for_some() {
    std::vector<pollfd> waiting;
    std::vector<Worker*> owners;
    for (Worker& worker : workers_) {
      if (worker.pipe < 0) continue;
      waiting.push_back({worker.pipe, POLLIN, 0});
      owners.push_back(&worker);
    }
    if (waiting.empty()) return false;
    if (::poll(waiting.data(), waiting.size(), -1) < 0) return true;
    for (std::size_t i = 0; i < waiting.size(); ++i)
      if (waiting[i].revents != 0) receive(*owners[i]);
    return true;
  }

  void receive(Worker& worker) {
    char buffer[65536];
    ssize_t size = ::read(worker.pipe, buffer, sizeof buffer);
    if (size > 0) {
      worker.received.append(buffer, static_cast<std::size_t>(size));
      return take(worker);
    }
    ::close(std::exchange(worker.pipe, -1));
    int status = 0;
    ::waitpid(worker.process, &status, 0);
    if (worker.next >= list_.count()) return;
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    std::size_t lost = worker.next;
    keep(lost, list_.died(lost, signal));
    if (lost + jobs_ < list_.count()) begin(worker, lost + jobs_);
  }

  void take(Worker& worker) {
    while (true) {
      ByteReader in(worker.received);
      JobList::Outcome outcome;
      outcome.code = static_cast<int>(in.u32());
      outcome.text = std::string(in.sized());
      outcome.probes = ProbeCounts::decode(in.sized());
      if (in.failed()) return;
      worker.received.erase(0, worker.received.size() - in.remaining());
      keep(std::exchange(worker.next, worker.next + jobs_), std::move(outcome));
    }
  }

  void keep(std::size_t index, JobList::Outcome outcome) {
    early_.emplace(index, std::move(outcome));
    while (!early_.empty() && early_.begin()->first == reported_) {
      list_.done(reported_, early_.begin()->second);
      early_.erase(early_.begin());
      ++reported_;
    }
  }

  JobList& list_;
  std::size_t jobs_;
  std::vector<Worker> workers_;
  std::map<std::size_t, JobList::Outcome> early_;
  std::size_t reported_ = 0;
};

}  // namespace

void run_jobs(JobList& list, std::size_t jobs) {
  if (jobs > 0) return Pool(list, jobs).run();
  for (std::size_t i = 0; i < list.count(); ++i) list.done(i, run_counted(list, i));
}

}  // namespace quorate::sim
