#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/strong.h"

namespace quorate::sim {

// A spot of the world that packets come from and go to: a host, a ZooKeeper server, the clients.
using Place = Strong<struct PlaceTag, std::uint32_t>;

// Told when links may have opened again, so that what was held back goes on.
class LinkWatcher {
 public:
  virtual ~LinkWatcher() = default;
  virtual void links_healed() = 0;
  // One direction between two places was cut, or opened again.
  virtual void link_changed(Place from, Place to, bool open) { (void)from, (void)to, (void)open; }
};

// Which places reach which others, each direction for itself. A place always reaches itself.
class Links {
 public:
  Place add(std::string name);
  const std::string& name(Place place) const { return names_[place.value]; }
  std::size_t size() const { return names_.size(); }

  bool open(Place from, Place to) const { return !cut_[index(from, to)]; }
  void cut(Place from, Place to);
  void heal(Place from, Place to);
  void heal_all();

  // Watchers live as long as this, or leave.
  void watch(LinkWatcher& watcher) { watchers_.push_back(&watcher); }
  void unwatch(LinkWatcher& watcher) { std::erase(watchers_, &watcher); }

 private:
  static constexpr std::size_t kMost = 64;
  static std::size_t index(Place from, Place to) { return from.value * kMost + to.value; }
  void set(Place from, Place to, bool cut);
  void tell();

  std::vector<std::string> names_;
  std::vector<bool> cut_ = std::vector<bool>(kMost * kMost);
  std::vector<LinkWatcher*> watchers_;
};

}  // namespace quorate::sim
