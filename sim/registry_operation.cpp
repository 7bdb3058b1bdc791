#include "sim/registry_operation.h"

#include <algorithm>

namespace quorate::sim {
namespace {

constexpr std::size_t kShown = 6;

std::string list(const std::vector<std::string>& machines) {
  std::string out = "{";
  for (std::size_t i = 0; i < std::min(machines.size(), kShown); ++i)
    out += (i == 0 ? "" : " ") + machines[i];
  return out + (machines.size() > kShown ? " ...}" : "}");
}

const char* name(RegistryCall call) {
  switch (call) {
    case RegistryCall::Replace: return "POST /maintenance/schedule";
    case RegistryCall::Down: return "POST /machine/down";
    case RegistryCall::Up: return "POST /machine/up";
    case RegistryCall::ReadSchedule: return "GET /maintenance/schedule";
    case RegistryCall::ReadStatus: return "GET /maintenance/status";
  }
  return "?";
}

bool all(const RegistryModel& model, const std::vector<std::string>& machines, bool down) {
  return std::all_of(machines.begin(), machines.end(), [&](const std::string& machine) {
    auto found = model.find(machine);
    return found != model.end() && found->second == down;
  });
}

std::optional<RegistryModel> replaced(const RegistryModel& model,
                                      const std::vector<std::string>& machines) {
  RegistryModel out;
  for (const std::string& machine : machines) {
    auto known = model.find(machine);
    out[machine] = known != model.end() && known->second;
  }
  for (const auto& [machine, down] : model)
    if (down && !out.contains(machine)) return std::nullopt;  // a DOWN machine must be named
  return out;
}

bool shows(const RegistryModel& model, const RegistryOperation& read) {
  std::vector<std::string> machines, down;
  for (const auto& [machine, is_down] : model) {
    bool apart = is_down && read.call == RegistryCall::ReadStatus;
    (apart ? down : machines).push_back(machine);
  }
  return machines == read.machines &&
         (read.call == RegistryCall::ReadSchedule || down == read.down);
}

}  // namespace

std::string to_text(const RegistryOperation& operation) {
  std::string out = name(operation.call);
  if (!operation.who.empty()) out += " at " + operation.who;
  out += std::string(" from ") + to_text(operation.begins).text;
  out += operation.unknown() ? " (outcome unknown)"
                             : std::string(" to ") + to_text(operation.ends).text;
  out += ": " + list(operation.machines);
  if (operation.call == RegistryCall::ReadStatus)
    out += " drain, " + list(operation.down) + " down";
  return out;
}

std::string to_text(const RegistryModel& model) {
  std::vector<std::string> machines;
  machines.reserve(model.size());
  for (const auto& [machine, down] : model) machines.push_back(machine + (down ? " (down)" : ""));
  return list(machines);
}

std::optional<RegistryModel> after(const RegistryModel& model, const RegistryOperation& operation) {
  switch (operation.call) {
    case RegistryCall::Replace: return replaced(model, operation.machines);
    case RegistryCall::Down:
    case RegistryCall::Up: {
      bool up = operation.call == RegistryCall::Up;
      if (!all(model, operation.machines, up)) return std::nullopt;
      RegistryModel out = model;
      for (const std::string& machine : operation.machines) {
        if (up) out.erase(machine);
        if (!up) out[machine] = true;
      }
      return out;
    }
    case RegistryCall::ReadSchedule:
    case RegistryCall::ReadStatus:
      if (shows(model, operation)) return model;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
