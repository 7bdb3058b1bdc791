#pragma once

#include <string_view>

namespace quorate {

// Why a master ended, for its supervisor (design.md 8). A broken invariant is SIGABRT instead.
enum class Exit : int {
  Asked = 0,            // SIGTERM, SIGINT: the session was closed first. Do not restart.
  Usage = 64,           // unknown or malformed flag. Do not restart.
  LogCorrupt = 65,      // this replica's log is corrupt or contradicts a quorum. Do not restart.
  LeadershipLost = 69,  // leadership or the ZooKeeper session is lost. Restart at once.
  Disk = 74,            // disk error or disk full. Restart slowly.
  QuorumSilent = 75,    // quorum or registry did not answer in time. Restart with delay.
  NotMember = 77,       // stranger, retired, clone, foreign ensemble. Do not restart.
  Configuration = 78,   // quorum against members, unusable address, two programs on one directory.
};

constexpr int code(Exit exit) { return static_cast<int>(exit); }
// One or two words: "leadership lost".
std::string_view to_text(Exit exit);

}  // namespace quorate
