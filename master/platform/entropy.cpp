#include "master/platform/entropy.h"

#include <sys/random.h>

#include "master/base/check.h"

namespace quorate::platform {

std::uint64_t seed() {
  std::uint64_t number = 0;
  // Up to 256 bytes come whole or not at all; it fails only on kernels that we do not run on.
  CHECK(getrandom(&number, sizeof(number), 0) == sizeof(number));
  return number;
}

}  // namespace quorate::platform
