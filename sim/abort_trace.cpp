#include "sim/abort_trace.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

#include "master/base/bytes.h"
#include "master/base/check.h"
#include "sim/trace_json.h"

namespace quorate::sim {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  int ends[2];
  CHECK(::pipe(ends) == 0);
  return {ends[0], ends[1]};
}

std::string read_all(int file) {
  std::string out;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(file, buffer, sizeof buffer)) > 0)
    out.append(buffer, static_cast<std::size_t>(size));
  return out;
}

void write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Of the process that will abort; for the handler of its signal.
struct LastWords {
  const RunId* id = nullptr;
  Tracing tracing;
  Pipe complaint;  // its own stderr, read back
  int out = -1;
};
LastWords* last_words = nullptr;

// The signal comes out of abort(), called by our own code between two calls of the library: so it
// may do what handlers otherwise may not. A second abort in here ends it without a word.
void on_abort(int) {
  RunResult result;
  result.verdict = Verdict::SafetyViolated;
  ::fcntl(last_words->complaint.read_end, F_SETFL, O_NONBLOCK);
  result.text = read_all(last_words->complaint.read_end);
  while (!result.text.empty() && result.text.back() == '\n') result.text.pop_back();
  if (RunTracer* tracer = last_words->tracing.collecting) {
    result.time = tracer->now();
    result.hash = tracer->hash();
    tracer->finish();
    result.text += std::string(" (at ") + to_text(result.time).text + ")";
  }
  ByteWriter out;
  out.i64(result.time.ns);
  out.u64(result.hash);
  out.sized(result.text);
  out.sized(trace_json(*last_words->id, result, last_words->tracing));
  write_all(last_words->out, out.bytes());
  ::_exit(0);
}

struct Doomed {
  const RunId& id;
  const Scenario& scenario;
  const Section& section;
  NodeFactory& factory;
};

[[noreturn]] void run_until_abort(const Doomed& run, RunOptions options, int out) {
  LastWords words;
  words.id = &run.id;
  words.complaint = make_pipe();
  words.out = out;
  last_words = &words;
  ::dup2(words.complaint.write_end, STDERR_FILENO);
  std::signal(SIGABRT, on_abort);
  options.tracing = &words.tracing;
  run_section(run.scenario, run.section, run.id.seed, run.factory, options);
  ::_exit(0);
}

}  // namespace

std::optional<Drawn> draw_aborting(const RunId& id, const Scenario& scenario,
                                   const Section& section, NodeFactory& factory,
                                   const RunOptions& options) {
  Pipe pipe = make_pipe();
  pid_t process = ::fork();
  CHECK(process >= 0);
  if (process == 0) {
    ::close(pipe.read_end);
    run_until_abort({id, scenario, section, factory}, options, pipe.write_end);
  }
  ::close(pipe.write_end);
  std::string told = read_all(pipe.read_end);
  ::close(pipe.read_end);
  ::waitpid(process, nullptr, 0);

  ByteReader in(told);
  Drawn drawn;
  drawn.result.verdict = Verdict::SafetyViolated;
  drawn.result.time.ns = in.i64();
  drawn.result.hash = in.u64();
  drawn.result.text = std::string(in.sized());
  drawn.trace = std::string(in.sized());
  if (!in.done()) return std::nullopt;
  return drawn;
}

}  // namespace quorate::sim
