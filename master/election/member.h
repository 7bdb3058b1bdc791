#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/election/backoff.h"
#include "master/election/node_name.h"
#include "master/election/session.h"

namespace quorate::election {

// Keeps exactly one ephemeral, sequential node of ours in a directory, or none.
//
// The answer to a create may be lost while the node was made, and a node of an older session of
// ours may linger. So it always searches first: it lists the directory, reads what has our label,
// adopts the smallest node that carries our nonce and belongs to this session, removes all others
// that carry it, and creates only when it found none.
class Member {
 public:
  // `session` outlives this. A node is `directory`/`label`_<10 digits>, or only the digits when the
  // label is empty.
  Member(Session& session, std::string directory, std::string label, CoordinationAcl acl,
         std::uint64_t seed);

  // A node with this data shall exist. `nonce` is a part of the data that no other process uses.
  void want(Bytes data, std::string nonce);
  // No node of ours shall exist.
  void unwant();
  bool wanted() const { return wanted_; }
  bool carries_nonce(const Bytes& data) const;

  // A new session: its nodes are gone, or soon will be.
  void reset();
  void reconnected() { backoff_.at_once(); }
  // The own node is gone from the directory.
  void lost();
  // A second node of ours was seen.
  void search_again();

  // The own node, once it is known to be there, and the call whose answer told so: what was asked
  // before it says nothing about the node.
  const std::optional<NodeName>& node() const { return node_; }
  CoordinationTicket node_known_by() const { return node_known_by_; }
  std::string path() const;
  // Nothing is left to do.
  bool settled() const { return step_ == Step::Settled; }

  void advance(Now now);
  bool on(Now now, const CoordinationReply& reply);
  MonoTime next_deadline() const;
  std::optional<Failure> take_failure() { return std::exchange(failure_, std::nullopt); }
  bool take_directory_gone() { return std::exchange(directory_gone_, false); }

 private:
  enum class Step { Settled, List, Read, Remove, Create };

  void on_answer(const CoordinationReply& reply);
  void on_read(const CoordinationReply& reply);
  void on_created(const CoordinationReply& reply);
  void finish_reading();
  void after_removing();
  void fail(const CoordinationReply& reply);
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }

  Session& session_;
  const std::string directory_;
  const std::string label_;
  const CoordinationAcl acl_;
  Backoff backoff_;

  bool wanted_ = false;
  Bytes data_;
  std::string nonce_;
  std::optional<NodeName> node_;
  CoordinationTicket node_known_by_;

  Step step_ = Step::Settled;
  bool again_ = false;  // the search under way is already out of date
  std::optional<CoordinationTicket> asked_;
  std::deque<NodeName> unread_;
  std::vector<NodeName> mine_;  // of this session
  std::deque<NodeName> strays_;
  std::optional<Failure> failure_;
  bool directory_gone_ = false;
};

}  // namespace quorate::election
