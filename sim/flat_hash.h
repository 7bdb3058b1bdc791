#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "master/base/checksum.h"

namespace quorate::sim {

// A set of 128-bit hashes in one flat row, 16 bytes each, at most two thirds full. Made for
// hundreds of millions; nothing ever walks through it, so its order shows nowhere.
class HashSet {
 public:
  // False: it was there.
  bool insert(Digest hash) {
    if (hash == Digest{}) hash.low = 1;  // zero marks a free place
    if ((size_ + 1) * 3 > places_.size() * 2) grow();
    if (!put(hash)) return false;
    ++size_;
    return true;
  }
  std::uint64_t size() const { return size_; }
  std::uint64_t bytes() const { return places_.size() * sizeof(Digest); }

 private:
  bool put(const Digest& hash) {
    const std::uint64_t mask = places_.size() - 1;
    for (std::uint64_t at = hash.low & mask;; at = (at + 1) & mask) {
      if (places_[at] == hash) return false;
      if (places_[at] != Digest{}) continue;
      places_[at] = hash;
      return true;
    }
  }
  void grow() {
    const std::vector<Digest> before =
        std::exchange(places_, std::vector<Digest>(places_.size() * 2));
    for (const Digest& hash : before)
      if (hash != Digest{}) put(hash);
  }

  std::vector<Digest> places_ = std::vector<Digest>(1 << 12);
  std::uint64_t size_ = 0;
};

// From a 64-bit key (not zero) to a number.
class FlatMap {
 public:
  const std::uint32_t* find(std::uint64_t key) const {
    const Place& place = places_[index(key)];
    return place.key == key ? &place.value : nullptr;
  }
  // The key is new.
  void insert(std::uint64_t key, std::uint32_t value) {
    if ((size_ + 1) * 2 > places_.size()) grow();
    places_[index(key)] = {key, value};
    ++size_;
  }
  std::uint64_t size() const { return size_; }

 private:
  struct Place {
    std::uint64_t key = 0;
    std::uint32_t value = 0;
  };
  // Of the key, or where it would go.
  std::size_t index(std::uint64_t key) const {
    const std::uint64_t mask = places_.size() - 1;
    std::uint64_t at = (key * 0x9e3779b97f4a7c15ull) >> 20 & mask;
    while (places_[at].key != 0 && places_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    const std::vector<Place> before =
        std::exchange(places_, std::vector<Place>(places_.size() * 2));
    for (const Place& place : before)
      if (place.key != 0) places_[index(place.key)] = place;
  }

  std::vector<Place> places_ = std::vector<Place>(1 << 12);
  std::uint64_t size_ = 0;
};

}  // namespace quorate::sim
