#include "master/election/preparation.h"

#include <algorithm>

#include "master/base/probe.h"

namespace quorate::election {
namespace {

std::vector<std::string> with_parents(const std::vector<std::string>& directories) {
  std::vector<std::string> all;
  for (const std::string& directory : directories) {
    for (std::size_t end = directory.find('/', 1);; end = directory.find('/', end + 1)) {
      std::string path = directory.substr(0, end);
      if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(std::move(path));
      if (end == std::string::npos) break;
    }
  }
  return all;
}

}  // namespace

Preparation::Preparation(Session& session, const std::vector<std::string>& directories,
                         bool authenticated, std::uint64_t seed)
    : session_(session),
      directories_(with_parents(directories)),
      authenticated_(authenticated),
      backoff_(seed, "election/preparation"),
      authorized_(!authenticated) {}

void Preparation::reset() {
  authorized_ = !authenticated_;
  asked_.reset();
  check_again();
}

void Preparation::check_again() {
  made_ = 0;
  missing_ = false;
  outdated_ = asked_.has_value();
}

void Preparation::advance(Now now) {
  if (done() || asked_ || !backoff_.due(now)) return;

  if (!authorized_) {
    call_ = Call::Auth;
    asked_ = session_.add_auth(now);
  } else if (missing_) {
    call_ = Call::Create;
    CoordinationAcl acl = authenticated_ ? CoordinationAcl::CreatorAll : CoordinationAcl::Open;
    asked_ = session_.create(now, directories_[made_], Bytes(), CreateMode{.acl = acl});
  } else {
    call_ = Call::Exists;
    asked_ = session_.exists(now, directories_[made_]);
  }
}

bool Preparation::on(Now now, const CoordinationReply& reply) {
  if (asked_ != reply.ticket) return false;
  asked_.reset();
  // What was asked before check_again speaks of another directory than made_ does now.
  if (std::exchange(outdated_, false) && call_ != Call::Auth) return true;

  if (retryable(reply.code)) {
    missing_ = false;
    backoff_.failed(now);
    return true;
  }
  if (call_ == Call::Auth && reply.code == CoordinationCode::Ok) {
    authorized_ = true;
  } else if (call_ == Call::Exists && reply.code == CoordinationCode::NoNode) {
    missing_ = true;
    return true;
  } else if (call_ == Call::Create && reply.code == CoordinationCode::NoNode) {
    // A parent vanished meanwhile.
    check_again();
    backoff_.failed(now);
    return true;
  } else if (reply.code == CoordinationCode::Ok || reply.code == CoordinationCode::NodeExists) {
    if (reply.code == CoordinationCode::NodeExists) probe(Probe::DirectoryRaced);
    made_ += 1;
    missing_ = false;
  } else {
    std::string call = call_ == Call::Auth     ? "add_auth"
                       : call_ == Call::Create ? "create"
                                               : "exists";
    failure_ = Failure{reply.code, call, call_ == Call::Auth ? "" : directories_[made_]};
    backoff_.failed(now);
    return true;
  }
  backoff_.succeeded();
  return true;
}

MonoTime Preparation::next_deadline() const {
  return done() || asked_ ? MonoTime::never() : backoff_.deadline();
}

}  // namespace quorate::election
