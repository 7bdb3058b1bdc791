#include "master/election/session.h"

#include <algorithm>

#include "master/base/check.h"
#include "master/base/probe.h"

namespace quorate::election {
namespace {

// Did a server say this, or only the client's own side?
bool from_server(CoordinationCode code) {
  switch (code) {
    case CoordinationCode::Ok:
    case CoordinationCode::NoNode:
    case CoordinationCode::NodeExists:
    case CoordinationCode::BadVersion:
    case CoordinationCode::NotEmpty:
    case CoordinationCode::NoAuth:
    case CoordinationCode::InvalidAcl:
    case CoordinationCode::NoChildrenForEphemerals: return true;
    case CoordinationCode::AuthFailed:
    case CoordinationCode::BadArguments:
    case CoordinationCode::ConnectionLoss:
    case CoordinationCode::OperationTimeout:
    case CoordinationCode::SessionExpired:
    case CoordinationCode::Closing:
    case CoordinationCode::Other: return false;
  }
  return false;
}

}  // namespace

bool retryable(CoordinationCode code) {
  return code == CoordinationCode::ConnectionLoss || code == CoordinationCode::OperationTimeout ||
         code == CoordinationCode::SessionExpired || code == CoordinationCode::Closing;
}

std::string_view to_text(CoordinationCode code) {
  switch (code) {
    case CoordinationCode::Ok: return "ok";
    case CoordinationCode::NoNode: return "no such node";
    case CoordinationCode::NodeExists: return "node exists";
    case CoordinationCode::BadVersion: return "bad version";
    case CoordinationCode::NotEmpty: return "node has children";
    case CoordinationCode::NoAuth: return "not authorized";
    case CoordinationCode::AuthFailed: return "authentication failed";
    case CoordinationCode::InvalidAcl: return "invalid ACL";
    case CoordinationCode::NoChildrenForEphemerals: return "ephemeral nodes cannot have children";
    case CoordinationCode::BadArguments: return "bad arguments";
    case CoordinationCode::ConnectionLoss: return "connection lost";
    case CoordinationCode::OperationTimeout: return "operation timed out";
    case CoordinationCode::SessionExpired: return "session expired";
    case CoordinationCode::Closing: return "handle is closing";
    case CoordinationCode::Other: return "unknown error";
  }
  return "unknown error";
}

Session::Session(Coordination& coordination, Duration asked_timeout)
    : coordination_(coordination), asked_timeout_(asked_timeout), timeout_(asked_timeout) {}

void Session::open(Now now) {
  if (open_) coordination_.close(handle_);
  forget();
  handle_ = handle_.next();
  open_ = true;
  timeout_ = asked_timeout_;
  heard_ = now.mono;
  coordination_.open(handle_, asked_timeout_);
}

void Session::close() {
  CHECK(open_);
  coordination_.close(handle_);
}

Session::Change Session::on(Now now, const SessionState& state) {
  if (!open_ || state.handle != handle_) return Change::None;

  switch (state.phase) {
    case SessionPhase::Connected:
      connected_ = true;
      id_ = state.session_id;
      if (state.negotiated_timeout.ns > 0) timeout_ = state.negotiated_timeout;
      heard_ = now.mono;
      return Change::Connected;
    case SessionPhase::Disconnected: connected_ = false; return Change::Disconnected;
    case SessionPhase::Expired: forget(); return Change::Expired;
    case SessionPhase::AuthFailed: forget(); return Change::AuthFailed;
    case SessionPhase::Closed: forget(); return Change::Closed;
  }
  return Change::None;
}

bool Session::on(const CoordinationReply& reply) {
  if (!open_ || reply.handle != handle_) {
    probe(Probe::AnswerOfOldSession);
    return false;
  }
  auto asked = asked_.find(reply.ticket);
  if (asked == asked_.end()) return false;

  if (from_server(reply.code)) {
    contact_ = std::max(contact_.value_or(asked->second), asked->second);
    heard_ = std::max(heard_, asked->second);
  }
  asked_.erase(asked);
  return true;
}

CoordinationTicket Session::add_auth(Now now) {
  CoordinationTicket ticket = mint(now);
  coordination_.add_auth(handle_, ticket);
  return ticket;
}

CoordinationTicket Session::create(Now now, const std::string& path, const Bytes& data,
                                   CreateMode mode) {
  CoordinationTicket ticket = mint(now);
  coordination_.create(handle_, ticket, path, data, mode);
  return ticket;
}

CoordinationTicket Session::get(Now now, const std::string& path, bool watch) {
  CoordinationTicket ticket = mint(now);
  coordination_.get(handle_, ticket, path, watch);
  return ticket;
}

CoordinationTicket Session::exists(Now now, const std::string& path) {
  CoordinationTicket ticket = mint(now);
  coordination_.exists(handle_, ticket, path, false);
  return ticket;
}

CoordinationTicket Session::children(Now now, const std::string& path, bool watch) {
  CoordinationTicket ticket = mint(now);
  coordination_.children(handle_, ticket, path, watch);
  return ticket;
}

CoordinationTicket Session::remove(Now now, const std::string& path) {
  CoordinationTicket ticket = mint(now);
  coordination_.remove(handle_, ticket, path, -1);
  return ticket;
}

MonoTime Session::lease_end() const {
  if (!contact_) return MonoTime{INT64_MIN};
  return *contact_ + (timeout_ - timeout_ / 10);
}

MonoTime Session::given_up_at() const {
  if (!open_ || connected_) return MonoTime::never();
  return heard_ + timeout_;
}

CoordinationTicket Session::mint(Now now) {
  CHECK(open_);
  last_ticket_ = last_ticket_.next();
  asked_.emplace(last_ticket_, now.mono);
  return last_ticket_;
}

// Nothing known about the dead handle's session may speak for the next one.
void Session::forget() {
  open_ = false;
  connected_ = false;
  id_ = 0;
  asked_.clear();
  contact_.reset();
}

}  // namespace quorate::election
