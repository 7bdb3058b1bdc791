#include "master/paxos/invariants.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorate::paxos {
namespace {

std::string at(Position position, std::string_view what) {
  return fmt::format("position {}: {}", position.value, what);
}

std::optional<std::string> broken_chain(const Table& table) {
  Digest digest = *table.chain(Position{table.begin().value - 1});
  for (Position p = table.begin(); p <= table.learned(); p = p.next()) {
    digest = chain_after(digest, p, table.find(p)->entry);
    if (table.chain(p) != digest) return at(p, "the chain value is not that of the entries");
  }
  return std::nullopt;
}

bool learned_prefix_kept(const Table& before, const Table& after, Position position) {
  return after.find(position)->entry == before.find(position)->entry &&
         after.chain(position) == before.chain(position);
}

bool diverged(const Table& before, const Table& after, Position limit) {
  const Position from = std::max(before.learned().next(), after.begin());
  for (Position p = from; p <= limit && p <= after.learned(); p = p.next())
    if (after.find(p)->entry != before.find(p)->entry) return true;
  return false;
}

}  // namespace

std::optional<std::string> broken(const Acceptor& acceptor, const Table& table) {
  if (table.learned() > table.end()) return at(table.learned(), "learned, but not held");
  if (auto sentence = broken_chain(table)) return sentence;

  Ballot below = acceptor.promised();
  for (Position p = table.learned().next(); p <= table.end(); p = p.next()) {
    const Slot slot = *table.find(p);
    if (slot.position != p) return at(p, "the slot says that it is of another position");
    if (slot.ballot > acceptor.promised()) return at(p, "accepted above the promise");
    if (slot.ballot > below) return at(p, "accepted at a higher ballot than the position below");
    below = slot.ballot;
  }
  return std::nullopt;
}

std::optional<std::string> broken(const Acceptor& before, const Table& table_before,
                                  const Acceptor& after, const Table& table_after) {
  if (after.promised() < before.promised())
    return fmt::format("the promise fell from {} to {}", to_text(before.promised()),
                       to_text(after.promised()));
  if (table_after.learned() < table_before.learned())
    return at(table_after.learned(), "the learned prefix shrank to here");

  // What went into a snapshot cannot be compared any more.
  const Position from = std::max(table_before.begin(), table_after.begin());
  for (Position p = from; p <= table_before.end(); p = p.next()) {
    if (p <= table_before.learned()) {
      if (!learned_prefix_kept(table_before, table_after, p)) return at(p, "learned twice");
      continue;
    }
    if (p <= table_after.learned()) continue;
    const std::optional<Slot> held = table_after.find(p);
    if (!held && !diverged(table_before, table_after, p)) return at(p, "an accepted slot vanished");
    if (!held) continue;
    const Slot old = *table_before.find(p);
    if (held->ballot < old.ballot) return at(p, "replaced from below");
    if (held->ballot == old.ballot && held->entry != old.entry)
      return at(p, "two values at one ballot");
  }
  return std::nullopt;
}

}  // namespace quorate::paxos
