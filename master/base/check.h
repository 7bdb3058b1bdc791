#pragma once

// Assertions that stay on in every build.
//
// CHECK is for what our own code guarantees. It is never used on bytes or values from outside:
// those are answered with a Result or dropped and counted. A broken CHECK writes one report line to
// stderr (what, file, line) and aborts with SIGABRT, which a supervisor takes for "restart,
// notify".

namespace quorate {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace quorate

#define CHECK(condition) \
  ((condition) ? (void)0 : ::quorate::check_failed(#condition, __FILE__, __LINE__))
