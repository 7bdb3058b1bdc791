#pragma once

namespace quorate::bench {

// `quorate-bench micro`: Google Benchmark over the pure rooms; its own --benchmark_* flags. Gives
// the exit code.
int run_micro(int argc, char** argv);

}  // namespace quorate::bench
