#include "sim/run_tracer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "master/replicated_log/read_log.h"

namespace quorate::sim {

RunTracer::RunTracer(Tracing& out, Cluster& cluster, const HttpClients& clients)
    : out_(out),
      cluster_(cluster),
      wires_(out.run, votes_, cluster, clients),
      zookeeper_(out.run, cluster.world(), cluster.zookeeper()),
      hosts_(out.run, cluster) {
  out_.collecting = this;
  for (std::uint32_t i = 0; i < cluster.links().size(); ++i)
    out_.lanes.push_back({cluster.links().name(Place(i)), LaneKind::Zookeeper});
  for (const auto& host : cluster.hosts()) out_.lanes[host->place().value].kind = LaneKind::Master;
  out_.lanes[cluster.client_place().value].kind = LaneKind::Client;
}

void RunTracer::step(std::size_t line, const std::string& text, bool fault) {
  TraceMark mark;
  mark.at = cluster_.world().now();
  mark.kind = fault ? TraceMarkKind::Fault : TraceMarkKind::Step;
  mark.text = std::to_string(line) + ": " + text;
  out_.run.mark(std::move(mark));
}

void RunTracer::finish() {
  for (const auto& host : cluster_.hosts()) read_disk(*host);
  out_.replicas = wires_.replicas();
  std::size_t quorum = cluster_.hosts().size() / 2 + 1;
  if (auto position = votes_.conflict(quorum))
    out_.conflict = TraceConflict{*position, votes_.at(*position)};
}

void RunTracer::read_disk(const Host& host) {
  std::map<std::string, Bytes> files;
  for (const auto& [name, image] : host.disk().image().files())
    files[name] = image.read(0, std::min(image.size(), image.written_end()));
  if (files.empty()) return;
  replicated_log::LogRead log = replicated_log::read_log(files);
  TraceLog shown{host.place(), {}, {}};
  if (log.snapshot) shown.learned = log.snapshot->position;
  std::map<paxos::Position, paxos::Slot> held;
  for (const replicated_log::RecordRead& read : log.records) {
    if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record)) {
      held[slot->slot.position] = slot->slot;
      // What was fetched from a peer is no vote of this replica.
      if (!slot->learned)
        votes_.on_disk(host.place(), cluster_.world().now(), slot->slot.ballot, slot->slot.position,
                       slot->slot.entry);
    } else if (const auto* mark = std::get_if<paxos::LearnedRecord>(&read.record)) {
      shown.learned = std::max(shown.learned, mark->learned);
    }
  }
  std::size_t skipped = held.size() - std::min(held.size(), kSlotsShown);
  for (const auto& [position, slot] : held) {
    if (skipped > 0) {
      --skipped;
      continue;
    }
    shown.slots.push_back({position, slot.ballot, describe(slot.entry), digest_of(slot.entry)});
  }
  out_.logs.push_back(std::move(shown));
}

}  // namespace quorate::sim
