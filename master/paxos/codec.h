#pragma once

#include <optional>

#include "master/base/result.h"
#include "master/paxos/configuration.h"
#include "master/paxos/messages.h"

namespace quorate::paxos {

// The format of a message on the wire (docs/formats/paxos-message.md): u16 version, header, u8
// kind, fields, all little-endian. Versions other than kMessageVersion are refused with both
// numbers.
inline constexpr std::uint16_t kMessageVersion = 1;

struct Framed {
  Header header;
  Message message;
  bool operator==(const Framed&) const = default;
};

// A request for a vote names its own epoch, which takes the place of the header's.
Bytes encode(const Header& header, const Message& message);
// Bytes from a peer: anything that is not exactly one message is an error, never an abort.
Result<Framed> decode(std::string_view bytes);

// What a request for a vote (Prepare, Accept, Confirm) was made under; nothing for all others.
std::optional<std::uint64_t> asked_epoch(const Message& message);

// What a log begins with.
struct Genesis {
  EnsembleId ensemble;
  MaybeConfiguration founders = {};  // nobody: ZooKeeper's group says who votes (`discovered`)
  bool operator==(const Genesis&) const = default;
};
// The first entry of a log; its payload is the ensemble id (u64 high, u64 low), so that H(1)
// differs between ensembles, and the founding configuration if the ensemble is recorded. They come
// back from an entry of that form, else nothing.
Entry genesis_entry(const Genesis& genesis);
std::optional<EnsembleId> genesis_ensemble(const Entry& entry);
// Of a Configuration or a Genesis entry: who votes above it. Nothing for all others.
MaybeConfiguration configuration_in(const Entry& entry);
// What the replicas agree on about a snapshot, as an entry above it.
Entry checkpoint_entry(const Checkpoint& checkpoint, const Digest& assumed_chain);
std::optional<Checkpoint> checkpoint_of(const Entry& entry);

// Shared with the log's storage and entry formats. The getters never abort: on bytes that are no
// such value they make the reader fail.
void put(ByteWriter& out, const Entry& entry);
Entry get_entry(ByteReader& in);
void put(ByteWriter& out, const Slot& slot);
Slot get_slot(ByteReader& in);
void put(ByteWriter& out, const Ballot& ballot);
Ballot get_ballot(ByteReader& in);
void put(ByteWriter& out, const Digest& digest);
Digest get_digest(ByteReader& in);
void put(ByteWriter& out, const Watermark& watermark);
Watermark get_watermark(ByteReader& in);
void put(ByteWriter& out, const std::vector<MemberWatermark>& members);
std::vector<MemberWatermark> get_members(ByteReader& in);
void put(ByteWriter& out, const Checkpoint& checkpoint);
Checkpoint get_checkpoint(ByteReader& in);
void put(ByteWriter& out, const SnapshotInfo& info);
SnapshotInfo get_snapshot_info(ByteReader& in);

}  // namespace quorate::paxos
