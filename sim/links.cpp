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
  if (from != to) cut_[index(from, to)] = true;
}

void Links::heal(Place from, Place to) {
  cut_[index(from, to)] = false;
  tell();
}

void Links::heal_all() {
  std::fill(cut_.begin(), cut_.end(), false);
  tell();
}

void Links::tell() {
  for (LinkWatcher* watcher : watchers_) watcher->links_healed();
}

}  // namespace quorate::sim
