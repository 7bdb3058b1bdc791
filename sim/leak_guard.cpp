#include "sim/leak_guard.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define QUORATE_LEAK_GUARD 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#undef QUORATE_LEAK_GUARD
#endif
#endif

#if defined(QUORATE_LEAK_GUARD)

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace quorate::sim {
namespace {

int depth = 0;  // of steps that are under way; a simulation has one thread

void say(const char* text) {
  ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text));
  (void)ignored;
}

[[noreturn]] void caught(const char* function, void* caller) {
  depth = 0;
  Dl_info info{};
  const bool known = ::dladdr(caller, &info) != 0 && info.dli_sname != nullptr;
  say("quorate-sim: a leak out of the simulation: ");
  say(function);
  say("() was called by ");
  say(known ? info.dli_sname : "a function without a name");
  say(" in ");
  say(info.dli_fname != nullptr ? info.dli_fname : "?");
  say("\n");
  std::abort();
}

// The function that ours hides.
template <typename Function>
Function hidden(Function, const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

LeakGuard::LeakGuard() { ++depth; }
LeakGuard::~LeakGuard() {
  if (depth > 0) --depth;
}
bool LeakGuard::works() { return true; }

}  // namespace quorate::sim

// Each checks, then calls the function that it hides. NOLINTBEGIN
#define GUARDED(result, name, parameters, arguments)                                       \
  extern "C" result name parameters {                                                      \
    if (quorate::sim::depth > 0) quorate::sim::caught(#name, __builtin_return_address(0)); \
    static const auto real = quorate::sim::hidden(&name, #name);                           \
    return real arguments;                                                                 \
  }

// The headers declare some of them noexcept, so ours are, too.
GUARDED(int, clock_gettime, (clockid_t clock, struct timespec* out) noexcept, (clock, out))
GUARDED(int, gettimeofday, (struct timeval * out, void* zone) noexcept, (out, zone))
GUARDED(time_t, time, (time_t* out) noexcept, (out))
GUARDED(int, nanosleep, (const struct timespec* for_, struct timespec* rest), (for_, rest))
GUARDED(ssize_t, getrandom, (void* out, size_t size, unsigned flags), (out, size, flags))
GUARDED(int, getentropy, (void* out, size_t size), (out, size))
GUARDED(int, rand, () noexcept, ())
GUARDED(long, random, () noexcept, ())
GUARDED(int, socket, (int domain, int type, int protocol) noexcept, (domain, type, protocol))
GUARDED(FILE*, fopen, (const char* path, const char* mode), (path, mode))
GUARDED(FILE*, fopen64, (const char* path, const char* mode), (path, mode))
GUARDED(char*, getenv, (const char* name) noexcept, (name))
GUARDED(pid_t, fork, () noexcept, ())
GUARDED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t* attributes, void* (*start)(void*),
         void* argument) noexcept,
        (thread, attributes, start, argument))

// The mode is there only with O_CREAT and O_TMPFILE.
#define WITH_MODE(name, arguments)                                                       \
  va_list more;                                                                          \
  va_start(more, flags);                                                                 \
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0; \
  va_end(more);                                                                          \
  if (quorate::sim::depth > 0) quorate::sim::caught(#name, __builtin_return_address(0)); \
  static const auto real = quorate::sim::hidden(&name, #name);                           \
  return real arguments;

extern "C" int open(const char* path, int flags, ...) { WITH_MODE(open, (path, flags, mode)) }
extern "C" int open64(const char* path, int flags, ...) { WITH_MODE(open64, (path, flags, mode)) }
extern "C" int openat(int folder, const char* path, int flags, ...) {
  WITH_MODE(openat, (folder, path, flags, mode))
}
// NOLINTEND

#else

namespace quorate::sim {

LeakGuard::LeakGuard() = default;
LeakGuard::~LeakGuard() = default;
bool LeakGuard::works() { return false; }

}  // namespace quorate::sim

#endif
