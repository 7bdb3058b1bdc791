#include "sim/links.h"

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
  tell();
}

void Links::heal_all() {
  for (std::uint32_t from = 0; from < names_.size(); ++from)
    for (std::uint32_t to = 0; to < names_.size(); ++to) set(Place(from), Place(to), false);
  tell();
}

void Links::set(Place from, Place to, bool cut) {
  if (cut_[index(from, to)] == cut) return;
  cut_[index(from, to)] = cut;
  for (LinkWatcher* watcher : watchers_) watcher->link_changed(from, to, !cut);
}

void Links::tell() {
  for (LinkWatcher* watcher : watchers_) watcher->links_healed();
}

}  // namespace quorate::sim
