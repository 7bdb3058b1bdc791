#include "sim/registry_history.h"

#include <algorithm>
#include <utility>

#include "master/base/json.h"
#include "master/base/text.h"

namespace quorate::sim {
namespace {

std::string text(const Json* value) {
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

std::string machine(const Json& id) {
  return lower(text(id.find("hostname"))) + "/" + text(id.find("ip"));
}

// `inside`: the member of each element that is the machine's id; empty: the element itself.
bool collect(const Json* list, const char* inside, std::vector<std::string>& out) {
  if (list == nullptr) return true;
  if (list->array() == nullptr) return false;
  for (const Json& element : *list->array()) {
    const Json* id = *inside == '\0' ? &element : element.find(inside);
    if (id == nullptr || id->object() == nullptr) return false;
    out.push_back(machine(*id));
  }
  return true;
}

bool collect_windows(const Json* windows, std::vector<std::string>& out) {
  if (windows == nullptr) return true;
  if (windows->array() == nullptr) return false;
  return std::all_of(windows->array()->begin(), windows->array()->end(), [&](const Json& window) {
    return window.find("machine_ids") != nullptr && collect(window.find("machine_ids"), "", out);
  });
}

}  // namespace

std::optional<RegistryCall> registry_call(const HttpQuestion& asked) {
  std::string_view target = asked.target;
  target = target.substr(0, target.find_first_of("?#"));
  if (target.starts_with("/master/")) target.remove_prefix(7);
  if (asked.method == "POST") {
    if (target == "/maintenance/schedule") return RegistryCall::Replace;
    if (target == "/machine/down") return RegistryCall::Down;
    if (target == "/machine/up") return RegistryCall::Up;
  }
  if (asked.method == "GET") {
    if (target == "/maintenance/schedule") return RegistryCall::ReadSchedule;
    if (target == "/maintenance/status") return RegistryCall::ReadStatus;
  }
  return std::nullopt;
}

std::optional<NamedMachines> machines_in(RegistryCall call, std::string_view body) {
  Result<Json> parsed = parse_json(body);
  if (!parsed) return std::nullopt;
  NamedMachines out;
  bool good = false;
  if (call == RegistryCall::Down || call == RegistryCall::Up) {
    good = collect(&*parsed, "", out.machines);
  } else if (parsed->object() == nullptr) {
    return std::nullopt;
  } else if (call == RegistryCall::ReadStatus) {
    good = collect(parsed->find("draining_machines"), "id", out.machines) &&
           collect(parsed->find("down_machines"), "", out.down);
  } else {
    good = collect_windows(parsed->find("windows"), out.machines);
  }
  if (!good) return std::nullopt;
  std::sort(out.machines.begin(), out.machines.end());
  std::sort(out.down.begin(), out.down.end());
  return out;
}

void RegistryHistory::asked(std::uint64_t question, const HttpQuestion& asked, SimTime at) {
  auto call = registry_call(asked);
  if (!call) return;
  ++questions_;
  RegistryOperation operation{*call, {}, {}, at};
  if (!operation.reads())
    if (auto named = machines_in(*call, asked.body))
      operation.machines = std::move(named->machines);
  open_.emplace(question, std::move(operation));
}

std::optional<std::string> RegistryHistory::answered(std::uint64_t question,
                                                     const HttpQuestion& asked,
                                                     const HttpReply& reply,
                                                     const std::string& who) {
  auto open = open_.extract(question);
  if (open.empty()) return std::nullopt;
  RegistryOperation& operation = open.mapped();
  if (operation.reads()) return observed(asked, reply, who);
  ++settled_;
  operation.begins = reply.sent;
  operation.who = who;
  if (reply.status == 200) {
    operation.ends = reply.done;
    if (!machines_in(operation.call, asked.body))
      return who + " answered 200 to a body that is none: " + asked.body.substr(0, 200);
    done_.push_back(std::move(operation));
  } else if (reply.status == 500 || (reply.status == 0 && reply.left)) {
    done_.push_back(std::move(operation));
  }
  return std::nullopt;
}

// Mostly a read shows what the one before it showed.
const std::optional<NamedMachines>& RegistryHistory::shown_by(RegistryCall call,
                                                              const std::string& body) {
  Shown& newest = newest_[call];
  if (newest.body != body) newest = {body, machines_in(call, body)};
  return newest.machines;
}

std::optional<std::string> RegistryHistory::observed(const HttpQuestion& asked,
                                                     const HttpReply& reply,
                                                     const std::string& who) {
  auto call = registry_call(asked);
  if (!call) return std::nullopt;
  ++settled_;
  if (reply.status != 200) return std::nullopt;
  const std::optional<NamedMachines>& shown = shown_by(*call, reply.body);
  if (!shown)
    return who + " answered " + asked.method + " " + asked.target +
           " with what is none: " + reply.body.substr(0, 200);
  done_.push_back({*call, shown->machines, shown->down, reply.sent, reply.done, who});
  return std::nullopt;
}

std::vector<RegistryOperation> RegistryHistory::operations() const {
  std::vector<RegistryOperation> out = done_;
  for (const auto& [question, operation] : open_)
    if (!operation.reads()) out.push_back(operation);
  return out;
}

LinearVerdict RegistryHistory::judge(std::uint64_t budget) const {
  return check_linearizable(operations(), budget);
}

}  // namespace quorate::sim
