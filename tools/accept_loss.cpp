#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "master/base/json.h"
#include "tools/commands.h"
#include "tools/cut.h"

// Gives up the end of a log that nobody else has (protocol.md 12): after saying exactly what, and
// only when told to.

namespace quorate::tools {
namespace {

// "5 to 8, 11": positions in order, without repetitions.
std::string ranges_text(std::vector<paxos::Position> positions) {
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  std::string text;
  for (std::size_t i = 0; i < positions.size();) {
    std::size_t last = i;
    while (last + 1 < positions.size() && positions[last + 1] == positions[last].next()) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", positions[i].value);
    if (last > i) text += fmt::format(" to {}", positions[last].value);
    i = last + 1;
  }
  return text;
}

std::string lost_text(const Cut& cut) {
  std::string text;
  if (!cut.readable.empty()) text = "positions " + ranges_text(cut.readable);
  if (cut.unreadable)
    text += fmt::format("{}whatever else stood in batches that cannot be read, from position {} on",
                        text.empty() ? "" : ", and ", cut.kept.value + 1);
  return text.empty() ? "no position that can be read" : text;
}

// For a person, with the bytes in hexadecimal, so that nothing is gone for good.
std::string report_text(const replicated_log::Refusal& refusal, const Cut& cut) {
  std::string text = fmt::format(
      "Cut off by quorate-log accept-loss.\n\nFound: {}\nKept: up to "
      "position {}\nLost: {}\n",
      refusal.why, cut.kept.value, lost_text(cut));
  for (const Cut::Piece& piece : cut.pieces) {
    text += fmt::format("\n{} from byte {}, {} bytes, the zeros behind them left out:\n",
                        piece.file, piece.offset, piece.bytes.size());
    for (std::size_t at = 0; at < piece.bytes.size(); at += 64)
      text += hex(std::string_view(piece.bytes).substr(at, 64)) + "\n";
  }
  return text;
}

void print(const Options& options, const Cut& cut, bool done) {
  if (options.json) {
    JsonWriter out;
    out.begin_object().member_boolean("cut", done);
    out.key("kept").unsigned_integer(cut.kept.value);
    out.member("lost", lost_text(cut)).member_boolean("unreadable", cut.unreadable);
    out.key("pieces").begin_array();
    for (const Cut::Piece& piece : cut.pieces) {
      out.begin_object().member("file", piece.file);
      out.key("offset").unsigned_integer(piece.offset);
      out.key("bytes").unsigned_integer(piece.bytes.size()).end_object();
    }
    out.end_array().end_object();
    fmt::print("{}\n", out.take());
    return;
  }
  fmt::print("{} up to position {}\n{}: {}\n", done ? "kept" : "would keep", cut.kept.value,
             done ? "lost" : "would lose", lost_text(cut));
  for (const Cut::Piece& piece : cut.pieces)
    fmt::print("  {} from byte {}, {} bytes\n", piece.file, piece.offset, piece.bytes.size());
}

// Each step leaves a log that is refused as before, or the one that is wanted.
std::optional<Error> carry_out(const std::string& directory, const Cut& cut,
                               const std::string& report) {
  if (auto error = replace_file(directory, replicated_log::report_file("cut"), report))
    return error;
  for (const bool metadata : {false, true})
    for (const auto& [name, bytes] : cut.after) {
      const bool is_metadata = replicated_log::kind_of(name) == replicated_log::FileKind::Metadata;
      if (is_metadata != metadata) continue;
      if (auto error = replace_file(directory, name, bytes)) return error;
    }
  for (auto name = cut.removed.rbegin(); name != cut.removed.rend(); ++name)
    if (auto error = remove_file(directory, *name)) return error;
  return {};
}

}  // namespace

int accept_loss(const Options& options) {
  const Result<DirectoryLock> lock = DirectoryLock::take(options.directory);
  if (!lock) return fail(options, code(Exit::Configuration), lock.error().text);
  const Result<Loaded> loaded = load(options.directory, Freshness::OnDisk);
  if (!loaded) return fail(options, code(Exit::Disk), loaded.error().text);
  if (!loaded->log.refusal) {
    if (!options.json) fmt::print("the log is sound: there is nothing to cut\n");
    if (options.json) print(options, Cut{}, false);
    return 0;
  }
  const Result<Cut> cut = plan_cut(*loaded);
  if (!cut) return fail(options, code(loaded->log.refusal->exit), cut.error().text);

  if (!options.accepted) {
    print(options, *cut, false);
    if (!options.json)
      fmt::print("nothing was changed; to do it, say --yes-i-lose-what-is-behind\n");
    return code(Exit::LogCorrupt);
  }
  const std::string report = report_text(*loaded->log.refusal, *cut);
  if (auto error = carry_out(options.directory, *cut, report))
    return fail(options, code(Exit::Disk), error->text);
  print(options, *cut, true);
  if (!options.json)
    fmt::print("the cut bytes are in {}/report-cut; the master can be started\n",
               options.directory);
  return 0;
}

}  // namespace quorate::tools
