#include "master/ensemble/founders.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quorate::ensemble {
namespace {

const GroupMember* find(const std::vector<GroupMember>& group, ReplicaId replica) {
  const auto at = std::find_if(group.begin(), group.end(), [replica](const GroupMember& member) {
    return member.replica == replica;
  });
  return at != group.end() ? &*at : nullptr;
}

const GroupMember* at_address(const std::vector<GroupMember>& group, const std::string& address) {
  const auto at = std::find_if(group.begin(), group.end(), [&address](const GroupMember& member) {
    return member.address == address;
  });
  return at != group.end() ? &*at : nullptr;
}

std::string addresses_of(const std::vector<GroupMember>& members) {
  std::string text;
  for (const GroupMember& member : members) text += (text.empty() ? "" : ", ") + member.address;
  return text.empty() ? "nobody" : text;
}

FounderChoice listed_founders(const MastersList& list, const std::vector<GroupMember>& group) {
  FounderChoice choice;
  for (const GroupMember& member : group)
    if (list.contains(member.address)) choice.founders.push_back(member);
  std::string missing;
  for (const ListedMaster& master : list.masters) {
    const MastersList one{{master}};
    const bool here =
        std::any_of(choice.founders.begin(), choice.founders.end(),
                    [&one](const GroupMember& member) { return one.contains(member.address); });
    if (!here) missing += (missing.empty() ? "" : ", ") + to_text(master);
  }
  if (!missing.empty())
    choice.missing = fmt::format(
        "all {} masters of --masters are needed to found the ensemble, and {} {} not here yet",
        list.size(), missing, missing.find(',') == std::string::npos ? "is" : "are");
  else if (choice.founders.size() != list.size())
    choice.missing = "two masters stand for one entry of --masters";
  return choice;
}

FounderChoice first_founders(std::int64_t quorum, std::size_t wanted,
                             const std::vector<GroupMember>& group) {
  FounderChoice choice;
  choice.founders.assign(
      group.begin(), group.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, group.size())));
  if (choice.founders.size() < wanted)
    choice.missing = fmt::format(
        "--quorum={} founds an ensemble of {} masters, and {} of them {} here: {}. If it should "
        "have fewer, correct --quorum on all of them (1 for one master, 2 for three, 3 for five)",
        quorum, wanted, choice.founders.size(), choice.founders.size() == 1 ? "is" : "are",
        addresses_of(choice.founders));
  return choice;
}

std::string ids_text(const std::vector<ReplicaId>& ids) {
  std::string text;
  for (ReplicaId id : ids) text += (text.empty() ? "" : ", ") + quorate::to_text(id);
  return "{" + text + "}";
}

}  // namespace

std::vector<GroupMember> without_ghosts(const std::vector<GroupMember>& group) {
  std::vector<GroupMember> live;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const bool newer =
        std::any_of(group.begin() + static_cast<std::ptrdiff_t>(i) + 1, group.end(),
                    [&](const GroupMember& later) {
                      return later.replica == group[i].replica || later.address == group[i].address;
                    });
    const bool plausible = group[i].replica != ReplicaId{} && plausible_address(group[i].address);
    if (!newer && plausible) live.push_back(group[i]);
  }
  return live;
}

bool FounderChoice::contains(ReplicaId replica) const { return find(founders, replica) != nullptr; }

std::vector<ReplicaId> FounderChoice::ids() const {
  std::vector<ReplicaId> ids;
  for (const GroupMember& founder : founders) ids.push_back(founder.replica);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<paxos::Member> FounderChoice::members() const {
  std::vector<paxos::Member> members;
  for (const GroupMember& founder : founders) members.push_back({founder.replica, founder.address});
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.replica < b.replica; });
  return members;
}

FounderChoice choose_founders(const Flags& flags, const std::vector<GroupMember>& group,
                              const BirthIntent* intent) {
  if (flags.masters) return listed_founders(*flags.masters, group);
  const std::size_t wanted = wished_size(flags);
  if (intent != nullptr && intent->founders.size() == wanted) {
    FounderChoice resumed;
    for (const GroupMember& member : group)
      if (std::any_of(intent->founders.begin(), intent->founders.end(),
                      [&](const auto& founder) { return founder.replica == member.replica; }))
        resumed.founders.push_back(member);
    if (resumed.founders.size() == wanted) return resumed;
  }
  return first_founders(*flags.quorum, wanted, group);
}

std::optional<std::string> obstacle_to_founding(const FounderChoice& choice, ReplicaId own,
                                                EnsembleId joined) {
  if (!choice.complete()) return choice.missing;
  const std::vector<ReplicaId> ids = choice.ids();
  for (const GroupMember& founder : choice.founders) {
    const std::string name = name_of(founder.replica, founder.address);
    if (!founder.empty && (!joined.known() || founder.ensemble != joined))
      return fmt::format(
          "{} would found the ensemble but holds a log already, of ensemble {}. If that log is a "
          "leftover, stop that master, move its --work_dir away and start it again; if it is the "
          "real one, the disks of the other masters are the wrong ones",
          name, quorate::to_text(founder.ensemble));
    if (founder.replica == own || founder.founders == ids) continue;
    if (founder.founders.empty())
      return fmt::format("{} has not announced yet whom it takes for the founders", name);
    return fmt::format(
        "the masters do not agree on the founders: {} names {}, this one {}. Give all of them the "
        "same --quorum or --masters, and keep masters out that are not meant to be there",
        name, ids_text(founder.founders), ids_text(ids));
  }
  return {};
}

std::optional<std::string> obstacle_to_replacing(const BirthIntent& intent, const Flags& flags,
                                                 const std::vector<GroupMember>& group) {
  for (const paxos::Member& founder : intent.founders) {
    const std::string name = name_of(founder.replica, founder.address);
    if (const GroupMember* here = find(group, founder.replica)) {
      if (here->empty) continue;
      return fmt::format(
          "{} has voted in the birth of ensemble {} that was begun with {}. Start those; or, if "
          "one of them is lost for ever, stop {}, move its --work_dir away (no client's write is "
          "in it yet) and start it again",
          name, quorate::to_text(intent.ensemble), names_of(intent.founders), founder.address);
    }
    if (at_address(group, founder.address) != nullptr) continue;
    if (flags.masters && !flags.masters->contains(founder.address)) continue;
    return fmt::format(
        "the birth of ensemble {} was begun with {}, and {} is not here. Start it again; or, if it "
        "is lost for ever, delete the birth record: no client's write is in that ensemble yet",
        quorate::to_text(intent.ensemble), names_of(intent.founders), name);
  }
  return {};
}

std::string name_of(ReplicaId replica, const std::string& address) {
  return fmt::format("{} (replica {})", address, quorate::to_text(replica));
}

std::string names_of(const std::vector<paxos::Member>& members) {
  std::string text;
  for (const paxos::Member& member : members)
    text += (text.empty() ? "" : ", ") + name_of(member.replica, member.address);
  return text;
}

}  // namespace quorate::ensemble
