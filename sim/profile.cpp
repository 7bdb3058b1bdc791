#include "sim/profile.h"

#include <array>

namespace quorate::sim {
namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration ms(std::int64_t n) { return Duration::milliseconds(n); }

constexpr std::array<Profile, 4> kProfiles = {{
    {.name = "lan",
     .network = {us(60), us(400), 5'000, ms(8)},
     .zookeeper = {us(80), us(500), 5'000, ms(10)},
     .commit = {us(300), ms(3), 10'000, ms(40)},
     .read = {us(20), us(150), 1'000, ms(10)},
     .write = {us(2), us(20), 0, us(20)},
     .sync = {us(100), ms(2), 10'000, ms(60)},
     .split_ppm = 50'000},
    {.name = "wan",
     .network = {ms(15), ms(40), 20'000, ms(200)},
     .zookeeper = {ms(15), ms(40), 20'000, ms(200)},
     .commit = {ms(30), ms(90), 20'000, ms(300)},
     .read = {us(20), us(150), 1'000, ms(10)},
     .write = {us(2), us(20), 0, us(20)},
     .sync = {us(100), ms(2), 10'000, ms(60)},
     .split_ppm = 100'000},
    {.name = "storm",
     .network = {us(60), ms(20), 50'000, ms(900)},
     .zookeeper = {us(80), ms(30), 50'000, ms(900)},
     .commit = {us(300), ms(50), 50'000, ms(900)},
     .read = {us(20), ms(5), 20'000, ms(100)},
     .write = {us(2), us(200), 1'000, ms(20)},
     .sync = {us(100), ms(20), 50'000, ms(700)},
     .split_ppm = 400'000},
    {.name = "disks",
     .network = {us(60), us(400), 5'000, ms(8)},
     .zookeeper = {us(80), us(500), 5'000, ms(10)},
     .commit = {us(300), ms(3), 10'000, ms(40)},
     .read = {us(20), ms(5), 20'000, ms(100)},
     .write = {us(2), us(200), 1'000, ms(20)},
     .sync = {ms(1), ms(120), 50'000, ms(900)},
     .split_ppm = 50'000},
}};

}  // namespace

Duration Delay::draw(RandomStream& random) const {
  if (slow_ppm > 0 && random.chance_ppm(slow_ppm))
    return Duration{random.between(most.ns, slow_most.ns)};
  return Duration{random.between(least.ns, most.ns)};
}

const Profile* find_profile(std::string_view name) {
  for (const Profile& profile : kProfiles)
    if (profile.name == name) return &profile;
  return nullptr;
}

std::vector<std::string_view> profile_names() {
  std::vector<std::string_view> names;
  for (const Profile& profile : kProfiles) names.push_back(profile.name);
  return names;
}

}  // namespace quorate::sim
