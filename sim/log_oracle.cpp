#include "sim/log_oracle.h"

#include <fmt/format.h>

#include <utility>

namespace quorate::sim {

using paxos::Position;

void LogOracle::violate(std::string sentence) {
  if (!violation_) violation_ = std::move(sentence);
}

void LogOracle::appended(std::string_view payload) { facts_[xxh3_64(payload)]; }

void LogOracle::acknowledged(std::string_view payload) {
  Fact& fact = facts_[xxh3_64(payload)];
  if (fact.acknowledged) return violate("an append was acknowledged twice");
  fact.acknowledged = true;
  ++acknowledged_;
  if (fact.position.value == 0)
    return violate("durability: an append was acknowledged before its leader handed it out");
  last_acknowledged_ = std::max(last_acknowledged_, fact.position);
}

bool LogOracle::is_acknowledged(std::string_view payload) const {
  auto found = facts_.find(xxh3_64(payload));
  return found != facts_.end() && found->second.acknowledged;
}

Position LogOracle::position_of(std::string_view payload) const {
  auto found = facts_.find(xxh3_64(payload));
  return found == facts_.end() ? Position{} : found->second.position;
}

void LogOracle::advance(Reader& reader, Position position) {
  if (position <= reader.at)
    violate(fmt::format("order: {} handed out position {} after position {}", reader.name,
                        position.value, reader.at.value));
  reader.at = position;
}

void LogOracle::check_state(Reader& reader, Position position) {
  const Digest state = reader.state.digest();
  reader.states[position] = state;
  std::optional<Digest>& known = place(position).state;
  if (!known) known = state;
  if (agreed_ && *known != state)
    violate(
        fmt::format("agreement: the state of {} after position {} ({} entries) is not that of "
                    "those who were there before",
                    reader.name, position.value, reader.state.count()));
}

void LogOracle::handed_out(Reader& reader, Position position, std::string_view payload) {
  advance(reader, position);
  const std::uint64_t hash = xxh3_64(payload);
  auto fact = facts_.find(hash);
  if (fact == facts_.end())
    return violate(
        fmt::format("validity: {} handed out {} bytes at position {} that nobody "
                    "appended",
                    reader.name, payload.size(), position.value));
  Place& here = place(position);
  if (!here.payload) here.payload = hash;
  if (agreed_ && *here.payload != hash)
    violate(
        fmt::format("agreement: {} handed out another value at position {} than was handed "
                    "out before",
                    reader.name, position.value));
  if (agreed_ && fact->second.not_applied)
    violate(
        fmt::format("validity: {} handed out at position {} what its client was told not to "
                    "be applied",
                    reader.name, position.value));
  if (fact->second.position.value == 0) fact->second.position = position;
  if (agreed_ && fact->second.position != position)
    violate(fmt::format("validity: the append at position {} was handed out again at {} by {}",
                        fact->second.position.value, position.value, reader.name));
  reader.state.apply(position, payload);
  check_state(reader, position);
}

void LogOracle::cut(Reader& reader, Position position) {
  advance(reader, position);
  check_state(reader, position);
}

void LogOracle::restored(Reader& reader, Position position, std::string_view bytes) {
  advance(reader, position);
  std::optional<LogState> state = LogState::decode(bytes);
  if (!state)
    return violate(fmt::format("validity: {} handed out a state as of {} that nobody cut",
                               reader.name, position.value));
  reader.state = *state;
  if (!place(position).state)
    return violate(fmt::format("validity: {} handed out a state as of {} where nobody cut one",
                               reader.name, position.value));
  check_state(reader, position);
}

void LogOracle::not_applied(std::string_view payload) {
  Fact& fact = facts_[xxh3_64(payload)];
  fact.not_applied = true;
  if (agreed_ && fact.position.value != 0)
    violate(fmt::format("validity: the append at position {} is said not to be applied",
                        fact.position.value));
}

void LogOracle::confirmed(const Reader& reader, Position needed) {
  if (agreed_ && reader.at < needed)
    violate(
        fmt::format("durability: {} leads with everything up to position {}, but the append "
                    "at {} was acknowledged before",
                    reader.name, reader.at.value, needed.value));
}

void LogOracle::chain(std::string_view name, Position position, const Digest& value) {
  if (!agreed_) return;
  std::optional<Digest>& known = place(position).chain;
  if (!known) known = value;
  if (*known != value)
    violate(
        fmt::format("agreement: the chain value that {} names at position {} is not that of "
                    "others",
                    name, position.value));
}

std::optional<std::string> LogOracle::divergence(const Reader& one, const Reader& other) const {
  for (const auto& [position, state] : one.states) {
    auto found = other.states.find(position);
    if (found == other.states.end() || found->second == state) continue;
    return fmt::format("{} and {} go on with different states at position {}", one.name, other.name,
                       position.value);
  }
  return std::nullopt;
}

}  // namespace quorate::sim
