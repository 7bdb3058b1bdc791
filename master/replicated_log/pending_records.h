#pragma once

#include <deque>
#include <optional>

#include "master/base/bytes.h"
#include "master/base/strong.h"
#include "master/paxos/acceptor.h"

namespace quorate::replicated_log {

// A count of everything that was asked to be made durable, in order.
using Mark = Strong<struct MarkTag>;

// Records that wait for their batch, encoded at once, one behind the other, as they will lie in its
// body.
class PendingRecords {
 public:
  void add(Mark mark, const paxos::SlotRecord& record);
  // Needs no sync of its own. Of several in a row only the last one says anything: it replaces
  // them.
  void add(const paxos::LearnedRecord& record);

  bool empty() const { return records_.empty(); }
  // The first mark that waits; none: nothing here needs a sync.
  const std::optional<Mark>& first() const { return first_; }

  struct Taken {
    Bytes body;
    std::optional<Mark> first;
    paxos::Position highest;  // of the slots in it
  };
  // Records from the front: at most `fits` bytes, and, but for a first one that is larger, at most
  // `enough`. Nothing if the first does not fit.
  Taken take(std::uint64_t fits, std::uint64_t enough);

 private:
  struct Record {
    std::uint64_t bytes = 0;
    std::optional<Mark> mark;  // none: a learned one
    paxos::Position position;
  };

  Bytes body_;
  std::uint64_t begin_ = 0;  // what was taken from its front and is not given back yet
  std::deque<Record> records_;
  std::optional<Mark> first_;
};

}  // namespace quorate::replicated_log
