#pragma once

#include <functional>
#include <memory>

namespace quorate::platform {

// One thread that carries out jobs in their order, for system calls that may block.
class WorkerThread {
 public:
  WorkerThread();
  // Finishes the job that is under way and drops the rest.
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

  void run(std::function<void()> job);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
