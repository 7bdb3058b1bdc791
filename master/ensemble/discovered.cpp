#include "master/ensemble/discovered.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace quorate::ensemble {
namespace {

// The first one met of each replica id.
std::vector<DiscoveredVoter> distinct(const std::vector<DiscoveredVoter>& voters) {
  std::vector<DiscoveredVoter> each;
  std::set<ReplicaId> seen;
  for (const DiscoveredVoter& voter : voters)
    if (seen.insert(voter.replica).second) each.push_back(voter);
  return each;
}

}  // namespace

std::optional<Refusal> too_many_voters(std::int64_t own_quorum,
                                       const std::vector<DiscoveredVoter>& voters) {
  const std::vector<DiscoveredVoter> each = distinct(voters);
  const auto count = static_cast<std::int64_t>(each.size());
  if (own_quorum < 1 || count < own_quorum * 2) return {};
  std::string names;
  for (const DiscoveredVoter& voter : each)
    names += fmt::format("{}{} (replica {}, --quorum={})", names.empty() ? "" : ", ", voter.address,
                         quorate::to_text(voter.replica), voter.quorum);
  return Refusal{
      ExitCode::LogCorrupt,
      fmt::format("{} masters vote, and --quorum={} is meant for at most {}: two quorums "
                  "without a common master can exist, and two histories with them. The "
                  "voters are {}. Stop the ones that should not be there, compare the "
                  "logs of the others (quorate-log compare) before they start again; "
                  "--ensemble=recorded refuses extra masters",
                  count, own_quorum, own_quorum * 2 - 1, names)};
}

std::vector<std::string> quorum_warnings(const std::vector<DiscoveredVoter>& voters) {
  const std::vector<DiscoveredVoter> each = distinct(voters);
  const auto count = static_cast<std::int64_t>(each.size());
  std::vector<std::string> all;
  for (std::size_t i = 0; i < each.size(); ++i)
    for (std::size_t j = i + 1; j < each.size(); ++j) {
      if (each[i].quorum == each[j].quorum || each[i].quorum + each[j].quorum > count) continue;
      all.push_back(fmt::format(
          "{} runs with --quorum={} and {} with --quorum={}: among {} voters these quorums need "
          "not meet. Give all masters --quorum={}",
          each[i].address, each[i].quorum, each[j].address, each[j].quorum, count, count / 2 + 1));
    }
  return all;
}

}  // namespace quorate::ensemble
