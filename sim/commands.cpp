#include "sim/commands.h"

#include <csignal>
#include <cstring>

#include <unistd.h>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

char last_words[1024];  // for the handler of a signal

void on_abort(int) {
  // Only write() is safe here.
  ssize_t ignored = ::write(STDERR_FILENO, last_words, std::strlen(last_words));
  (void)ignored;
  std::signal(SIGABRT, SIG_DFL);
}

}  // namespace

const char* const kExitCodesHelp =
    "Exit codes: 0 pass, 1 safety violated, 2 liveness violated, 3 expectation not met,\n"
    "4 scenario error, 5 harness or oracle suspect, 6 nondeterminism. Of several the smallest\n"
    "above 0 counts. The language of scenarios is described in docs/scenarios.md.";

std::optional<std::pair<std::uint64_t, std::uint64_t>> seed_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto from = parse_u64(text.substr(0, dots));
  const auto to = dots == std::string::npos ? from : parse_u64(text.substr(dots + 2));
  if (!from || !to || *from > *to) return std::nullopt;
  return std::pair{*from, *to};
}

void PrintingTrace::line(SimTime now, std::string_view who, std::string_view what) {
  std::fprintf(stderr, "%14s %-9.*s %.*s\n", to_text(now).text, static_cast<int>(who.size()),
               who.data(), static_cast<int>(what.size()), what.data());
}

void print_probes(const ProbeCounts& counts, bool json) {
  const std::string text =
      json ? "{\"probes\": " + to_json(counts) + "}\n" : "\n" + to_text(counts);
  std::fputs(text.c_str(), stdout);
}

void print_if_aborted(const std::string& line) {
  std::snprintf(last_words, sizeof last_words, "%s", line.c_str());
  std::signal(SIGABRT, on_abort);
}

}  // namespace quorate::sim
