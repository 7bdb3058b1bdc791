#include "sim/world.h"

#include <algorithm>

#include "master/base/checksum.h"
#include "sim/leak_guard.h"

namespace quorate::sim {

bool World::later(const Entry& x, const Entry& y) {
  if (x.time != y.time) return x.time > y.time;
  return x.sequence > y.sequence;
}

void World::at(SimTime time, Actor& actor, Task task) {
  if (time == SimTime::never()) return;
  heap_.push_back({std::max(time, now_), sequence_++, &actor, task});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool World::step(SimTime limit) {
  if (heap_.empty() || heap_.front().time > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Entry entry = heap_.back();
  heap_.pop_back();
  now_ = entry.time;
  ++steps_;
  const LeakGuard guard;
  entry.actor->act(entry.task);
  return true;
}

void World::hash(std::uint64_t who, std::string_view bytes) {
  // The hash so far is the seed of the next, so an exchange of two events changes all that follows.
  std::uint64_t key = hash_ ^ (who * 0x9e3779b97f4a7c15ull);
  hash_ = xxh3_64(bytes, key + static_cast<std::uint64_t>(now_.ns) * 0xbf58476d1ce4e5b9ull);
}

}  // namespace quorate::sim
