#include "sim/agreement.h"

namespace quorate::sim {

std::optional<std::string> AgreementOracle::check(Cluster&) { return std::nullopt; }

}  // namespace quorate::sim
