#include "master/paxos/adoption.h"

#include <utility>

#include "master/base/probe.h"
#include "master/paxos/codec.h"

namespace quorate::paxos {
namespace {

// The value of a position that binds.
struct Report {
  Slot slot;
  bool learned = false;  // by the replica that reported it
};

bool counts(const PhaseOne& view, ReplicaId replica) {
  return !view.current || view.current->contains(replica);
}

std::uint32_t quorum_of(const PhaseOne& view) {
  return view.current ? view.current->quorum() : view.quorum;
}

void absorb(const Promise& promise, std::map<Position, Report>& reports) {
  for (const Slot& slot : promise.slots) {
    const bool learned = slot.position <= promise.learned;
    auto [known, fresh] = reports.emplace(slot.position, Report{slot, learned});
    if (fresh) continue;

    Report& best = known->second;
    if (slot.ballot != best.slot.ballot) probe(Probe::PromisesOfTwoBallots);
    if (learned != best.learned) probe(Probe::LearnedBeatsVote);
    const bool binds = learned == best.learned ? slot.ballot > best.slot.ballot : learned;
    if (binds) best = Report{slot, learned};
  }
}

bool holds(const Promise& promise, const Slot& slot) {
  for (const Slot& held : promise.slots)
    if (held.position == slot.position && held.entry == slot.entry) return true;
  return false;
}

// How many members of the configuration promised, and how many of those do not hold the entry.
struct Count {
  std::uint32_t promised = 0;
  std::uint32_t without = 0;
};
Count count(const PhaseOne& view, const Configuration& configuration, const Slot& slot) {
  Count count;
  for (const auto& [replica, promise] : view.promises) {
    if (!configuration.contains(replica)) continue;
    ++count.promised;
    if (!holds(*promise, slot)) ++count.without;
  }
  return count;
}

enum class Change : std::uint8_t { NotChosen, Undecided, Complete };

Change judge(const PhaseOne& view, const Slot& slot, const Configuration& next,
             const Digest& chain) {
  if (count(view, *view.current, slot).without >= view.current->quorum()) {
    probe(Probe::ChangeFree);
    return Change::NotChosen;
  }
  // The founding configuration follows nothing: it is in force already.
  const std::uint64_t epoch =
      slot.entry.kind == EntryKind::Genesis ? next.epoch : view.current->epoch + 1;
  if (slot.entry.assumed_chain != chain || next.epoch != epoch) {
    probe(Probe::ChangeOvertaken);
    return Change::NotChosen;
  }
  const Count theirs = count(view, next, slot);
  if (theirs.without >= next.quorum()) {
    probe(Probe::ChangeUnknownToNext);
    return Change::NotChosen;
  }
  return theirs.promised >= next.quorum() ? Change::Complete : Change::Undecided;
}

}  // namespace

Adoption adopt(const PhaseOne& view) {
  std::uint32_t promised = 0;
  std::map<Position, Report> reports;
  for (const auto& [replica, promise] : view.promises)
    if (counts(view, replica)) ++promised;
  if (promised < quorum_of(view)) return {};
  for (const auto& [replica, promise] : view.promises)
    if (counts(view, replica)) absorb(*promise, reports);

  Adoption adoption;
  adoption.ready = true;
  Digest chain = view.chain_before;
  const Position last = reports.empty() ? Position{0} : reports.rbegin()->first;
  for (Position p = view.from; p <= last; p = p.next()) {
    const auto report = reports.find(p);
    Entry value = report == reports.end() ? Entry::no_op() : report->second.slot.entry;
    const MaybeConfiguration next = view.current ? configuration_in(value) : std::nullopt;
    if (next) {
      switch (judge(view, report->second.slot, *next, chain)) {
        case Change::Undecided: return {.ready = false, .values = {}, .change = next};
        case Change::Complete:
          probe(Probe::ChangeCompleted);
          adoption.values.push_back(std::move(value));
          adoption.change = next;
          return adoption;
        case Change::NotChosen:
          if (value.kind == EntryKind::Genesis) return adoption;
          value = Entry::no_op();
      }
    }
    chain = chain_after(chain, p, value);
    adoption.values.push_back(std::move(value));
  }
  return adoption;
}

}  // namespace quorate::paxos
