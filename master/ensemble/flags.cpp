#include "master/ensemble/flags.h"

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/paxos/quorum.h"

namespace quorate::ensemble {

std::optional<std::string> impossible(const Flags& flags) {
  if (!flags.quorum) return {};
  const std::int64_t quorum = *flags.quorum;
  if (quorum < 1)
    return fmt::format(
        "--quorum={}: must be at least 1; it is more than half of the masters: 1 for one master, 2 "
        "for three, 3 for five",
        quorum);
  if (quorum > kQuorumMax)
    return fmt::format(
        "--quorum={}: would need {} masters, {} is the most; it is more than half of the masters: "
        "2 for three, 3 for five",
        quorum, static_cast<std::uint64_t>(quorum) * 2 - 1, kQuorumMax * 2 - 1);
  return {};
}

std::optional<std::string> contradiction(const Flags& flags) {
  if (!flags.quorum || !flags.masters) return {};
  const auto listed = static_cast<std::uint32_t>(flags.masters->size());
  const std::uint32_t quorum = paxos::majority_of(listed);
  if (*flags.quorum == quorum) return {};
  return fmt::format(
      "--quorum={} does not fit --masters, which lists {} masters: their quorum is {}. Write "
      "--quorum={}, or leave it out",
      *flags.quorum, listed, quorum, quorum);
}

std::size_t wished_size(const Flags& flags) {
  if (flags.masters) return flags.masters->size();
  if (!flags.quorum) return 0;
  CHECK(!impossible(flags));
  return static_cast<std::size_t>(*flags.quorum * 2 - 1);
}

std::string to_text(const Flags& flags) {
  std::string text;
  if (flags.quorum) text = fmt::format("--quorum={}", *flags.quorum);
  if (flags.masters)
    text += fmt::format("{}--masters={}", text.empty() ? "" : " ", to_text(*flags.masters));
  return text.empty() ? "no wish" : text;
}

}  // namespace quorate::ensemble
