#include "sim/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "master/base/random.h"

namespace quorate::sim {
namespace {

// From here on the whole test program uses it, as quorate-sim does.
TEST(Arena, PiecesAreAlignedDoNotOverlapAndKeepWhatIsWritten) {
  const std::unique_ptr<std::string> before = std::make_unique<std::string>(100, 'b');
  use_arena();
  use_arena();  // once is enough
  struct Held {
    char* at;
    std::size_t size;
    char mark;
  };
  std::vector<Held> held;
  RandomStream random(1, "arena");
  const auto check_and_free = [&held](std::size_t which) {
    const Held piece = held[which];
    for (std::size_t i = 0; i < piece.size; ++i) ASSERT_EQ(piece.at[i], piece.mark);
    ::operator delete(piece.at);
    held[which] = held.back();
    held.pop_back();
  };
  for (int round = 0; round < 20'000; ++round) {
    // Small ones mostly; some beyond what the lists have.
    const std::uint64_t most = random.below(10) == 0 ? 40'000 : 1500;
    const std::size_t size = random.below(most);
    auto* at = static_cast<char*>(::operator new(size));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0u);
    const char mark = static_cast<char>(random.below(256));
    std::memset(at, mark, size);
    held.push_back({at, size, mark});
    if (held.size() > 300) check_and_free(random.below(held.size()));
  }
  while (!held.empty()) check_and_free(held.size() - 1);
  EXPECT_EQ(*before, std::string(100, 'b'));  // and may be freed, though malloc gave it
}

}  // namespace
}  // namespace quorate::sim
