#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "master/base/random.h"
#include "master/ensemble/birth.h"

// Several masters run the decisions of birth against one record with compare-and-set. Reads of the
// record and of the group are stale, writes arrive late or after their writer died, masters crash
// at any moment, disks are wiped. (A lost answer is the same as a late read: nothing is remembered
// of a write, the record is read again.)

namespace quorate::ensemble {
namespace {

constexpr std::uint64_t kSeeds = 2000;
constexpr int kSteps = 400;

struct Host {
  ReplicaId replica;
  std::string address;
  Flags flags;
  // On disk.
  DiskStage disk = DiskStage::Empty;
  EnsembleId ensemble;
  std::optional<paxos::Configuration> configuration;
  // Gone with a crash.
  bool up = false;
  std::size_t record_seen = 0;  // index into the history of the record, + 1; 0: not read
  std::vector<GroupMember> group_seen;
  bool serves = false;
  std::optional<Refusal> refused;  // stays down
};

struct Write {
  std::optional<std::int64_t> over;  // none: only if absent
  BirthRecord record;
};

// What happened in all seeds, so that the test cannot pass by doing nothing.
struct Counters {
  int born = 0, replaced = 0, writes_refused = 0, lost_ensembles = 0, given_up = 0, resumed = 0,
      stuck = 0, votes_for_two = 0;
};

class World {
 public:
  World(std::uint64_t seed, Counters& counters)
      : random_(seed, "birth"), counters_(counters), hosts_(3 + random_.below(3)) {
    // Two extra masters at most: more than --quorum=2 asks for.
    const bool by_list = random_.chance_ppm(400'000);
    for (Host& host : hosts_) {
      renew(host);
      host.address = "10.0.0." + std::to_string(&host - hosts_.data() + 1) + ":5050";
      host.flags.quorum = 2;
      if (by_list)
        host.flags.masters = parse_masters("10.0.0.1:5050,10.0.0.2:5050,10.0.0.3:5050").value();
    }
    records_.push_back({});
    groups_.push_back({});
  }

  void storm() {
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      Host& host = hosts_[random_.below(hosts_.size())];
      const std::uint64_t what = random_.below(100);
      if (what < 2) {
        crash(host);
      } else if (what < 5) {
        expire_nodes();
      } else if (what < 6) {
        wipe(host);
      } else if (what < 16) {
        deliver_write();
      } else if (what < 30) {
        start(host);
      } else if (what < 50) {
        read_group(host, random_.below(4));
      } else if (what < 70) {
        read_record(host, random_.below(3));
      } else {
        act(host);
      }
    }
    if (!random_.chance_ppm(50'000)) return;
    for (Host& host : hosts_) {
      crash(host);
      wipe(host);
    }
  }

  // Everybody starts again, reads are fresh, nothing breaks.
  void calm() {
    for (Host& host : hosts_) crash(host), host.refused.reset();
    expire_nodes();
    for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round)
      for (Host& host : hosts_) {
        while (!writes_.empty()) deliver_write();
        start(host);
        read_record(host, 0);
        read_group(host, 0);
        act(host);
      }
  }

  void judge() {
    if (votes_.size() > 1) ++counters_.votes_for_two;
    const std::optional<EnsembleId> born = born_ensemble();
    if (!born) {
      ++counters_.stuck;
      ASSERT_TRUE(founder_is_lost()) << "nothing was born though all founders are here";
      return;
    }
    ++counters_.born;
    const bool all_empty = std::all_of(hosts_.begin(), hosts_.end(), [](const Host& host) {
      return host.disk == DiskStage::Empty;
    });
    if (all_empty) ++counters_.lost_ensembles;
    for (const Host& host : hosts_) {
      if (all_empty && host.flags.masters && !host.flags.masters->contains(host.address)) continue;
      if (all_empty) {
        ASSERT_TRUE(host.refused.has_value()) << "an empty registry in the place of a lost one";
        ASSERT_EQ(host.refused->exit, ExitCode::Configuration) << host.refused->text;
      } else if (host.ensemble == *born) {
        ASSERT_TRUE(host.serves) << host.address;
      } else if (host.disk == DiskStage::Founding) {
        ++counters_.given_up;
        ASSERT_EQ(host.refused->exit, ExitCode::NotMember);
      }
    }
  }

 private:
  using Record = std::optional<std::pair<BirthRecord, std::int64_t>>;

  void renew(Host& host) {
    host.replica = ReplicaId(++last_id_);
    host.disk = DiskStage::Empty;
    host.ensemble = {};
    host.configuration.reset();
  }

  void start(Host& host) {
    if (host.up || host.refused) return;
    host.up = true;
    std::vector<GroupMember> group = groups_.back();
    group.push_back({host.replica, host.address, host.disk == DiskStage::Empty, host.ensemble, {}});
    groups_.push_back(std::move(group));
  }

  // Its node stays until its session ends.
  void crash(Host& host) {
    host.up = false;
    host.record_seen = 0;
    host.group_seen.clear();
    host.serves = false;
  }

  void wipe(Host& host) {
    if (host.up) return;
    renew(host);
  }

  void expire_nodes() {
    std::vector<GroupMember> group = groups_.back();
    std::erase_if(group, [&](const GroupMember& node) {
      return std::none_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
        return host.up && host.replica == node.replica;
      });
    });
    groups_.push_back(std::move(group));
  }

  void read_record(Host& host, std::uint64_t behind) {
    if (!host.up) return;
    const std::size_t newest = records_.size();
    const std::size_t read = newest > behind ? newest - behind : 1;
    host.record_seen = std::max(host.record_seen, read);
  }

  void read_group(Host& host, std::uint64_t behind) {
    if (!host.up) return;
    host.group_seen =
        groups_[groups_.size() - 1 - std::min<std::size_t>(behind, groups_.size() - 1)];
  }

  BirthView view_of(const Host& host) {
    BirthView view;
    view.self = {host.replica,       host.address, host.disk, host.ensemble,
                 host.configuration, false,        false};
    if (host.disk == DiskStage::Founding)
      view.self.first_entry_held_by_all = all_voted(host.ensemble, *host.configuration);
    view.flags = host.flags;
    view.group = host.group_seen;
    view.fresh = {random_.next() | 1, 1};
    if (host.record_seen == 0) {
      view.record = RecordNotRead{};
    } else if (const Record& record = records_[host.record_seen - 1]) {
      view.record = RecordRead{record->first, record->second};
    } else {
      view.record = RecordAbsent{};
    }
    return view;
  }

  bool all_voted(EnsembleId ensemble, const paxos::Configuration& configuration) {
    const std::set<ReplicaId>& voters = votes_[ensemble];
    const std::vector<ReplicaId> ids = configuration.replicas();
    return std::all_of(ids.begin(), ids.end(), [&](ReplicaId id) { return voters.contains(id); });
  }

  void act(Host& host) {
    if (!host.up) return;
    const BirthStep step = next_birth_step(view_of(host));
    announce(host, step.announce);
    std::visit([&](const auto& action) { on(host, action); }, step.action);
  }

  void announce(const Host& host, const std::vector<ReplicaId>& founders) {
    std::vector<GroupMember> group = groups_.back();
    for (GroupMember& node : group)
      if (node.replica == host.replica) {
        node.founders = founders;
        node.empty = host.disk == DiskStage::Empty;
        node.ensemble = host.ensemble;
      }
    if (group != groups_.back()) groups_.push_back(std::move(group));
  }

  void on(Host&, const Wait&) {}
  void on(Host&, const Create& create) { writes_.push_back({{}, create.record}); }
  void on(Host&, const Recreate& recreate) { writes_.push_back({{}, recreate.record}); }
  void on(Host&, const Replace& replace) { writes_.push_back({replace.version, replace.record}); }

  void on(Host& host, const Found& found) {
    const bool was_in_the_record =
        std::any_of(records_.begin(), records_.end(), [&](const Record& record) {
          const auto* intent = record ? std::get_if<BirthIntent>(&record->first) : nullptr;
          return intent != nullptr && intent->ensemble == found.ensemble &&
                 founding_configuration(*intent) == found.configuration;
        });
    ASSERT_TRUE(was_in_the_record);
    ASSERT_TRUE(found.configuration.contains(host.replica)) << "a stranger votes";
    if (host.disk == DiskStage::Empty) {
      host.disk = DiskStage::Founding;
      host.ensemble = found.ensemble;
      host.configuration = found.configuration;
    } else {
      ++counters_.resumed;
    }
    ASSERT_EQ(host.disk, DiskStage::Founding);
    ASSERT_EQ(host.ensemble, found.ensemble) << "one disk, votes for two ensembles";
    votes_[found.ensemble].insert(host.replica);
  }

  void on(Host& host, const Join& join) {
    ASSERT_EQ(born_ensemble(), std::optional(join.ensemble));
    if (host.disk == DiskStage::Empty) {
      const auto& born = std::get<Born>(records_.back()->first);
      host.configuration = paxos::Configuration{born.epoch, born.members, {}, 0};
    }
    host.disk = DiskStage::Born;
    host.ensemble = join.ensemble;
    host.serves = true;
  }

  void on(Host& host, const Refusal& refusal) {
    crash(host);
    host.refused = refusal;
  }

  void deliver_write() {
    if (writes_.empty()) return;
    const auto at = writes_.begin() + static_cast<std::ptrdiff_t>(random_.below(writes_.size()));
    const Write write = *at;
    writes_.erase(at);
    const Record& now = records_.back();
    if (write.over ? !now || now->second != *write.over : now.has_value()) {
      ++counters_.writes_refused;
      return;
    }
    check_transition(now, write.record);
    records_.push_back({{write.record, now ? now->second + 1 : 0}});
  }

  void check_transition(const Record& before, const BirthRecord& after) {
    ASSERT_FALSE(broken(after).has_value());
    ASSERT_EQ(*parse_birth_record(to_json(after)), after);
    const auto* intent = before ? std::get_if<BirthIntent>(&before->first) : nullptr;
    if (const auto* born = std::get_if<Born>(&after)) {
      ASSERT_NE(intent, nullptr) << "born without an intent";
      ASSERT_EQ(intent->ensemble, born->ensemble) << "born of another intent";
      ASSERT_TRUE(all_voted(born->ensemble, founding_configuration(*intent)))
          << "born though not all founders hold the first entry";
      return;
    }
    ASSERT_TRUE(!before || intent != nullptr) << "a birth in the place of a born ensemble";
    if (before) ++counters_.replaced;
  }

  // Some of the intent have voted, and another one's disk is gone: a person must say what is given
  // up.
  bool founder_is_lost() const {
    const auto* intent = std::get_if<BirthIntent>(&records_.back()->first);
    return std::any_of(intent->founders.begin(), intent->founders.end(), [&](const auto& founder) {
      return std::none_of(hosts_.begin(), hosts_.end(),
                          [&](const Host& host) { return host.replica == founder.replica; });
    });
  }

  std::optional<EnsembleId> born_ensemble() const {
    const Record& record = records_.back();
    const auto* born = record ? std::get_if<Born>(&record->first) : nullptr;
    return born != nullptr ? std::optional(born->ensemble) : std::nullopt;
  }

  RandomStream random_;
  Counters& counters_;
  std::vector<Host> hosts_;
  std::uint64_t last_id_ = 0;
  std::vector<Record> records_;                   // the history; the last one is in force
  std::vector<std::vector<GroupMember>> groups_;  // the same
  std::vector<Write> writes_;                     // under way, in any order
  std::map<EnsembleId, std::set<ReplicaId>> votes_;
};

TEST(BirthAtRandom, AtMostOneEnsembleIsEverBornAndOnlyByAllItsFounders) {
  Counters counters;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, counters);
    world.storm();
    if (!HasFailure()) world.calm();
    if (!HasFailure()) world.judge();
    if (HasFailure()) return;
  }
  // Of 2000 seeds: far below what was seen, far above what a test that does nothing would show.
  EXPECT_GT(counters.born, 1000);
  EXPECT_GT(counters.replaced, 20);
  EXPECT_GT(counters.writes_refused, 200);
  EXPECT_GT(counters.lost_ensembles, 5);
  EXPECT_GT(counters.resumed, 200);
  RecordProperty("born", counters.born);
  RecordProperty("replaced", counters.replaced);
  RecordProperty("writes_refused", counters.writes_refused);
  RecordProperty("lost_ensembles", counters.lost_ensembles);
  RecordProperty("given_up", counters.given_up);
  RecordProperty("resumed", counters.resumed);
  RecordProperty("stuck", counters.stuck);
  RecordProperty("votes_for_two", counters.votes_for_two);
}

}  // namespace
}  // namespace quorate::ensemble
