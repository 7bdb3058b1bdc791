#include "sim/run_trace.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quorate::sim {
namespace {

constexpr std::array<std::string_view, kTraceMessageKinds> kMessageNames = {
    "prepare",   "promise",    "accept",      "accepted", "rejected",   "missing", "learned",
    "fetch",     "fetched",    "fetch-state", "state",    "truncated",  "confirm", "confirmed",
    "inquire",   "standing",   "superseded",  "upgrade",  "request",    "answer",  "look",
    "look-back", "zk-request", "zk-reply",    "zk-watch", "zk-session", "zk-ping"};

constexpr std::array<std::string_view, kTraceMarkKinds> kMarkNames = {
    "step",    "fault", "start",   "exit", "pause", "role",
    "session", "cut",   "warning", "log",  "sync",  "learn"};

void shorten(std::string& text) {
  if (text.size() <= RunTrace::kTextMax) return;
  std::size_t size = RunTrace::kTextMax;
  // Not in the middle of a UTF-8 sequence.
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
  text += "...";
}

}  // namespace

std::string_view message_name(TraceMessageKind kind) {
  return kMessageNames.at(static_cast<std::size_t>(kind));
}
std::string_view mark_name(TraceMarkKind kind) {
  return kMarkNames.at(static_cast<std::size_t>(kind));
}

bool RunTrace::small(TraceMarkKind kind) {
  return kind == TraceMarkKind::Log || kind == TraceMarkKind::Sync || kind == TraceMarkKind::Learn;
}

RunTrace::Id RunTrace::sent(TraceMessage message) {
  shorten(message.text);
  messages_.push_back(std::move(message));
  Id id = first_message_ + messages_.size() - 1;
  bound();
  return id;
}

void RunTrace::received(Id message, SimTime at) {
  if (message >= first_message_) messages_.at(message - first_message_).received = at;
}

void RunTrace::reclassify(Id message, TraceMessageKind kind) {
  if (message >= first_message_) messages_.at(message - first_message_).kind = kind;
}

RunTrace::Id RunTrace::mark(TraceMark mark) {
  shorten(mark.text);
  if (small(mark.kind)) {
    small_marks_.push_back(std::move(mark));
    Id id = first_small_ + small_marks_.size() - 1;
    bound();
    return id;
  }
  landmarks_.push_back(std::move(mark));
  if (landmarks_.size() > limits_.landmarks) {
    landmarks_.pop_front();
    ++first_landmark_;
    ++dropped_;
  }
  return first_landmark_ + landmarks_.size() - 1;
}

void RunTrace::ended(Id mark, TraceMarkKind kind, SimTime at) {
  std::deque<TraceMark>& marks = small(kind) ? small_marks_ : landmarks_;
  Id first = small(kind) ? first_small_ : first_landmark_;
  if (mark >= first) marks.at(mark - first).until = at;
}

// The oldest of both goes.
void RunTrace::bound() {
  while (messages_.size() + small_marks_.size() > limits_.traffic) {
    bool message = small_marks_.empty() ||
                   (!messages_.empty() && messages_.front().sent <= small_marks_.front().at);
    if (message) {
      complete_from_ = messages_.front().sent;
      messages_.pop_front();
      ++first_message_;
    } else {
      complete_from_ = small_marks_.front().at;
      small_marks_.pop_front();
      ++first_small_;
    }
    ++dropped_;
  }
}

}  // namespace quorate::sim
