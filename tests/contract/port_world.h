#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "master/ports/event.h"
#include "master/ports/ports.h"

namespace quorate::contract {

// One process with a disk, a clock and a network of its own, real or simulated. The cases of
// port_cases_*.cpp are run in each and must see the same.
class PortWorld {
 public:
  virtual ~PortWorld() = default;

  virtual Disk& disk() = 0;
  virtual Clock& clock() = 0;
  virtual Network& network() = 0;
  virtual MonoTime now() = 0;
  // An address of this process itself, with a port that it may listen at.
  virtual SocketAddress own_address() = 0;
  // Lets time pass until `enough`, or until `at_most` is over; true if it was enough.
  virtual bool run_until(const std::function<bool()>& enough,
                         Duration at_most = Duration::seconds(10)) = 0;
  // Ends the process and starts the next one, on the same disk.
  virtual void next_process() = 0;

  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }

  // All that was delivered to this process, with the times.
  std::vector<Event> events;
  std::vector<MonoTime> times;

  template <typename E>
  std::vector<E> all() const {
    std::vector<E> found;
    for (const Event& event : events)
      if (const E* one = std::get_if<E>(&event)) found.push_back(*one);
    return found;
  }
  template <typename E>
  bool run_until_count(std::size_t count) {
    return run_until([this, count] { return all<E>().size() >= count; });
  }
};

std::unique_ptr<PortWorld> real_ports();
std::unique_ptr<PortWorld> simulated_ports();

struct PortCase {
  std::string name;
  void (*run)(PortWorld& world);
};
std::vector<PortCase> disk_cases();
std::vector<PortCase> clock_cases();
std::vector<PortCase> network_cases();

}  // namespace quorate::contract
