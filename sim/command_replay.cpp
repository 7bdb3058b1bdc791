#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>
#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/commands.h"
#include "sim/incident.h"
#include "sim/scenario_runner.h"

// quorate-sim replay

namespace quorate::sim {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string directory;
  std::optional<std::uint64_t> event;
  std::string path = "/metrics/snapshot";
  bool print_events = false;
  bool json = false;
};

// Also reads what is not compressed.
std::optional<Bytes> content(const fs::path& file) {
  gzFile in = ::gzopen(file.c_str(), "rb");
  if (in == nullptr) return {};
  Bytes bytes;
  std::vector<char> buffer(1 << 20);
  int size = 0;
  while ((size = ::gzread(in, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
  ::gzclose(in);
  if (size < 0) return {};
  return bytes;
}

// A folder of one start, or the newest one in a --record_dir.
fs::path folder_of(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory / "boot.json", error)) return directory;
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (fs::exists(entry.path() / "boot.json", error)) newest = std::max(newest, entry.path());
  return newest;
}

Result<Incident> load(const fs::path& folder) {
  std::vector<Bytes> pieces;
  for (int number = 1;; ++number) {
    const fs::path raw = folder / fmt::format("events-{:06}", number);
    const fs::path packed = raw.string() + ".gz";
    std::error_code error;
    const bool is_packed = fs::exists(packed, error);
    if (!is_packed && !fs::exists(raw, error)) break;
    std::optional<Bytes> bytes = content(is_packed ? packed : raw);
    if (!bytes) return failure((is_packed ? packed : raw).string() + " cannot be read");
    pieces.push_back(std::move(*bytes));
  }
  std::ifstream boot(folder / "boot.json", std::ios::binary);
  return read_incident(std::string(std::istreambuf_iterator<char>(boot), {}), pieces);
}

class EffectPrinter final : public EffectSink {
 public:
  void on_effect(const Bytes& effect) override {
    std::printf("           %s\n", describe_effect(effect).c_str());
  }
};

std::string ending(const Replay& replay) {
  if (replay.process_end())
    return fmt::format("the process ends with exit code {} ({}){}{}",
                       code(replay.process_end()->exit), to_text(replay.process_end()->exit),
                       replay.process_end()->why.empty() ? "" : ": ", replay.process_end()->why);
  if (!replay.recording_end().empty()) return "the recording ends: " + replay.recording_end();
  if (replay.broken()) return "the recording breaks off: " + *replay.broken();
  return "the recording ends while the master runs (it was killed, or still runs)";
}

struct Replayed {
  const Replay& replay;
  std::string answer;  // with --event
  Duration lasted;     // on the master's clock
};

void print_json(const Options& options, const Incident& incident, const Replayed& replayed) {
  const Replay& replay = replayed.replay;
  JsonWriter json;
  json.begin_object().member("version", incident.version);
  json.key("events").unsigned_integer(replay.events());
  json.member_integer("lasted_ns", replayed.lasted.ns);
  json.member("last_event", replay.event_name()).member("end", ending(replay));
  json.member_boolean("same_effects", !replay.difference());
  if (replay.difference()) json.member("difference", *replay.difference());
  if (replay.process_end()) json.member_integer("exit_code", code(replay.process_end()->exit));
  if (options.event) json.member("answer", replayed.answer);
  json.end_object();
  std::printf("%s\n", json.take().c_str());
}

void print_text(const Options& options, const fs::path& folder, const Incident& incident,
                const Replayed& replayed) {
  const Replay& replay = replayed.replay;
  std::printf("%s: quorate-master %s, %llu events in %.3f s\n", folder.c_str(),
              incident.version.c_str(), static_cast<unsigned long long>(replay.events()),
              replayed.lasted.in_seconds());
  if (options.event)
    std::printf("after event %llu (%s), GET %s:\n%s\n",
                static_cast<unsigned long long>(replay.events()),
                std::string(replay.event_name()).c_str(), options.path.c_str(),
                replayed.answer.empty() ? "no answer: it has ended, or does not listen yet"
                                        : replayed.answer.c_str());
  else
    std::printf("%s\n", ending(replay).c_str());
  std::printf("%s\n", replay.difference() ? ("first difference: " + *replay.difference()).c_str()
                                          : "every effect as recorded");
}

// Step by step, until --event or the end.
void go_through(Replay& replay, const Options& options, MonoTime& begin) {
  while (!options.event || replay.events() < *options.event) {
    const std::uint64_t before = replay.events();
    const bool more = replay.step();
    if (before == 0) begin = replay.now().mono;
    if (options.print_events && replay.events() != before)
      std::printf("%8llu %10.6f s  %s\n", static_cast<unsigned long long>(replay.events()),
                  (replay.now().mono - begin).in_seconds(),
                  std::string(replay.event_name()).c_str());
    if (!more) return;
  }
}

int replay(const Options& options) {
  const fs::path folder = folder_of(options.directory);
  if (folder.empty()) {
    std::fprintf(stderr, "quorate-sim: %s: neither a folder of a recording nor a --record_dir\n",
                 options.directory.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  Result<Incident> incident = load(folder);
  if (!incident) {
    std::fprintf(stderr, "quorate-sim: %s: %s\n", folder.c_str(), incident.error().text.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  print_if_aborted("quorate-sim: an invariant is broken while " + folder.string() +
                   " is replayed\n");
  IncidentFactory factory(*incident);
  HostSpec spec;
  spec.name = "master";
  Replay replay(incident->events, incident->seed, factory, spec);
  replay.cut_short = true;
  EffectPrinter printer;
  if (options.print_events) replay.watcher = &printer;
  MonoTime begin;
  go_through(replay, options, begin);
  const Replayed replayed{replay, options.event ? ask_for(replay, options.path) : "",
                          replay.now().mono - begin};
  if (options.json)
    print_json(options, *incident, replayed);
  else
    print_text(options, folder, *incident, replayed);
  return replay.difference() ? static_cast<int>(Verdict::Nondeterminism) : 0;
}

constexpr const char* kFooter =
    "A master with --record_dir=DIR writes down what it was given, from its start on, and a "
    "digest\n"
    "of each thing that it did. Here the same code lives through that again, event by event; no\n"
    "file, socket or clock is touched. DIR is the folder of one start (boot-...), or a "
    "--record_dir,\n"
    "of which the newest start is taken. The last event is that in which the process ended.\n\n"
    "Effects differ when the recording is of another build, or when the master depends on "
    "something\n"
    "that is no event: the first difference is named.\n\n"
    "Exit codes: 0 every effect as recorded, 4 no recording, or of another format, 6 effects "
    "differ.\n\n"
    "Examples:\n"
    "  quorate-sim replay /var/log/quorate/events\n"
    "  quorate-sim replay DIR --print-events | tail -40\n"
    "  quorate-sim replay DIR --event=5120 --get=/state\n"
    "  gdb --args quorate-sim replay DIR --event=5120";

}  // namespace

void add_replay_command(CLI::App& app, Commands& commands) {
  CLI::App* command = app.add_subcommand(
      "replay", "Live through an incident that a production master recorded (--record_dir)");
  auto options = std::make_shared<Options>();
  command->add_option("DIR", options->directory, "A recording")->required();
  command->add_option("--event", options->event,
                      "Stop after this event, and ask the master for its state");
  command->add_option("--get", options->path,
                      "What to ask for with --event (default /metrics/snapshot)");
  command->add_flag("--print-events", options->print_events,
                    "Print each event, and before it what the master did in it");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(kFooter);
  commands.push_back({command, [options] { return replay(*options); }});
}

}  // namespace quorate::sim
