#pragma once

#include <cstdint>
#include <string>

// The commands of quorate-log. Each prints its answer and returns the exit code.

namespace quorate::tools {

struct Options {
  std::string directory;
  bool json = false;
  // read
  bool payload = false;
  std::uint64_t from = 0;
  std::uint64_t to = UINT64_MAX;
  // export, import
  std::string file;      // "-" or empty: standard output, standard input
  std::string ensemble;  // empty: a new one
  // accept-loss
  bool accepted = false;
};

int status(const Options& options);
int read(const Options& options);
int verify(const Options& options);
int export_log(const Options& options);
int import_log(const Options& options);
int accept_loss(const Options& options);

// Says why a command failed, as text or as JSON.
int fail(const Options& options, int exit_code, const std::string& why);

}  // namespace quorate::tools
