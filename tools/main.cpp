// quorate-log: looks into the replicated log of a master, carries it over, helps it up.

#include <CLI/CLI.hpp>
#include <string>

#include "master/ports/exit.h"
#include "tools/commands.h"

namespace quorate::tools {
namespace {

constexpr const char* kAbout =
    R"(Looks into the replicated log of a Quorate master: who the replica is, what it holds, whether
every byte of it is as it was written.

status, read, verify and export change nothing, and a master may run meanwhile: what looks damaged
because files changed while they were read is read again. import and accept-loss need a directory
that no master uses.)";

constexpr const char* kFooter = R"(Exit codes:
  0   sound, or done
  64  usage
  65  damaged, or not to be told from damaged: what, where and what to do is printed
  74  a file cannot be read or written
  78  not a log of this program, written by a newer release, or in use by a master

Examples:
  quorate-log status /var/lib/mesos/replicated_log
  quorate-log verify --json /var/lib/mesos/replicated_log
  quorate-log read --from=100 --to=120 --payload /var/lib/mesos/replicated_log
  quorate-log export /var/lib/mesos/replicated_log --out registry.jsonl
  quorate-log import registry.jsonl /var/lib/other/replicated_log
  quorate-log accept-loss /var/lib/mesos/replicated_log)";

constexpr const char* kVerify =
    R"(Reads every byte anew, past the page cache (O_DIRECT; on a file system that has none, after
the cached pages were dropped), and judges it as a starting master would, but does not stop at the
first thing: both metadata files, the snapshot, every batch of every segment, the chain values,
leftovers.

Each finding says what, in which file, at which byte, after which position, and what to do:
  torn        never acknowledged, cut short by a power loss: the next start cuts it
  repaired    one copy of what is kept twice is not valid: the other serves
  lost write  one of two copies stands still: check the disk
  leftover    what a crash left: the next start removes it
  ambiguous   torn, or acknowledged and lost: this replica alone cannot tell (65)
  damaged     acknowledged data are not as they were written (65)
  missing     a file that others name is not there (65)
  misplaced   a file of another replica's log (65)
  regressed   older than what is known to have been written (65)
  lost        peers saw this replica further than it is (65)
  newer       written by a newer release (78)
  foreign     not a file of this program (78))";

constexpr const char* kExport =
    R"(Writes the snapshot and every entry above it that is known to be chosen, one JSON object a
line (docs/formats/log-export.md), verified while it is read. Entries that are only accepted are
left out: whether they were chosen is not for one replica to say. A damaged log is not exported
(65).)";

constexpr const char* kImport =
    R"(Makes a fresh directory of a log with one member out of an export: a new replica id and,
unless --ensemble names one, a new ensemble id, so that the two logs never mix. Start its master
with --quorum=1. A directory that holds anything is refused (78).)";

constexpr const char* kAcceptLoss =
    R"(For a log with one member only, whose end is ambiguous or damaged, so that its master ends
with 65 and nobody else can say what stood there. Says exactly what would be lost; with
--yes-i-lose-what-is-behind cuts everything from the first bad place to the end of the log, and
keeps the cut bytes in report-cut. A log with other members is refused: start it with
--log_repair=peers.)";

CLI::App* add_command(CLI::App& app, Options& options, const char* name, const char* about) {
  CLI::App* command = app.add_subcommand(name, about);
  command->add_flag("--json", options.json, "Print JSON");
  return command;
}

void add_directory(CLI::App* command, Options& options) {
  command->add_option("DIR", options.directory, "The log's directory: <work_dir>/replicated_log")
      ->required();
}

int run(int argc, char** argv) {
  CLI::App app{kAbout, "quorate-log"};
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("quorate-log ") + QUORATE_VERSION);
  app.require_subcommand(1);
  Options options;
  CLI::App* status_command =
      add_command(app, options, "status", "Who this replica is, what it promised, what it holds");
  add_directory(status_command, options);
  CLI::App* read_command = add_command(
      app, options, "read",
      "Every record in the order of writing, and where it lies; with --json one object a "
      "line");
  add_directory(read_command, options);
  read_command->add_option("--from", options.from, "First position to print");
  read_command->add_option("--to", options.to, "Last position to print");
  read_command->add_flag("--payload", options.payload, "Print payloads in hexadecimal");
  CLI::App* verify_command = add_command(app, options, "verify", kVerify);
  add_directory(verify_command, options);
  CLI::App* export_command = add_command(app, options, "export", kExport);
  add_directory(export_command, options);
  export_command->add_option("--out", options.file, "A file that does not exist yet; else stdout");
  CLI::App* import_command = add_command(app, options, "import", kImport);
  import_command->add_option("FILE", options.file, "The export; - is stdin")->required();
  add_directory(import_command, options);
  import_command->add_option("--ensemble", options.ensemble,
                             "32 hexadecimal digits: keep this ensemble id");
  CLI::App* accept_command = add_command(app, options, "accept-loss", kAcceptLoss);
  add_directory(accept_command, options);
  accept_command->add_flag("--yes-i-lose-what-is-behind", options.accepted, "Do it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return app.exit(error) == 0 ? 0 : code(Exit::Usage); }
  if (status_command->parsed()) return status(options);
  if (read_command->parsed()) return read(options);
  if (verify_command->parsed()) return verify(options);
  if (export_command->parsed()) return export_log(options);
  if (import_command->parsed()) return import_log(options);
  if (accept_command->parsed()) return accept_loss(options);
  return code(Exit::Usage);
}

}  // namespace
}  // namespace quorate::tools

int main(int argc, char** argv) { return quorate::tools::run(argc, argv); }
