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
// Appends all records of a body, which begins after its member watermarks, to `records`. An error
// means that its writer was newer than us, or wrong: the checksums were right; nothing is appended.
Result<void> decode_records(std::string_view body, std::vector<paxos::Record>& records);

// What a record of an entry takes beyond the entry's payload, at most.
inline constexpr std::size_t kRecordOverheadBytes = 128;

}  // namespace quorate::replicated_log
