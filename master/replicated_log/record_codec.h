#pragma once

#include <string_view>
#include <vector>

#include "master/base/result.h"
#include "master/paxos/acceptor.h"

// The records in the body of a batch: u8 kind, u32 length, fields; all little-endian
// (docs/formats/log-segment.md).

namespace quorate::replicated_log {

// Promises are metadata and never get here.
void put_record(ByteWriter& out, const paxos::SlotRecord& record);
void put_record(ByteWriter& out, const paxos::LearnedRecord& record);
// All records of a body. An error means that its writer was newer than us, or wrong: the checksums
// were right.
Result<std::vector<paxos::Record>> decode_records(std::string_view body);

// What a record of an entry takes beyond the entry's payload, at most.
inline constexpr std::size_t kRecordOverheadBytes = 128;

}  // namespace quorate::replicated_log
