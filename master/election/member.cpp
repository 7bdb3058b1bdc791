#include "master/election/member.h"

#include <algorithm>

#include "master/base/check.h"
#include "master/base/probe.h"

namespace quorate::election {

Member::Member(Session& session, std::string directory, std::string label, CoordinationAcl acl,
               std::uint64_t seed)
    : session_(session),
      directory_(std::move(directory)),
      label_(std::move(label)),
      acl_(acl),
      backoff_(seed, "election/member/" + directory_) {}

void Member::want(Bytes data, std::string nonce) {
  CHECK(!nonce.empty());
  wanted_ = true;
  data_ = std::move(data);
  nonce_ = std::move(nonce);
  search_again();
}

void Member::unwant() {
  wanted_ = false;
  if (!nonce_.empty()) search_again();
}

bool Member::carries_nonce(const Bytes& data) const {
  return !nonce_.empty() && data.find(nonce_) != Bytes::npos;
}

void Member::reset() {
  asked_.reset();
  again_ = false;
  node_.reset();
  backoff_.at_once();
  step_ = nonce_.empty() ? Step::Settled : Step::List;
}

void Member::lost() {
  node_.reset();
  search_again();
}

void Member::search_again() {
  if (asked_) {
    probe(Probe::SearchedDuringCall);
    again_ = true;
  } else {
    step_ = Step::List;
  }
}

std::string Member::path() const { return node_ ? path_of(node_->name) : std::string(); }

void Member::advance(Now now) {
  if (asked_ || !backoff_.due(now)) return;

  switch (step_) {
    case Step::Settled: return;
    case Step::List: asked_ = session_.children(now, directory_, false); return;
    case Step::Read: asked_ = session_.get(now, path_of(unread_.front().name), false); return;
    case Step::Remove: asked_ = session_.remove(now, path_of(strays_.front().name)); return;
    case Step::Create: {
      std::string prefix = label_.empty() ? std::string() : label_ + "_";
      CreateMode mode{.ephemeral = true, .sequential = true, .acl = acl_};
      asked_ = session_.create(now, path_of(prefix), data_, mode);
      return;
    }
  }
}

bool Member::on(Now now, const CoordinationReply& reply) {
  if (asked_ != reply.ticket) return false;
  asked_.reset();

  if (retryable(reply.code)) {
    if (step_ == Step::Create || step_ == Step::Remove) probe(Probe::EffectUnknown);
    // Whatever was asked may have happened or not: look first.
    step_ = Step::List;
    backoff_.failed(now);
  } else {
    on_answer(reply);
    if (failure_ || directory_gone_) {
      step_ = Step::List;
      backoff_.failed(now);
    } else {
      backoff_.succeeded();
    }
  }
  if (std::exchange(again_, false)) step_ = Step::List;
  return true;
}

void Member::on_answer(const CoordinationReply& reply) {
  switch (step_) {
    case Step::Settled: return;
    case Step::List:
      if (reply.code == CoordinationCode::NoNode) {
        directory_gone_ = true;
        return;
      }
      if (reply.code != CoordinationCode::Ok) return fail(reply);
      unread_.clear();
      mine_.clear();
      strays_.clear();
      for (NodeName& name : parse_node_names(reply.children)) {
        if (name.label == label_) unread_.push_back(std::move(name));
      }
      step_ = Step::Read;
      if (unread_.empty()) finish_reading();
      return;
    case Step::Read: return on_read(reply);
    case Step::Remove:
      if (reply.code != CoordinationCode::Ok && reply.code != CoordinationCode::NoNode) {
        return fail(reply);
      }
      probe(Probe::StrayRemoved);
      strays_.pop_front();
      if (strays_.empty()) after_removing();
      return;
    case Step::Create: return on_created(reply);
  }
}

void Member::on_read(const CoordinationReply& reply) {
  // A node that vanished meanwhile, or that we may not read, is none of ours.
  bool readable = reply.code == CoordinationCode::Ok;
  if (!readable && reply.code != CoordinationCode::NoNode &&
      reply.code != CoordinationCode::NoAuth) {
    return fail(reply);
  }
  if (readable && carries_nonce(reply.data)) {
    bool of_this_session = reply.ephemeral_owner == session_.id();
    if (of_this_session) {
      if (mine_.empty()) node_known_by_ = reply.ticket;
      mine_.push_back(unread_.front());
    } else {
      strays_.push_back(unread_.front());
    }
  }
  unread_.pop_front();
  if (unread_.empty()) finish_reading();
}

void Member::finish_reading() {
  std::sort(mine_.begin(), mine_.end());
  node_.reset();
  if (wanted_ && !mine_.empty()) {
    probe(Probe::NodeAdopted);
    node_ = mine_.front();
    mine_.erase(mine_.begin());
  }
  strays_.insert(strays_.end(), mine_.begin(), mine_.end());
  step_ = Step::Remove;
  if (strays_.empty()) after_removing();
}

void Member::after_removing() { step_ = wanted_ && !node_ ? Step::Create : Step::Settled; }

void Member::on_created(const CoordinationReply& reply) {
  if (reply.code == CoordinationCode::NoNode) {
    directory_gone_ = true;
    return;
  }
  if (reply.code != CoordinationCode::Ok) return fail(reply);

  std::string_view name = reply.path;
  name.remove_prefix(std::min(name.size(), directory_.size() + 1));
  std::optional<NodeName> created = parse_node_name(name);
  if (!created) return fail(reply);
  node_ = std::move(created);
  node_known_by_ = reply.ticket;
  step_ = Step::Settled;
}

void Member::fail(const CoordinationReply& reply) {
  switch (step_) {
    case Step::Settled:
    case Step::List: failure_ = Failure{reply.code, "list", directory_}; return;
    case Step::Read: failure_ = Failure{reply.code, "get", path_of(unread_.front().name)}; return;
    case Step::Remove:
      failure_ = Failure{reply.code, "remove", path_of(strays_.front().name)};
      return;
    case Step::Create: failure_ = Failure{reply.code, "create", path_of(label_)}; return;
  }
}

MonoTime Member::next_deadline() const {
  return asked_ || step_ == Step::Settled ? MonoTime::never() : backoff_.deadline();
}

}  // namespace quorate::election
