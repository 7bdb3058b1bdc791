#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "master/base/strong.h"
#include "sim/world.h"

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

// What is wrong with one direction of a link, beside cuts.
struct LinkFaults {
  Duration delay;                      // more than the profile's
  Duration jitter;                     // and up to so much more, drawn
  std::uint64_t bytes_per_second = 0;  // 0: as many as one likes
  bool refuses = false;                // dials are refused
  bool drops_dials = false;            // dials get no answer
  bool shreds = false;                 // heads of what is written arrive a few bytes at a time
};

// Which places reach which others, and how well; each direction for itself. A place always reaches
// itself.
class Links {
 public:
  Place add(std::string name);
  const std::string& name(Place place) const { return names_[place.value]; }
  std::size_t size() const { return names_.size(); }

  bool open(Place from, Place to) const { return !cut_[index(from, to)]; }
  void cut(Place from, Place to);
  // Undoes cuts and faults; what was held back until a time still comes then.
  void heal(Place from, Place to);
  void heal_all();

  LinkFaults& change(Place from, Place to) { return ways_[{from, to}].faults; }
  LinkFaults faults(Place from, Place to) const;
  // Neither cut, clogged, slow nor narrow.
  bool untroubled(SimTime now, Place from, Place to) const;
  // What is sent until then arrives then.
  void clog(Place from, Place to, SimTime until) { ways_[{from, to}].clogged_until = until; }
  // How much longer these bytes take than by the profile.
  Duration slowed(World& world, Place from, Place to, std::size_t bytes);

  // Watchers live as long as this, or leave.
  void watch(LinkWatcher& watcher) { watchers_.push_back(&watcher); }
  void unwatch(LinkWatcher& watcher) { std::erase(watchers_, &watcher); }

 private:
  static constexpr std::size_t kMost = 64;
  struct Way {
    LinkFaults faults;
    SimTime clogged_until;
    SimTime busy_until;  // with the bytes before, when it is narrow
    std::optional<RandomStream> jitter;
  };
  static std::size_t index(Place from, Place to) { return from.value * kMost + to.value; }
  void set(Place from, Place to, bool cut);
  void tell();

  std::vector<std::string> names_;
  std::vector<bool> cut_ = std::vector<bool>(kMost * kMost);
  std::map<std::pair<Place, Place>, Way> ways_;  // those that ever had a fault
  std::vector<LinkWatcher*> watchers_;
};

}  // namespace quorate::sim
