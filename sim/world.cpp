#include "sim/world.h"

#include <algorithm>

#include "master/base/checksum.h"
#include "sim/leak_guard.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kChildren = 4;

}  // namespace

void World::push(Key key) {
  std::size_t at = heap_.size();
  heap_.push_back(key);
  while (at > 0) {
    const std::size_t parent = (at - 1) / kChildren;
    if (!(key < heap_[parent])) break;
    heap_[at] = heap_[parent];
    at = parent;
  }
  heap_[at] = key;
}

World::Key World::pop() {
  const Key first = heap_.front();
  const Key last = heap_.back();
  heap_.pop_back();
  const std::size_t size = heap_.size();
  std::size_t at = 0;
  while (at * kChildren + 1 < size) {
    std::size_t least = at * kChildren + 1;
    const std::size_t end = std::min(least + kChildren, size);
    for (std::size_t child = least + 1; child < end; ++child)
      if (heap_[child] < heap_[least]) least = child;
    if (!(heap_[least] < last)) break;
    heap_[at] = heap_[least];
    at = least;
  }
  if (size > 0) heap_[at] = last;
  return first;
}

void World::at(SimTime time, Actor& actor, Task task) {
  if (time == SimTime::never()) return;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(waiting_.size()));
    waiting_.push_back({});
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  waiting_[slot] = {&actor, task};
  push({std::max(time, now_), sequence_++, slot});
}

bool World::step(SimTime limit) {
  if (heap_.empty() || heap_.front().time > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  const Key key = pop();
  const Waiting next = waiting_[key.slot];
  free_.push_back(key.slot);
  now_ = key.time;
  ++steps_;
  const LeakGuard guard;
  next.actor->act(next.task);
  return true;
}

void World::hash(std::uint64_t who, std::string_view bytes) {
  // The hash so far is the seed of the next, so an exchange of two events changes all that follows.
  std::uint64_t key = hash_ ^ (who * 0x9e3779b97f4a7c15ull);
  hash_ = xxh3_64(bytes, key + static_cast<std::uint64_t>(now_.ns) * 0xbf58476d1ce4e5b9ull);
}

}  // namespace quorate::sim
