#pragma once

#include <optional>
#include <string>

#include "master/paxos/acceptor.h"
#include "master/paxos/table.h"

namespace quorate::paxos {

// What must hold in one replica, whatever the others do. A sentence about the first thing that does
// not, or nothing.
//   * learned() lies within what is held, and H() over what is held gives the stored chain values.
//   * Nothing unlearned is of a ballot above the promise (rule 2).
//   * Ballots of unlearned slots never rise with the position: each was accepted above one that was
//   then
//     of the same ballot, and ballots only rise (rule 6).
std::optional<std::string> broken(const Acceptor& acceptor, const Table& table);

// What must hold between two states of one replica, the second later in the same run.
//   * The promise never falls, the learned prefix never shrinks or changes.
//   * A slot that stays unlearned is replaced only by a higher ballot, and disappears only when a
//   chosen
//     value that differs was learned at or below it.
std::optional<std::string> broken(const Acceptor& before, const Table& table_before,
                                  const Acceptor& after, const Table& table_after);

}  // namespace quorate::paxos
