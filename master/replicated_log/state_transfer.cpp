#include "master/replicated_log/state_transfer.h"

#include <algorithm>
#include <utility>

#include "master/base/probe.h"

namespace quorate::replicated_log {
namespace {

// No log gets there; positions are counted on from here without an overflow.
constexpr paxos::Position kPositionMax{std::uint64_t{1} << 62};

}  // namespace

StateTransfer::Step StateTransfer::receive(ReplicaId from, const paxos::State& piece,
                                           std::uint64_t bytes_max) {
  const bool absurd = piece.info.position > kPositionMax || piece.info.state_bytes > bytes_max;
  if (piece.info.position.value == 0 || absurd) {
    if (from_ == from) stop();
    return Step::Ignored;
  }
  if (from_ != from || piece.info != info_) {
    if (piece.offset != 0) return Step::Ignored;
    if (!bytes_.empty()) probe(Probe::TransferStartedOver);
    from_ = from;
    info_ = piece.info;
    bytes_.clear();
  }
  const std::uint64_t missing = info_.state_bytes - bytes_.size();
  if (piece.offset != bytes_.size() || piece.bytes.size() > missing) {
    probe(Probe::PieceOutOfPlace);
    return Step::Ignored;
  }
  if (piece.bytes.empty() && missing > 0) return Step::Ignored;

  bytes_.append(piece.bytes.view());
  if (bytes_.size() < info_.state_bytes) return Step::More;
  if (xxh3_128(bytes_) == info_.state) return Step::Whole;
  stop();
  return Step::Broken;
}

paxos::FetchState StateTransfer::next(ReplicaId from) const {
  if (from_ != from) return {};
  return {info_.position, bytes_.size()};
}

Snapshot StateTransfer::take() {
  Snapshot snapshot{std::move(info_), SharedBytes(bytes_)};
  stop();
  return snapshot;
}

paxos::State state_piece(const std::optional<Snapshot>& snapshot, const paxos::FetchState& request,
                         std::size_t bytes_max) {
  if (!snapshot) return {};
  const bool newest = request.position.value == 0;
  if (!newest && request.position != snapshot->info.position) {
    probe(Probe::SnapshotGone);
    return {};
  }
  if (request.offset > snapshot->state.size()) return {};

  const std::string_view rest = snapshot->state.view().substr(request.offset);
  return {snapshot->info, request.offset, SharedBytes(rest.substr(0, bytes_max))};
}

}  // namespace quorate::replicated_log
