#include "master/election/ping.h"

namespace quorate::election {

void Ping::reset() {
  asked_.reset();
  sent_.reset();
  missing_.reset();
}

bool Ping::due(Now now) const {
  return !asked_ && (!sent_ || now.mono >= *sent_ + session_.timeout() / 3);
}

void Ping::advance(Now now, const std::string& path) {
  if (!due(now)) return;

  path_ = path;
  sent_ = now.mono;
  asked_ = session_.exists(now, path_);
}

bool Ping::on(const CoordinationReply& reply) {
  if (asked_ != reply.ticket) return false;
  asked_.reset();
  if (reply.code == CoordinationCode::NoNode) missing_ = path_;
  return true;
}

MonoTime Ping::next_deadline() const {
  if (asked_ || !sent_) return MonoTime::never();
  return *sent_ + session_.timeout() / 3;
}

}  // namespace quorate::election
