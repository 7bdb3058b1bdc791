#pragma once

#include <string>
#include <string_view>

#include "master/base/result.h"
#include "sim/report.h"

namespace quorate::sim {

// "leader_killed-plain-seed-7": a file's name without folder and suffix.
std::string picture_name(const RunId& id);

// A run is drawn by running it again with its trace on: runs are deterministic, so that those that
// nobody draws cost nothing. Its result comes back; its hash is that of the first time, or the
// simulator is not deterministic.
struct Drawn {
  RunResult result;
  std::string trace;  // JSON
};
Drawn draw(const RunId& id, const Scenario& scenario, const Section& section, NodeFactory& factory,
           RunOptions options);

// Writes a whole file; an error says why not.
Result<bool> write_file(const std::string& path, std::string_view text);
// Makes the folder if there is none and leaves NAME.html and NAME.json in it. Gives the path of the
// page.
Result<std::string> write_picture(const std::string& folder, const RunId& id,
                                  const std::string& trace);

}  // namespace quorate::sim
