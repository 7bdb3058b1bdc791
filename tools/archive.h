#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "master/base/json.h"
#include "master/base/result.h"
#include "tools/log_files.h"

// A log as text, one JSON object a line (docs/formats/log-export.md): a head, the state of the
// snapshot in pieces, the learned entries above it, an end.

namespace quorate::tools {

inline constexpr int kArchiveVersion = 1;

// Hands out the lines of an archive in order. An error says what does not fit; what was handed out
// before it is then no archive, since its end is missing.
Result<void> write_archive(const Loaded& loaded, const Bytes& state,
                           const std::function<void(const std::string&)>& line);

// What an archive holds, read line by line.
struct Archive {
  EnsembleId ensemble;
  ReplicaId replica;  // of whom it was made
  std::uint64_t epoch = 0;
  std::optional<replicated_log::Snapshot> snapshot;
  std::vector<paxos::Entry> entries;  // [i] is first() + i
  Digest chain;                       // H(last)

  paxos::Position first() const;
  paxos::Position last() const;
};
class ArchiveReader {
 public:
  // An error names the line.
  Result<void> take(std::string_view line);
  // After the last line.
  Result<Archive> finish();

 private:
  Result<void> take_line(std::string_view line);
  Result<void> take_head(const Json& head);
  Result<void> take_entry(const Json& entry);
  Result<void> take_end(const Json& end);
  Result<void> failed(const std::string& why) const;

  Archive archive_;
  Bytes state_;
  Digest chain_;
  std::uint64_t lines_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

// The same log under another ensemble id: the first entry names it, so every chain value changes;
// what speaks of old chain values becomes a no-op.
Archive renamed(Archive archive, const EnsembleId& ensemble);

}  // namespace quorate::tools
