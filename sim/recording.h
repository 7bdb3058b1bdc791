#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/ports/event.h"
#include "master/ports/recording.h"
#include "sim/node.h"
#include "sim/silent_ports.h"

namespace quorate::sim {

// All that one incarnation was given, and all that it did.
class Recording final {
 public:
  explicit Recording(std::uint64_t seed) : seed_(seed) {}

  void started(Now now) { out_.started(now); }
  // Appends and gives the bytes that were appended, for the hash.
  std::string_view event(Now now, const Event& event) { return out_.event(now, event); }
  void effect(const Bytes& effect) { out_.effect(effect); }
  // Drops what is held: for runs that are not replayed.
  void forget() { out_.clear(); }

  std::uint64_t seed() const { return seed_; }
  const Bytes& bytes() const { return out_.bytes(); }
  std::size_t size() const { return out_.size(); }

 private:
  std::uint64_t seed_;
  RecordWriter out_;
};

// Feeds a recording to a fresh node, event by event, and compares what it does with what was
// recorded. The bytes and the factory outlive it.
class Replay final : private EffectSink {
 public:
  Replay(std::string_view bytes, std::uint64_t seed, NodeFactory& factory, const HostSpec& spec);
  ~Replay() override;

  // The next event, and the effects of the node until it is done with it. False: there is none, or
  // something differs, or the bytes are broken, or the process has ended.
  bool step();

  std::uint64_t events() const { return number_; }
  Now now() const { return now_; }
  std::string_view event_name() const { return what_; }
  // The first difference, as a sentence.
  const std::optional<std::string>& difference() const { return difference_; }
  // What is wrong with the bytes.
  const std::optional<std::string>& broken() const { return broken_; }
  const std::optional<ProcessEnded>& process_end() const { return end_; }
  // Why the recording stopped before the process did; empty if it does not say so.
  const std::string& recording_end() const { return recording_end_; }

  // Something that was never recorded, for instance a question; what the node does then is told to
  // `sink` and compared with nothing. No step() may follow.
  void ask(const Event& event, EffectSink& sink);
  // Also told each effect of each step; nullptr: nobody. Not owned.
  EffectSink* watcher = nullptr;
  // The process was killed perhaps before it could record what it did in its last event.
  bool cut_short = false;

 private:
  void on_effect(const Bytes& effect) override;
  void give(const Recorded& recorded);
  void differ(const std::string& replayed, const std::string& recorded);

  RecordReader rest_;
  const HostSpec spec_;
  SilentPorts silent_;
  RecordingPorts ports_;
  std::unique_ptr<Node> node_;
  EffectSink* asked_ = nullptr;
  std::uint64_t number_ = 0;
  Now now_;
  std::string_view what_ = "boot";
  std::optional<std::string> difference_;
  std::optional<std::string> broken_;
  std::optional<ProcessEnded> end_;
  std::string recording_end_;
};

// Replays it all. Nothing: the same. Otherwise the first difference.
std::optional<std::string> replay_difference(const Recording& recording, NodeFactory& factory,
                                             const HostSpec& spec);

}  // namespace quorate::sim
