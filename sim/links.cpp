#include "sim/links.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::sim {

Place Links::add(std::string name) {
  CHECK(names_.size() < kMost);
  names_.push_back(std::move(name));
  return Place(static_cast<std::uint32_t>(names_.size() - 1));
}

void Links::cut(Place from, Place to) {
  if (from != to) set(from, to, true);
}

void Links::heal(Place from, Place to) {
  set(from, to, false);
  if (auto way = ways_.find({from, to}); way != ways_.end()) way->second.faults = {};
  tell();
}

void Links::heal_all() {
  for (std::uint32_t from = 0; from < names_.size(); ++from)
    for (std::uint32_t to = 0; to < names_.size(); ++to) set(Place(from), Place(to), false);
  for (auto& [ends, way] : ways_) way.faults = {};
  tell();
}

void Links::set(Place from, Place to, bool cut) {
  if (cut_[index(from, to)] == cut) return;
  cut_[index(from, to)] = cut;
  for (LinkWatcher* watcher : watchers_) watcher->link_changed(from, to, !cut);
}

LinkFaults Links::faults(Place from, Place to) const {
  auto way = ways_.find({from, to});
  return way == ways_.end() ? LinkFaults{} : way->second.faults;
}

bool Links::untroubled(SimTime now, Place from, Place to) const {
  if (!open(from, to)) return false;
  auto way = ways_.find({from, to});
  if (way == ways_.end()) return true;
  const LinkFaults& wrong = way->second.faults;
  return way->second.clogged_until <= now && wrong.delay.ns == 0 && wrong.jitter.ns == 0 &&
         wrong.bytes_per_second == 0;
}

Duration Links::slowed(World& world, Place from, Place to, std::size_t bytes) {
  auto found = ways_.find({from, to});
  if (found == ways_.end()) return {};
  Way& way = found->second;
  const LinkFaults& wrong = way.faults;
  SimTime there = world.now();
  if (wrong.bytes_per_second > 0) {
    const std::uint64_t ns = bytes * 1'000'000'000 / wrong.bytes_per_second;
    there = std::max(there, way.busy_until) + Duration{static_cast<std::int64_t>(ns)};
    way.busy_until = there;
    world.felt(faults::FaultKind::NarrowLink);
  }
  if (wrong.delay.ns > 0 || wrong.jitter.ns > 0) {
    if (!way.jitter) way.jitter = world.stream("jitter/" + name(from) + "/" + name(to));
    there = there + wrong.delay + Duration{way.jitter->between(0, wrong.jitter.ns)};
    world.felt(faults::FaultKind::SlowLink);
  }
  if (way.clogged_until > world.now()) {
    there = std::max(there, way.clogged_until);
    world.felt(faults::FaultKind::Clog);
  }
  return there - world.now();
}

void Links::tell() {
  for (LinkWatcher* watcher : watchers_) watcher->links_healed();
}

}  // namespace quorate::sim
