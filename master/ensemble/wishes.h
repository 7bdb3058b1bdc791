#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/ensemble/requests.h"
#include "master/ensemble/view.h"

// What the leader does next about the members of its ensemble (protocol.md 24, 26 to 28): flags are
// wishes, requests are explicit, one change at a time. Pure: asked again whenever something of the
// view changes; asked twice with one view it says the same.
//
//  1  a change is open, or no quorum of members is sound      nothing; a request is declined
//  2  a request                                               carried out, awaited or declined
//  3  an empty disk at the address of a member that is gone   replaces it
//  4  --masters or --quorum, announced by all living masters
//     of the new ensemble and by a quorum of the present one  carried out
//     a smaller --quorum while nobody is gone                 never picks who goes

namespace quorate::ensemble {

struct Nothing {
  std::string waiting;  // what a wish or request waits for; empty: nothing is wished for
  bool operator==(const Nothing&) const = default;
};
struct Change {
  paxos::Configuration successor;
  std::string why;
  bool operator==(const Change&) const = default;
};
// A request that will not be carried out. Nothing was changed.
struct Declined {
  std::string why;  // with the safe steps for this very ensemble
  bool operator==(const Declined&) const = default;
};
using Decision = std::variant<Nothing, Change, Declined>;

struct MemberWarning {
  ReplicaId replica;
  std::string text;
  bool operator==(const MemberWarning&) const = default;
};

Decision decide(const EnsembleView& view, const std::optional<Request>& request = {});

// Living members whose flags differ from the record: they serve under the record all the same.
std::vector<MemberWarning> warnings(const EnsembleView& view);

}  // namespace quorate::ensemble
