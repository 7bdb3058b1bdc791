#include "master/election/election.h"

#include <algorithm>
#include <utility>

#include "master/base/bytes.h"
#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/base/text.h"

namespace quorate::election {
namespace {

CoordinationAcl acl_of(const Settings& settings) {
  return settings.authenticated ? CoordinationAcl::CreatorAll : CoordinationAcl::Open;
}

std::string replicas_path(const Settings& settings) {
  return settings.zk_path + "/quorate_replicas";
}

// Errors that a person must look at; the others are over when the process is started again.
bool is_configuration(CoordinationCode code) {
  return code == CoordinationCode::NoAuth || code == CoordinationCode::AuthFailed ||
         code == CoordinationCode::InvalidAcl || code == CoordinationCode::BadArguments ||
         code == CoordinationCode::NoChildrenForEphemerals;
}

}  // namespace

Election::Election(Settings settings, Coordination& coordination, std::uint64_t seed)
    : settings_(std::move(settings)),
      session_(coordination, settings_.session_timeout),
      preparation_(session_, {settings_.zk_path, replicas_path(settings_)}, settings_.authenticated,
                   seed),
      contender_(session_, settings_.zk_path, "json.info", acl_of(settings_), seed),
      replica_(session_, replicas_path(settings_), "", acl_of(settings_), seed),
      masters_(session_, settings_.zk_path, WatchedDirectory::Reading::Smallest, seed),
      replicas_(session_, replicas_path(settings_), WatchedDirectory::Reading::All, seed),
      ping_(session_) {}

void Election::start(Now now) {
  CHECK(!session_.is_open());
  session_.open(now);
}

void Election::join_replicas(Now now, Bytes data) {
  CHECK(!data.empty());
  if (!running(now)) return;
  std::string nonce = data;
  replica_.want(std::move(data), std::move(nonce));
  advance(now);
}

void Election::contend(Now now, const MasterInfo& info) {
  CHECK(!info.id.empty());
  if (!running(now)) return;
  if (contender_.wanted() && own_ && own_->id == info.id) return;
  own_ = info;
  withdrawing_ = false;
  contender_.want(to_json(info), info.id);
  advance(now);
}

void Election::withdraw(Now now) {
  if (!running(now)) return;
  // Stops leading before the node goes: from here on another may be elected at any moment.
  if (leading_) set_leader(std::nullopt, false);
  withdrawing_ = true;
  contender_.unwant();
  advance(now);
  judge_own_node();
}

void Election::close(Now now) {
  if (closing_ || !running(now)) return;
  closing_ = true;
  leading_ = false;
  if (session_.is_open()) {
    session_.close();
  } else {
    outcomes_.push_back(SessionClosed{});
  }
}

void Election::on(Now now, const CoordinationReply& reply) {
  if (!running(now) || closing_ || !session_.on(reply)) return;

  preparation_.on(now, reply) || contender_.on(now, reply) || replica_.on(now, reply) ||
      masters_.on(now, reply) || replicas_.on(now, reply) || ping_.on(reply);
  judge_failures();
  judge_own_node();
  judge_replicas();
  judge_masters(now);
  advance(now);
}

void Election::on(Now now, const WatchFired& fired) {
  if (!running(now) || closing_ || !session_.on(fired)) return;
  masters_.on(fired);
  replicas_.on(fired);
  advance(now);
}

void Election::on(Now now, const SessionState& state) {
  if (!running(now)) return;
  Session::Change change = session_.on(now, state);
  if (closing_) {
    if (change != Session::Change::None && !session_.is_open()) {
      outcomes_.push_back(SessionClosed{});
    }
    return;
  }
  switch (change) {
    case Session::Change::None: return;
    case Session::Change::Connected:
      note("connected, session 0x" + hex(static_cast<std::uint64_t>(session_.id())) + ", timeout " +
           duration_text(session_.timeout()));
      preparation_.reconnected();
      contender_.reconnected();
      replica_.reconnected();
      masters_.reconnected();
      replicas_.reconnected();
      ping_.reconnected();
      return advance(now);
    case Session::Change::Disconnected: return note("disconnected");
    case Session::Change::Expired:
      return session_ended(now, "the ZooKeeper session expired at the servers");
    case Session::Change::Closed:
      return session_ended(now, "the ZooKeeper session was closed unasked");
    case Session::Change::AuthFailed:
      return end(Exit::Configuration,
                 "ZooKeeper refused the credentials of --zk: check user and password");
  }
}

void Election::on_time(Now now) {
  if (!running(now) || closing_) return;
  advance(now);
}

// The clock speaks first: a process that was paused must not act on anything that happened before
// the pause. False when there is nothing left to do.
bool Election::running(Now now) {
  if (ended_) return false;
  if (closing_) return true;
  if (leading_ && !lease_valid(now)) {
    probe(Probe::LeaseEnded);
    lose("no answer from ZooKeeper for nine tenths of the session timeout of " +
         duration_text(session_.timeout()) + ": the lease ended");
    return false;
  }
  if (session_.given_up_at() <= now.mono) {
    probe(Probe::SessionGivenUp);
    session_ended(now, "no connection to ZooKeeper within the session timeout of " +
                           duration_text(session_.timeout()));
  }
  return !ended_;
}

void Election::advance(Now now) {
  if (ended_ || closing_ || !session_.connected()) return;

  if (ping_.due(now)) ping_.advance(now, contender_.node() ? contender_.path() : settings_.zk_path);
  preparation_.advance(now);
  if (!preparation_.done()) return;
  contender_.advance(now);
  replica_.advance(now);
  masters_.advance(now);
  replicas_.advance(now);
}

void Election::session_ended(Now now, const std::string& how) {
  probe(leading_ ? Probe::ExpiredWhileLeading : Probe::ExpiredAsStandby);
  if (leading_) return lose(how);
  note(how + "; opening a new session");
  session_.open(now);
  preparation_.reset();
  contender_.reset();
  replica_.reset();
  masters_.reset();
  replicas_.reset();
  ping_.reset();
  front_.reset();
  set_leader(std::nullopt, false);
}

void Election::judge_failures() {
  for (auto failure :
       {preparation_.take_failure(), contender_.take_failure(), replica_.take_failure(),
        masters_.take_failure(), replicas_.take_failure()}) {
    if (!failure) continue;
    std::string why = "ZooKeeper refused to " + failure->call + " " + failure->path + ": " +
                      std::string(to_text(failure->code));
    if (failure->code == CoordinationCode::NoAuth) {
      why += "; check the credentials of --zk and the ACL of this node";
    }
    bool configuration = is_configuration(failure->code) && !leading_;
    return end(configuration ? Exit::Configuration : Exit::LeadershipLost, why);
  }
  bool gone = contender_.take_directory_gone();
  gone = replica_.take_directory_gone() || gone;
  gone = masters_.take_directory_gone() || gone;
  gone = replicas_.take_directory_gone() || gone;
  if (!gone) return;
  probe(Probe::DirectoryVanished);
  preparation_.check_again();
}

MonoTime Election::next_deadline() const {
  if (ended_ || closing_ || !session_.is_open()) return MonoTime::never();
  MonoTime at = session_.given_up_at();
  if (leading_) at = std::min(at, session_.lease_end());
  if (!session_.connected()) return at;

  at = std::min(at, ping_.next_deadline());
  if (!preparation_.done()) return std::min(at, preparation_.next_deadline());
  for (MonoTime other : {contender_.next_deadline(), replica_.next_deadline(),
                         masters_.next_deadline(), replicas_.next_deadline()}) {
    at = std::min(at, other);
  }
  return at;
}

std::vector<Outcome> Election::take_outcomes() { return std::exchange(outcomes_, {}); }

bool Election::lease_valid(Now now) const { return leading_ && lease_live(now); }

bool Election::lease_live(Now now) const { return now.mono < session_.lease_end(); }

void Election::note(std::string line) { outcomes_.push_back(Noted{std::move(line)}); }

}  // namespace quorate::election
