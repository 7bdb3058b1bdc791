#include "master/election/watched_directory.h"

#include "master/base/probe.h"

namespace quorate::election {

WatchedDirectory::WatchedDirectory(Session& session, std::string directory, Reading reading,
                                   std::uint64_t seed)
    : session_(session),
      directory_(std::move(directory)),
      reading_(reading),
      backoff_(seed, "election/watched/" + directory_) {}

void WatchedDirectory::reset() {
  asked_.reset();
  unread_.clear();
  snapshot_.reset();
  reconnected();
}

void WatchedDirectory::reconnected() {
  outdated_ = true;
  backoff_.at_once();
}

void WatchedDirectory::look_again() { outdated_ = true; }

void WatchedDirectory::advance(Now now) {
  if (asked_ || !backoff_.due(now)) return;

  if (outdated_) {
    outdated_ = false;
    listing_ = true;
    asked_ = session_.children(now, directory_, true);
  } else if (!unread_.empty()) {
    listing_ = false;
    bool watch = reading_ == Reading::Smallest;
    asked_ = session_.get(now, directory_ + "/" + unread_.front().name, watch);
  }
}

bool WatchedDirectory::on(Now now, const CoordinationReply& reply) {
  if (asked_ != reply.ticket) return false;
  asked_.reset();

  if (retryable(reply.code)) {
    outdated_ = true;
    backoff_.failed(now);
    return true;
  }
  listing_ ? on_listed(reply) : on_read(reply);
  if (failure_ || directory_gone_) {
    outdated_ = true;
    backoff_.failed(now);
  } else {
    backoff_.succeeded();
  }
  return true;
}

void WatchedDirectory::on_listed(const CoordinationReply& reply) {
  if (reply.code == CoordinationCode::NoNode) {
    directory_gone_ = true;
    return;
  }
  if (reply.code != CoordinationCode::Ok) {
    failure_ = Failure{reply.code, "list", directory_};
    return;
  }
  partial_ = Snapshot{reply.ticket, parse_node_names(reply.children), {}};
  unread_.assign(partial_.names.begin(), partial_.names.end());
  if (reading_ == Reading::Smallest && unread_.size() > 1) unread_.resize(1);
  if (unread_.empty()) snapshot_ = partial_;
}

void WatchedDirectory::on_read(const CoordinationReply& reply) {
  if (reply.code == CoordinationCode::NoNode) {
    probe(Probe::NodeVanished);
    // The list is older than the node's end; a newer one will not hold it.
    outdated_ = true;
    return;
  }
  bool readable = reply.code == CoordinationCode::Ok;
  if (!readable && reply.code != CoordinationCode::NoAuth) {
    failure_ = Failure{reply.code, "get", directory_ + "/" + unread_.front().name};
    return;
  }
  partial_.nodes.push_back({unread_.front(), readable ? std::optional(reply.data) : std::nullopt,
                            reply.ephemeral_owner});
  unread_.pop_front();
  if (unread_.empty() && !outdated_) snapshot_ = partial_;
}

void WatchedDirectory::on(const WatchFired& fired) {
  if (fired.path == directory_ || fired.path.starts_with(directory_ + "/")) outdated_ = true;
}

MonoTime WatchedDirectory::next_deadline() const {
  bool work = outdated_ || !unread_.empty();
  return asked_ || !work ? MonoTime::never() : backoff_.deadline();
}

}  // namespace quorate::election
