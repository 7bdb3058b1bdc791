#include "sim/host_trace.h"

#include <utility>

namespace quorate::sim {
namespace {

std::string words(const SessionState& state) {
  switch (state.phase) {
    case SessionPhase::Connected:
      return "connected, session 0x" + hex(static_cast<std::uint64_t>(state.session_id));
    case SessionPhase::Disconnected: return "disconnected";
    case SessionPhase::Expired: return "expired";
    case SessionPhase::AuthFailed: return "authentication failed";
    case SessionPhase::Closed: return "closed";
  }
  return "?";
}

}  // namespace

HostTrace::HostTrace(RunTrace& trace, Cluster& cluster) : trace_(trace), cluster_(cluster) {
  for (const auto& host : cluster_.hosts()) host->tap = this;
  cluster_.links().watch(*this);
}

HostTrace::~HostTrace() {
  for (const auto& host : cluster_.hosts()) host->tap = nullptr;
  cluster_.links().unwatch(*this);
}

RunTrace::Id HostTrace::mark(Place lane, TraceMarkKind kind, std::string text, Place other) {
  TraceMark mark;
  mark.at = cluster_.world().now();
  mark.lane = lane;
  mark.other = other;
  mark.kind = kind;
  mark.text = std::move(text);
  return trace_.mark(std::move(mark));
}

void HostTrace::on_start(const Host& host) {
  mark(host.place(), TraceMarkKind::Start, "run " + std::to_string(host.incarnation()));
}

void HostTrace::on_end(const Host& host, const ExitRecord& exit) {
  on_pause(host, false);
  std::erase_if(syncs_, [&](const auto& sync) { return sync.first.first == host.place(); });
  mark(host.place(), TraceMarkKind::Exit, std::to_string(exit.code) + ": " + exit.why);
}

void HostTrace::on_pause(const Host& host, bool paused) {
  if (paused) {
    pauses_[host.place()] = mark(host.place(), TraceMarkKind::Pause, "paused");
  } else if (auto since = pauses_.extract(host.place()); !since.empty()) {
    trace_.ended(since.mapped(), TraceMarkKind::Pause, cluster_.world().now());
  }
}

void HostTrace::on_event(const Host& host, const Event& event) {
  if (const auto* synced = std::get_if<Synced>(&event)) {
    auto begun = syncs_.extract({host.place(), synced->ticket});
    if (!begun.empty()) trace_.ended(begun.mapped(), TraceMarkKind::Sync, cluster_.world().now());
    if (synced->error)
      mark(host.place(), TraceMarkKind::Warning, "disk error: " + synced->error->text);
  } else if (const auto* session = std::get_if<SessionState>(&event)) {
    mark(host.place(), TraceMarkKind::Session, words(*session));
  }
}

void HostTrace::on_call(const Host& host, const Bytes& effect) {
  ByteReader in(effect);
  switch (static_cast<EffectKind>(in.u8())) {
    case EffectKind::DiskSync:
    case EffectKind::DiskReplace: {
      DiskTicket ticket(in.u64());
      syncs_[{host.place(), ticket}] =
          mark(host.place(), TraceMarkKind::Sync, std::string(in.sized()));
      return;
    }
    case EffectKind::Status:
      mark(host.place(), TraceMarkKind::Role, std::string(in.sized()));
      return;
    case EffectKind::Log: {
      auto level = static_cast<LogLevel>(in.u64());
      if (level < LogLevel::Info) return;
      bool heavy = level >= LogLevel::Warning;
      mark(host.place(), heavy ? TraceMarkKind::Warning : TraceMarkKind::Log,
           std::string(in.sized()));
      return;
    }
    default: return;
  }
}

void HostTrace::link_changed(Place from, Place to, bool open) {
  if (!open) {
    cuts_[{from, to}] = mark(from, TraceMarkKind::Cut, {}, to);
  } else if (auto cut = cuts_.extract({from, to}); !cut.empty()) {
    trace_.ended(cut.mapped(), TraceMarkKind::Cut, cluster_.world().now());
  }
}

}  // namespace quorate::sim
