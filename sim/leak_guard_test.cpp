#include "sim/leak_guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>

#include "sim/world.h"

namespace quorate::sim {
namespace {

class Doing final : public Actor {
 public:
  explicit Doing(void (*deed)()) : deed_(deed) {}
  void act(const Task&) override { deed_(); }

 private:
  void (*deed_)();
};

void do_in_a_step(void (*deed)()) {
  World world(1);
  Doing actor(deed);
  world.at(SimTime{}, actor, {});
  world.step(SimTime{});
}

struct Leak {
  const char* name;  // of the function that is caught
  void (*deed)();
};

const Leak kLeaks[] = {
    {"clock_gettime", [] { (void)std::chrono::steady_clock::now(); }},
    {"clock_gettime", [] { (void)std::chrono::system_clock::now(); }},
    {"gettimeofday",
     [] {
       timeval now{};
       (void)::gettimeofday(&now, nullptr);
     }},
    {"time", [] { (void)std::time(nullptr); }},
    {"nanosleep",
     [] {
       const timespec moment{0, 1};
       (void)::nanosleep(&moment, nullptr);
     }},
    {"getrandom",
     [] {
       char byte = 0;
       (void)::getrandom(&byte, 1, 0);
     }},
    {"getentropy",
     [] {
       char byte = 0;
       (void)::getentropy(&byte, 1);
     }},
    {"rand", [] { (void)std::rand(); }},
    {"random", [] { (void)::random(); }},
    {"pthread_create", [] { std::thread([] {}).join(); }},
    {"fork", [] { (void)::fork(); }},
    {"open", [] { (void)::open("/dev/null", O_RDONLY); }},
    {"fopen", [] { (void)std::fopen("/dev/null", "r"); }},
    {"fopen", [] { std::ifstream("/dev/null").get(); }},
    {"socket", [] { (void)::socket(AF_INET, SOCK_STREAM, 0); }},
    {"getenv", [] { (void)std::getenv("HOME"); }},
};

TEST(LeakGuardDeathTest, EachLeakOutOfAStepIsCaughtByName) {
  if (!LeakGuard::works()) GTEST_SKIP() << "sanitizers define these functions themselves";
  for (const Leak& leak : kLeaks)
    EXPECT_DEATH(do_in_a_step(leak.deed), std::string("a leak out of the simulation: ") + leak.name)
        << leak.name;
}

TEST(LeakGuardDeathTest, NamesTheCaller) {
  if (!LeakGuard::works()) GTEST_SKIP() << "sanitizers define these functions themselves";
  EXPECT_DEATH(do_in_a_step([] { (void)std::chrono::steady_clock::now(); }),
               "was called by .*steady_clock.*now");
}

TEST(LeakGuard, OutsideOfStepsEverythingWorks) {
  for (const Leak& leak : kLeaks)
    if (std::string_view(leak.name) != "fork") leak.deed();
  int files = 0;
  do_in_a_step([] {});
  const int file = ::open("/dev/null", O_RDONLY);
  files += file >= 0 ? 1 : 0;
  ::close(file);
  EXPECT_EQ(files, 1);
}

}  // namespace
}  // namespace quorate::sim
