#include "master/replicated_log/evidence.h"

#include <fmt/format.h>

#include "master/base/bytes.h"

namespace quorate::replicated_log {
namespace {

std::string text_of(const Digest& digest) { return hex(digest.high) + hex(digest.low); }

std::string text_of(const paxos::Ballot& ballot) {
  return ballot.none() ? "not known" : paxos::to_text(ballot);
}

}  // namespace

void Evidence::add(ReplicaId with, const Contradiction& contradiction) {
  against_.emplace(with, contradiction);
}

std::string Evidence::report(ReplicaId self) const {
  std::string text = fmt::format(
      "Replicas of one log hold different contents where both have learned that it is chosen.\n"
      "this replica: {}\n",
      to_text(self));
  for (const auto& [replica, found] : against_)
    text += fmt::format(
        "\nagainst replica {}\n"
        "  position     {}\n"
        "  differs      {}\n"
        "  here         {} (ballot {})\n"
        "  there        {} (ballot {})\n",
        to_text(replica), found.position.value, found.what, text_of(found.ours),
        text_of(found.our_ballot), text_of(found.theirs), text_of(found.their_ballot));
  return text;
}

}  // namespace quorate::replicated_log
