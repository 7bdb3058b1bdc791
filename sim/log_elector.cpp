#include "sim/log_elector.h"

#include <algorithm>

namespace quorate::sim {
namespace {

constexpr Duration kTick = Duration::milliseconds(20);
constexpr Duration kUnawareMost = Duration::seconds(3);

}  // namespace

LogElector::LogElector(World& world, LogNetwork& network, Duration session_timeout)
    : world_(world),
      network_(network),
      session_timeout_(session_timeout),
      random_(world.stream("elector")) {}

void LogElector::start() {
  sessions_.resize(network_.hosts().size());
  world_.after(kTick, *this, {});
}

void LogElector::act(const Task&) {
  world_.after(kTick, *this, {});
  for (LogHost* host : network_.hosts()) look_after(*host);
  const std::size_t before = left_.size();
  std::erase_if(left_, [this](const Node& node) { return node.expires <= world_.now(); });
  if (left_.size() != before) ++version_;
  choose_leader();
  for (LogHost* host : network_.hosts()) tell_members(*host, sessions_[host->number()]);
}

bool LogElector::reaches(const LogHost& host) const {
  const Place place = network_.place(host);
  Links& links = network_.links();
  return host.opened() && links.open(place, network_.zookeeper()) &&
         links.open(network_.zookeeper(), place);
}

void LogElector::look_after(LogHost& host) {
  Session& session = sessions_[host.number()];
  if (session.alive && session.incarnation != host.incarnation()) {
    // The node of the earlier run stays until its session expires.
    session.alive = false;
    left_.push_back({session.id, session.expires});
    if (leader_ == host.number()) leader_until_ = session.expires;
    session.order = 0;
  }
  if (session.incarnation != host.incarnation()) session.leaves_at = SimTime::never();
  if (session.leaves_at <= world_.now() && host.state() != LogHost::State::Paused) {
    session.leaves_at = SimTime::never();
    host.leave(Exit::LeadershipLost, "the session expired, or another one leads");
    return;
  }
  if (reaches(host)) {
    if (!session.alive && session.leaves_at == SimTime::never()) open_session(host, session);
    if (session.alive) session.expires = world_.now() + session_timeout_;
  } else if (session.alive && session.expires <= world_.now()) {
    expire(host, session);
  }
}

void LogElector::open_session(LogHost& host, Session& session) {
  session = {};
  session.alive = true;
  session.incarnation = host.incarnation();
  session.id = host.log().metadata().replica;
  ++version_;
}

void LogElector::expire(LogHost& host, Session& session) {
  session.alive = false;
  session.order = 0;
  ++version_;
  // Whoever leads still does, for as long as nobody tells.
  const Duration unaware{random_.between(0, kUnawareMost.ns)};
  session.leaves_at = world_.now() + unaware;
  if (leader_ == host.number()) leader_until_ = world_.now();
}

void LogElector::tell_members(LogHost& host, Session& session) {
  if (!reaches(host) || !session.alive || session.told == version_) return;
  if (random_.chance_ppm(300'000)) return;  // later
  session.told = version_;
  std::vector<ReplicaId> members;
  for (const Session& other : sessions_)
    if (other.alive) members.push_back(other.id);
  for (const Node& node : left_) members.push_back(node.id);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  host.set_members(std::move(members));
}

void LogElector::choose_leader() {
  for (LogHost* host : network_.hosts()) {
    Session& session = sessions_[host->number()];
    if (session.alive && session.order == 0 && reaches(*host) &&
        host->log().ready_to_lead(host->now()))
      session.order = ++last_order_;
  }
  // The node of a leader that ended, or came back in another run, stays for a while.
  if (leader_) {
    const Session& session = sessions_[*leader_];
    const bool same = session.alive && session.incarnation == leader_incarnation_;
    if (!same && leader_until_ <= world_.now()) leader_.reset();
  }
  if (leader_) return;

  LogHost* first = nullptr;
  for (LogHost* host : network_.hosts()) {
    const Session& session = sessions_[host->number()];
    if (!session.alive || session.order == 0 || !reaches(*host)) continue;
    if (first == nullptr || session.order < sessions_[first->number()].order) first = host;
  }
  if (first == nullptr) return;
  leader_ = first->number();
  leader_incarnation_ = first->incarnation();
  if (world_.trace != nullptr) world_.trace->line(world_.now(), first->name(), "is elected");
  first->lead();
}

bool LogElector::overtake(LogHost& host) {
  Session& session = sessions_[host.number()];
  if (leader_ == host.number() || !session.alive || !reaches(host) ||
      !host.log().ready_to_lead(host.now()))
    return false;
  if (leader_) {
    const Duration unaware{random_.between(Duration::milliseconds(100).ns, kUnawareMost.ns)};
    sessions_[*leader_].leaves_at = world_.now() + unaware;
  }
  if (session.order == 0) session.order = ++last_order_;
  leader_ = host.number();
  leader_incarnation_ = host.incarnation();
  host.lead();
  return true;
}

void LogElector::deposed(LogHost& host) {
  Session& session = sessions_[host.number()];
  if (leader_ == host.number()) leader_.reset();
  session.order = 0;
  // A master ends; the log alone must bear it as well to go on as a follower.
  if (random_.chance_ppm(600'000)) host.leave(Exit::LeadershipLost, "deposed");
}

}  // namespace quorate::sim
