#include "master/ensemble/birth.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/ensemble/founders.h"

namespace quorate::ensemble {
namespace {

// What every row needs: the view without ghosts, and who would found.
struct Scene {
  const BirthView& view;
  std::vector<GroupMember> group;
  FounderChoice choice;

  const OwnReplica& self() const { return view.self; }
  bool first_of(const std::vector<ReplicaId>& able) const {
    for (const GroupMember& member : group)
      if (std::find(able.begin(), able.end(), member.replica) != able.end())
        return member.replica == self().replica;
    return false;
  }
};

std::string text(EnsembleId id) { return quorate::to_text(id); }

Refusal not_member(std::string why) { return {ExitCode::NotMember, std::move(why)}; }
Refusal configuration_fault(std::string why) { return {ExitCode::Configuration, std::move(why)}; }

const paxos::Configuration& own_configuration(const OwnReplica& self) {
  CHECK(self.configuration.has_value());
  return *self.configuration;
}

Born born_of(const OwnReplica& self) {
  const paxos::Configuration& own = own_configuration(self);
  return {self.ensemble, own.epoch, own.members};
}

// Those of the own configuration that are in the group with a log of the own ensemble; with
// `or_empty`, also those that did not vote yet.
std::vector<ReplicaId> here_of_own(const Scene& scene, bool or_empty) {
  std::vector<ReplicaId> here;
  for (const GroupMember& member : scene.group)
    if (own_configuration(scene.self()).contains(member.replica) &&
        (member.empty ? or_empty : member.ensemble == scene.self().ensemble))
      here.push_back(member.replica);
  return here;
}

// --- Rows 5 and 6 ---

std::optional<Refusal> unfit_empty_disk(const BirthView& view) {
  const Flags& flags = view.flags;
  if (flags.masters && !flags.masters->contains(view.self.address))
    return not_member(fmt::format(
        "this master ({}) is not in its --masters={}. Correct the list on all masters, or, if a "
        "name in it means this host, let that name resolve to the address that this master tells "
        "to others (--advertise_ip), or do not start a master here",
        view.self.address, to_text(*flags.masters)));
  const auto* read = std::get_if<RecordRead>(&view.record);
  if (read != nullptr && std::holds_alternative<Born>(read->record)) return {};
  if (std::optional<std::string> fault = contradiction(flags)) return configuration_fault(*fault);
  if (wished_size(flags) == 0)
    return configuration_fault(
        "nobody says of how many masters the ensemble is to be founded: give --quorum (2 for three "
        "masters, 3 for five) or --masters=host1:5050,host2:5050,host3:5050, the same to all");
  return {};
}

// --- Rows 7 to 12: no record ---

BirthAction found_anew(const Scene& scene) {
  const FounderChoice& choice = scene.choice;
  const OwnReplica& self = scene.self();
  if (!scene.view.flags.masters)
    for (const GroupMember& member : scene.group)
      if (!member.empty)
        return Wait{fmt::format(
            "{} holds a log of ensemble {}, but there is no birth record. If that is the log of "
            "this cluster, start its other members: a quorum of them writes the record anew. If it "
            "is a leftover, stop that master and move its --work_dir away",
            name_of(member.replica, member.address), text(member.ensemble))};
  if (choice.complete() && !choice.contains(self.replica))
    return Wait{fmt::format(
        "other masters found the ensemble ({}); this one is one more than --quorum={} asks for",
        names_of(choice.members()), scene.view.flags.quorum.value_or(0))};
  if (std::optional<std::string> obstacle = obstacle_to_founding(choice, self.replica, {}))
    return Wait{*obstacle};
  if (!scene.first_of(choice.ids()))
    return Wait{fmt::format("all founders agree; {} writes the birth record",
                            choice.founders.front().address)};
  return Create{BirthIntent{scene.view.fresh, choice.members()}};
}

BirthAction recreate(const Scene& scene) {
  const OwnReplica& self = scene.self();
  if (!self.configuration)
    return Wait{fmt::format(
        "the birth record is missing. This disk began to learn ensemble {} and does not know its "
        "members; as soon as a quorum of them is here, they write the record anew",
        text(self.ensemble))};
  const paxos::Configuration& own = own_configuration(self);
  const bool born = self.disk == DiskStage::Born;
  const std::vector<ReplicaId> here = here_of_own(scene, !born);
  const std::size_t needed = born ? own.quorum() : own.members.size();
  if (here.size() < needed)
    return Wait{fmt::format(
        "the birth record is missing. This disk holds ensemble {} of {}; {} of them {} here and {} "
        "are needed to write the record anew. Start the others. If this disk is a leftover of "
        "another cluster, stop this master and move its --work_dir away",
        text(self.ensemble), names_of(own.members), here.size(), here.size() == 1 ? "is" : "are",
        needed)};
  if (!scene.first_of(here))
    return Wait{"the birth record is missing; another member of this ensemble writes it anew"};
  if (born) return Recreate{born_of(self)};
  return Recreate{BirthIntent{self.ensemble, own.members}};
}

// --- Rows 13 to 15: an intent, the own disk is empty ---

BirthAction replace_hopeless(const Scene& scene, const BirthIntent& intent, std::int64_t version) {
  const FounderChoice& choice = scene.choice;
  const OwnReplica& self = scene.self();
  if (choice.complete() && !choice.contains(self.replica))
    return Wait{fmt::format(
        "ensemble {} is being founded by {}; this master is not one of them and asks for admission "
        "when it is born",
        text(intent.ensemble), names_of(intent.founders))};
  if (std::optional<std::string> obstacle =
          obstacle_to_replacing(intent, scene.view.flags, scene.group))
    return Wait{*obstacle};
  if (std::optional<std::string> obstacle = obstacle_to_founding(choice, self.replica, {}))
    return Wait{*obstacle};
  if (!scene.first_of(choice.ids()))
    return Wait{fmt::format("a birth that cannot go on is begun anew by {}",
                            choice.founders.front().address)};
  return Replace{BirthIntent{scene.view.fresh, choice.members()}, version};
}

BirthAction take_part(const Scene& scene, const BirthIntent& intent, std::int64_t version) {
  const paxos::Configuration founding = founding_configuration(intent);
  if (scene.choice.complete() && scene.choice.ids() != founding.replicas())
    return replace_hopeless(scene, intent, version);
  if (!founding.contains(scene.self().replica)) return replace_hopeless(scene, intent, version);
  if (std::optional<std::string> obstacle =
          obstacle_to_founding(scene.choice, scene.self().replica, intent.ensemble))
    return Wait{fmt::format("ensemble {} is being founded: {}", text(intent.ensemble), *obstacle)};
  return Found{intent.ensemble, founding};
}

// --- Rows 16 to 20: an intent, the own disk holds a log ---

BirthAction resume(const Scene& scene, const BirthIntent& intent, std::int64_t version) {
  const OwnReplica& self = scene.self();
  const paxos::Configuration founding = founding_configuration(intent);
  if (!founding.contains(self.replica))
    return not_member(fmt::format(
        "this disk (replica {}) holds votes for ensemble {}, whose founders are {}, not this one: "
        "it is a copy, or the record was edited. Move --work_dir away and start again",
        quorate::to_text(self.replica), text(intent.ensemble), names_of(intent.founders)));
  if (self.first_entry_held_by_all)
    return Replace{Born{intent.ensemble, 1, intent.founders}, version};
  for (const paxos::Member& founder : intent.founders) {
    const auto here =
        std::find_if(scene.group.begin(), scene.group.end(),
                     [&](const GroupMember& member) { return member.replica == founder.replica; });
    if (here == scene.group.end())
      return Wait{fmt::format(
          "ensemble {} is being founded, and its founder {} is not here. Start it again. If its "
          "disk is lost for ever: stop all founders, move the --work_dir of those that voted away "
          "(no client's write is in them yet), and start all again",
          text(intent.ensemble), name_of(founder.replica, founder.address))};
    if (!here->empty && here->ensemble != intent.ensemble)
      return Wait{fmt::format("{} is a founder but holds ensemble {}",
                              name_of(founder.replica, founder.address), text(here->ensemble))};
  }
  return Found{intent.ensemble, founding};
}

BirthAction against_intent(const Scene& scene, const BirthIntent& intent, std::int64_t version) {
  const OwnReplica& self = scene.self();
  if (self.disk == DiskStage::Empty) return take_part(scene, intent, version);
  const bool same = self.ensemble == intent.ensemble;
  if (self.disk == DiskStage::Born && same) {
    if (self.configuration) return Replace{born_of(self), version};
    return Wait{"the birth record is behind; a member that knows the ensemble completes it"};
  }
  if (same) return resume(scene, intent, version);
  if (self.disk == DiskStage::Founding)
    return not_member(fmt::format(
        "this disk voted in the birth of ensemble {}, which was given up; the birth record now "
        "says that {} found {}. No client's write is on this disk: move --work_dir away and start "
        "again",
        text(self.ensemble), names_of(intent.founders), text(intent.ensemble)));
  return configuration_fault(fmt::format(
      "two clusters on one ZooKeeper path: this disk holds ensemble {}, and the birth "
      "record says that {} are about to found {} here. Give one of them another --zk path. If this "
      "disk is the right one: stop those masters, delete the birth record, and start the members "
      "of {}; a quorum of them writes it anew",
      text(self.ensemble), names_of(intent.founders), text(intent.ensemble), text(self.ensemble)));
}

// --- Rows 21 to 27: born ---

BirthAction lost_ensemble(const Scene& scene, const Born& born, std::int64_t version) {
  const BirthView& view = scene.view;
  const std::string token = loss_token(born);
  const std::string what = fmt::format("ensemble {} (epoch {}, members {})", text(born.ensemble),
                                       born.epoch, names_of(born.members));
  if (view.loss_token != token)
    return configuration_fault(fmt::format(
        "the birth record says that {} exists here, and every master that should hold it has an "
        "empty disk{}. No empty registry is started in its place. Ways out: (1) restore: bring "
        "back the --work_dir of a quorum of those members (was a volume not mounted, or the path "
        "changed?); (2) import: start a new ensemble from a backup of the registry (quorate-log "
        "import); (3) accept that all agents, quotas, weights and the maintenance schedule that it "
        "recorded are lost: give every master the one-time token {}",
        what, view.loss_token.empty() ? "" : "; the token that was given is for another one",
        token));
  if (std::optional<std::string> fault = contradiction(view.flags))
    return configuration_fault(*fault);
  if (std::optional<std::string> obstacle =
          obstacle_to_founding(scene.choice, view.self.replica, {}))
    return Wait{fmt::format("the loss of {} was accepted; {}", what, *obstacle)};
  if (!scene.first_of(scene.choice.ids()))
    return Wait{fmt::format("the loss of {} was accepted; {} begins the new ensemble", what,
                            scene.choice.founders.front().address)};
  return Replace{BirthIntent{view.fresh, scene.choice.members()}, version};
}

BirthAction empty_beside_born(const Scene& scene, const Born& born, std::int64_t version) {
  std::size_t empty = 0;
  for (const GroupMember& member : scene.group) {
    if (!member.empty && member.ensemble == born.ensemble) return Join{born.ensemble};
    if (member.empty) ++empty;
  }
  const bool all_are_here = wished_size(scene.view.flags) > 0 && scene.choice.complete();
  if (all_are_here && empty >= born.members.size()) return lost_ensemble(scene, born, version);
  return Wait{fmt::format(
      "ensemble {} was born here (epoch {}) and none of its members is here yet: {}. Start them; "
      "this disk is empty and joins them",
      text(born.ensemble), born.epoch, names_of(born.members))};
}

BirthAction against_born(const Scene& scene, const Born& born, std::int64_t version) {
  const OwnReplica& self = scene.self();
  if (self.disk == DiskStage::Empty) return empty_beside_born(scene, born, version);
  if (self.ensemble != born.ensemble)
    return not_member(fmt::format(
        "this disk belongs to another ensemble: it holds {}{}, and the birth record of this "
        "ZooKeeper path says {} (epoch {}, members {}). If --zk is wrong, correct it. If the disk "
        "is a leftover, move --work_dir away and start again",
        text(self.ensemble), self.disk == DiskStage::Founding ? ", never fully born" : "",
        text(born.ensemble), born.epoch, names_of(born.members)));
  const bool newer = self.configuration && self.configuration->epoch > born.epoch;
  if (self.leads && newer) return Replace{born_of(self), version};
  return Join{born.ensemble};
}

BirthAction act(const Scene& scene) {
  const BirthView& view = scene.view;
  if (std::holds_alternative<RecordNotRead>(view.record))
    return Wait{"the birth record was not read from ZooKeeper yet"};
  if (const auto* refused = std::get_if<RecordAccessRefused>(&view.record))
    return configuration_fault(fmt::format(
        "ZooKeeper refuses access to the birth record: {}. Give all masters the same credentials "
        "in --zk, and let them read and write the nodes below its path",
        refused->why));
  if (const auto* undecodable = std::get_if<RecordUndecodable>(&view.record))
    return configuration_fault(undecodable->why);
  const bool empty = view.self.disk == DiskStage::Empty;
  if (empty)
    if (std::optional<Refusal> unfit = unfit_empty_disk(view)) return *unfit;

  const auto* read = std::get_if<RecordRead>(&view.record);
  if (read == nullptr) return empty ? found_anew(scene) : recreate(scene);
  if (const auto* intent = std::get_if<BirthIntent>(&read->record))
    return against_intent(scene, *intent, read->version);
  return against_born(scene, std::get<Born>(read->record), read->version);
}

const BirthIntent* intent_in(const RecordView& record) {
  const auto* read = std::get_if<RecordRead>(&record);
  return read != nullptr ? std::get_if<BirthIntent>(&read->record) : nullptr;
}

}  // namespace

BirthStep next_birth_step(const BirthView& view) {
  CHECK(view.fresh.known());
  CHECK((view.self.disk == DiskStage::Empty) != view.self.ensemble.known());
  if (std::optional<std::string> fault = impossible(view.flags))
    return {configuration_fault(*fault), {}};
  Scene scene{view, without_ghosts(view.group), {}};
  if (wished_size(view.flags) > 0)
    scene.choice = choose_founders(view.flags, scene.group, intent_in(view.record));
  BirthStep step{act(scene), {}};
  if (view.self.disk == DiskStage::Founding)
    step.announce = own_configuration(view.self).replicas();
  else if (view.self.disk == DiskStage::Empty && scene.choice.complete() &&
           scene.choice.contains(view.self.replica))
    step.announce = scene.choice.ids();
  return step;
}

std::string loss_token(const Born& born) {
  return fmt::format("lose-{}-epoch-{}", text(born.ensemble), born.epoch);
}

}  // namespace quorate::ensemble
