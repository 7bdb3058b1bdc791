#include "master/ports/exit.h"

namespace quorate {

std::string_view to_text(Exit exit) {
  switch (exit) {
    case Exit::Asked: return "asked to stop";
    case Exit::Usage: return "usage";
    case Exit::LogCorrupt: return "log corrupt";
    case Exit::LeadershipLost: return "leadership lost";
    case Exit::Disk: return "disk";
    case Exit::QuorumSilent: return "quorum silent";
    case Exit::NotMember: return "not a member";
    case Exit::Configuration: return "configuration";
  }
  return "unknown";
}

}  // namespace quorate
