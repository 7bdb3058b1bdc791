#include "sim/votes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "master/paxos/codec.h"

namespace quorate::sim {
namespace {

bool voted(const Votes::Proposal& proposal, Place lane) {
  return std::any_of(proposal.votes.begin(), proposal.votes.end(),
                     [lane](const Votes::Vote& vote) { return vote.lane == lane; });
}

}  // namespace

Digest digest_of(const paxos::Entry& entry) {
  ByteWriter out;
  put(out, entry);
  return xxh3_128(out.bytes());
}

std::string describe(const paxos::Entry& entry) {
  std::string bytes = ", " + std::to_string(entry.payload.size()) + " bytes";
  switch (entry.kind) {
    case paxos::EntryKind::NoOp: return "no-op";
    case paxos::EntryKind::Genesis: return "genesis" + bytes;
    case paxos::EntryKind::Data: return "data" + bytes;
    case paxos::EntryKind::Cut: return "cut";
    case paxos::EntryKind::Checkpoint: return "checkpoint" + bytes;
    case paxos::EntryKind::Configuration: return "configuration" + bytes;
  }
  return "?";
}

Votes::Proposal& Votes::proposal(const paxos::Ballot& ballot, paxos::Position position,
                                 const paxos::Entry& entry, SimTime at) {
  Digest digest = digest_of(entry);
  Proposal fresh{ballot, digest, describe(entry), {}, at, {}};
  return proposals_[position].try_emplace({ballot, digest}, std::move(fresh)).first->second;
}

void Votes::proposed(Place proposer, SimTime at, const paxos::Ballot& ballot,
                     paxos::Position position, const paxos::Entry& entry) {
  Proposal& made = proposal(ballot, position, entry, at);
  if (!made.proposer) made.proposer = proposer;
  if (proposals_.size() > kPositionsMax) proposals_.erase(proposals_.begin());
}

void Votes::accepted(Place by, SimTime at, const paxos::Ballot& ballot, paxos::Position up_to) {
  std::deque<Report>& reports = reports_[ballot][by];
  if (!reports.empty() && reports.back().up_to >= up_to) return;
  reports.push_back({up_to, at});
  if (reports.size() > kReportsMax) reports.pop_front();
}

void Votes::on_disk(Place disk, SimTime at, const paxos::Ballot& ballot, paxos::Position position,
                    const paxos::Entry& entry) {
  Proposal& held = proposal(ballot, position, entry, at);
  if (!voted(held, disk)) held.votes.push_back({disk, at, true});
}

std::vector<Votes::Proposal> Votes::at(paxos::Position position) const {
  std::vector<Proposal> out;
  auto known = proposals_.find(position);
  if (known == proposals_.end()) return out;
  for (const auto& [key, proposal] : known->second) {
    Proposal whole = proposal;
    auto reports = reports_.find(key.first);
    if (reports != reports_.end())
      for (const auto& [lane, rising] : reports->second) {
        auto first = std::lower_bound(
            rising.begin(), rising.end(), position,
            [](const Report& report, paxos::Position p) { return report.up_to < p; });
        if (first == rising.end()) continue;
        std::erase_if(whole.votes, [l = lane](const Vote& vote) { return vote.lane == l; });
        whole.votes.push_back({lane, first->at, false});
      }
    std::sort(whole.votes.begin(), whole.votes.end(), [](const Vote& a, const Vote& b) {
      return std::pair(a.at, a.lane) < std::pair(b.at, b.lane);
    });
    out.push_back(std::move(whole));
  }
  return out;
}

paxos::Ballot Votes::newest(paxos::Position position) const {
  auto known = proposals_.find(position);
  if (known == proposals_.end()) return {};
  return known->second.rbegin()->first.first;
}

std::optional<paxos::Position> Votes::conflict(std::size_t quorum) const {
  for (const auto& [position, made] : proposals_) {
    if (made.size() < 2) continue;
    std::set<Digest> chosen;
    for (const Proposal& proposal : at(position))
      if (proposal.votes.size() >= quorum) chosen.insert(proposal.entry);
    if (chosen.size() > 1) return position;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
