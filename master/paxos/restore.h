#pragma once

#include "master/base/result.h"
#include "master/paxos/acceptor.h"

namespace quorate::paxos {

// Reads one own durable record back, in the order of writing, into what `acceptor` and `table` were
// when it was written. An error says which position does not fit the records before it: then the
// log is damaged, and its votes are not to be trusted.
Result<void> restore(const Record& record, Acceptor& acceptor, Table& table);

}  // namespace quorate::paxos
