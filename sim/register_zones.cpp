#include "sim/register_zones.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace quorate::sim {
namespace {

using Operations = std::vector<RegistryOperation>;
using Machines = std::vector<std::string>;

// All that wrote or showed one value.
struct Value {
  const RegistryOperation* write = nullptr;        // nullptr: what the registry begins with
  const RegistryOperation* first_ended = nullptr;  // of all of them
  const RegistryOperation* last_begun = nullptr;
};
using Values = std::map<Machines, Value>;

bool names_one_twice(const Machines& sorted) {
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

bool is_of_a_register(const RegistryOperation& operation) {
  switch (operation.call) {
    case RegistryCall::Replace:
      return !operation.machines.empty() && !names_one_twice(operation.machines);
    case RegistryCall::ReadSchedule: return true;
    case RegistryCall::ReadStatus: return operation.down.empty();
    case RegistryCall::Down:
    case RegistryCall::Up: return false;
  }
  return false;
}

void take_in(Value& value, const RegistryOperation& operation) {
  if (value.first_ended == nullptr || operation.ends < value.first_ended->ends)
    value.first_ended = &operation;
  if (value.last_begun == nullptr || operation.begins > value.last_begun->begins)
    value.last_begun = &operation;
}

// Nothing: it is none of a register's, or two writes write the same.
std::optional<Values> values_of(const Operations& operations) {
  Values values;
  for (const RegistryOperation& operation : operations) {
    if (!is_of_a_register(operation)) return std::nullopt;
    if (operation.reads()) continue;
    Value& value = values[operation.machines];
    if (value.write != nullptr) return std::nullopt;
    value.write = &operation;
    take_in(value, operation);
  }
  for (const RegistryOperation& operation : operations) {
    if (!operation.reads()) continue;
    Value& value = values[operation.machines];
    take_in(value, operation);
  }
  return values;
}

LinearVerdict violated(const RegistryOperation& operation, const std::string& why,
                       const RegistryOperation& other) {
  LinearVerdict verdict;
  verdict.result = LinearResult::Violated;
  verdict.text =
      to_text(operation) + " fits no order of what was asked and answered; " + why + to_text(other);
  return verdict;
}

// A value that nobody wrote, or that was shown before anybody began to write it.
std::optional<LinearVerdict> from_nowhere(const Machines& machines, const Value& value) {
  if (value.write == nullptr && !machines.empty()) {
    LinearVerdict verdict;
    verdict.result = LinearResult::Violated;
    verdict.text = to_text(*value.first_ended) + " shows what nobody had asked for";
    return verdict;
  }
  if (value.write != nullptr && value.first_ended->ends < value.write->begins)
    return violated(*value.first_ended,
                    "it ended before the only one that could have made it so: ", *value.write);
  return std::nullopt;
}

// When the registry certainly had a value, or may have had it for a moment only.
struct Zone {
  SimTime from;  // the first end; of what the registry begins with: before everything
  SimTime to;    // the last beginning
  const Value* value = nullptr;
};

// The registry had the value of `outer` all the time and that of `inner` in between.
LinearVerdict between(const Zone& outer, const Value& inner) {
  const std::string since = outer.value->write == nullptr
                                ? "at the beginning"
                                : "by the end of " + to_text(*outer.value->first_ended);
  return violated(*outer.value->last_begun,
                  "the registry was so " + since + ", and in between it was as in ",
                  *inner.first_ended);
}

}  // namespace

// Let a value's zone go from the first end f of its calls to the last beginning s. If f < s, the
// registry has this value during all of [f, s]: one of its calls had its effect by f, another one
// at s or later, and a value never comes a second time. If s <= f, one moment in [s, f], which any
// will do, is enough for all its calls. So there is an order if and only if
//  - what is shown was asked for by then,
//  - no two zones of the first kind have more than a moment in common, and
//  - none of the second kind lies strictly within one of the first.
// A write without an answer ends never, so its zone lies within no other unless it was seen: one
// that nobody saw may happen never.
std::optional<LinearVerdict> check_register(const Operations& operations) {
  const std::optional<Values> values = values_of(operations);
  if (!values) return std::nullopt;

  std::vector<Zone> lasting, momentary;
  for (const auto& [machines, value] : *values) {
    if (auto wrong = from_nowhere(machines, value)) return wrong;
    const SimTime from = value.write == nullptr ? SimTime{INT64_MIN} : value.first_ended->ends;
    const Zone zone{from, value.last_begun->begins, &value};
    (zone.from < zone.to ? lasting : momentary).push_back(zone);
  }
  std::sort(lasting.begin(), lasting.end(),
            [](const Zone& a, const Zone& b) { return a.from < b.from; });
  LinearVerdict verdict;
  verdict.tried = operations.size();
  for (std::size_t i = 1; i < lasting.size(); ++i)
    if (lasting[i].from < lasting[i - 1].to) return between(lasting[i - 1], *lasting[i].value);
  for (const Zone& one : momentary) {
    // They do not overlap, so only the last one that begins before it can be around it.
    auto after = std::lower_bound(lasting.begin(), lasting.end(), one.to,
                                  [](const Zone& zone, SimTime at) { return zone.from < at; });
    if (after == lasting.begin()) continue;
    const Zone& around = *std::prev(after);
    if (one.from < around.to) return between(around, *one.value);
  }
  return verdict;
}

}  // namespace quorate::sim
