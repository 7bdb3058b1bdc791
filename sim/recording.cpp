#include "sim/recording.h"

#include <utility>

#include "master/base/check.h"
#include "master/ports/event_codec.h"

namespace quorate::sim {

Replay::Replay(std::string_view bytes, std::uint64_t seed, NodeFactory& factory,
               const HostSpec& spec)
    : rest_(bytes), spec_(spec), ports_(*this, silent_.ports()) {
  try {
    node_ = factory.make(spec_, ports_.ports(), seed);
  } catch (const ProcessEnded& end) {
    end_ = end;
    if (!rest_.done()) differ("the process ends", "it was started");
  }
}

Replay::~Replay() = default;

bool Replay::step() {
  if (difference_ || broken_ || end_ || rest_.done()) return false;
  Result<Recorded> recorded = rest_.next();
  if (!recorded) {
    broken_ = recorded.error().text;
    return false;
  }
  try {
    give(*recorded);
  } catch (const ProcessEnded& end) {
    end_ = end;
    if (!rest_.done() && !difference_)
      differ("the process ends", "it went on for " + std::to_string(rest_.remaining()) + " bytes");
  }
  return !difference_ && !end_ && recording_end_.empty();
}

void Replay::give(const Recorded& recorded) {
  if (const auto* effect = std::get_if<RecordedEffect>(&recorded))
    return differ("nothing more in this event", describe(*effect));
  if (const auto* end = std::get_if<RecordedEnd>(&recorded)) {
    recording_end_ = end->why.empty() ? "it does not say why" : std::string(end->why);
    return;
  }
  ++number_;
  if (const auto* start = std::get_if<RecordedStart>(&recorded)) {
    what_ = "start";
    now_ = start->now;
    return node_->start(now_);
  }
  const auto& event = std::get<RecordedEvent>(recorded);
  what_ = quorate::event_name(event.event);
  now_ = event.now;
  node_->handle(now_, event.event);
}

void Replay::on_effect(const Bytes& effect) {
  if (asked_ != nullptr) return asked_->on_effect(effect);
  if (watcher != nullptr) watcher->on_effect(effect);
  if (difference_) return;
  if (cut_short && rest_.done()) return;
  RecordReader ahead = rest_;
  Result<Recorded> next = ahead.done() ? failure("nothing") : ahead.next();
  const auto* recorded = next ? std::get_if<RecordedEffect>(&*next) : nullptr;
  if (recorded == nullptr) return differ(describe_effect(effect), "nothing more in this event");
  if (!is_same(*recorded, effect)) return differ(describe_effect(effect), describe(*recorded));
  rest_ = ahead;
}

void Replay::differ(const std::string& replayed, const std::string& recorded) {
  difference_ = spec_.name + ", event " + std::to_string(number_) + " (" + std::string(what_) +
                "): replayed: " + replayed + "; recorded: " + recorded;
}

void Replay::ask(const Event& event, EffectSink& sink) {
  if (node_ == nullptr) return;
  asked_ = &sink;
  try {
    node_->handle(now_, event);
  } catch (const ProcessEnded& end) { end_ = end; }
  asked_ = nullptr;
}

std::optional<std::string> replay_difference(const Recording& recording, NodeFactory& factory,
                                             const HostSpec& spec) {
  Replay replay(recording.bytes(), recording.seed(), factory, spec);
  while (replay.step()) {}
  CHECK(!replay.broken());
  return replay.difference();
}

}  // namespace quorate::sim
