#include "sim/oracles.h"

#include <algorithm>
#include <set>

#include "master/base/json.h"

namespace quorate::sim {
namespace {

std::string text(const Json* value) {
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

std::string shown(const std::string& key) {
  if (key.empty()) return "an empty schedule";
  return "the schedule {" + key.substr(0, 120) + "}";
}

std::string at(SimTime time) { return time.ns < 0 ? "the birth" : to_text(time).text; }

}  // namespace

std::optional<std::string> schedule_key(std::string_view json) {
  Result<Json> parsed = parse_json(json);
  if (!parsed || parsed->object() == nullptr) return std::nullopt;
  std::set<std::string> machines;
  const Json* windows = parsed->find("windows");
  if (windows != nullptr && windows->array() == nullptr) return std::nullopt;
  if (windows != nullptr)
    for (const Json& window : *windows->array()) {
      const Json* ids = window.find("machine_ids");
      if (ids == nullptr || ids->array() == nullptr) return std::nullopt;
      for (const Json& id : *ids->array())
        machines.insert(text(id.find("hostname")) + "/" + text(id.find("ip")));
    }
  std::string key;
  for (const std::string& machine : machines) key += (key.empty() ? "" : " ") + machine;
  return key;
}

DurabilityOracle::WriteId DurabilityOracle::add(Write write) {
  const WriteId id = writes_.size();
  in_order_ = in_order_ && write.began >= writes_.back().began;
  (write.anything ? anything_ : by_key_[write.key]).push_back(id);
  writes_.push_back(std::move(write));
  return id;
}

DurabilityOracle::WriteId DurabilityOracle::began(SimTime at, std::string key) {
  return add({std::move(key), false, at, SimTime::never()});
}

DurabilityOracle::WriteId DurabilityOracle::anything_began(SimTime at) {
  return add({{}, true, at, SimTime::never()});
}

void DurabilityOracle::acknowledged(WriteId write, SimTime at) {
  ++acknowledged_;
  writes_[write].acknowledged = std::min(writes_[write].acknowledged, at);
}

// Some other write began after this one was acknowledged, and was acknowledged before `by`.
bool DurabilityOracle::replaced(const Write& write, SimTime by) const {
  if (write.acknowledged == SimTime::never()) return false;  // it may take effect at any time
  // Latest first: those that began before the acknowledgement need no look.
  for (auto later = writes_.rbegin(); later != writes_.rend(); ++later) {
    if (later->began > write.acknowledged && later->acknowledged < by) return true;
    if (in_order_ && later->began <= write.acknowledged) return false;
  }
  return false;
}

std::optional<std::string> DurabilityOracle::read(SimTime sent, SimTime done,
                                                  const std::string& key, std::string_view from) {
  Write* only = nullptr;
  std::size_t possible = 0;
  const Write* same = nullptr;
  const auto look = [&](WriteId id) {
    Write& write = writes_[id];
    same = &write;
    if (write.began > done || replaced(write, sent)) return;
    ++possible;
    only = &write;
  };
  if (const auto known = by_key_.find(key); known != by_key_.end())
    for (WriteId id : known->second) look(id);
  for (WriteId id : anything_) look(id);
  if (possible == 1 && !only->anything && only->acknowledged == SimTime::never())
    only->acknowledged = done;  // seen is as good as acknowledged: it took effect before
  if (possible > 0) return std::nullopt;

  std::string out = std::string(from) + " showed " + shown(key) + " to a read from " + at(sent) +
                    " to " + at(done) + ", ";
  if (same == nullptr) return out + "which nobody wrote";
  const Write* newest = nullptr;
  for (const Write& write : writes_)
    if (write.acknowledged < sent && (newest == nullptr || write.began > newest->began))
      newest = &write;
  return out + "but " + shown(newest->key) + " was written at " + at(newest->began) +
         " and acknowledged at " + at(newest->acknowledged);
}

std::optional<std::string> LeaderOracle::confirmed(const Answer& answer) {
  if (answer.incarnation == 0) return std::nullopt;  // it is not known which run answered
  Run run{answer.host, answer.incarnation};
  Answers& own = runs_[run];
  own.all.push_back(answer);
  own.first_done = std::min(own.first_done, answer.done);
  own.last_sent = std::max(own.last_sent, answer.sent);
  const SimTime first = own.first_done;
  for (const auto& [other, answers] : runs_) {
    // Most runs are wholly before or after.
    if (other == run || answers.last_sent <= first || answers.first_done >= answer.sent) continue;
    for (const Answer& between : answers.all)
      if (between.sent > first && between.done < answer.sent)
        return answer.host + " was confirmed at " + at(first) + " and again at " + at(answer.done) +
               ", and " + between.host + " in between, from " + at(between.sent) + " to " +
               at(between.done) + ": two effective leaders";
  }
  return std::nullopt;
}

}  // namespace quorate::sim
