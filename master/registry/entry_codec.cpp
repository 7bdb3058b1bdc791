#include "master/registry/entry_codec.h"

#include <string>
#include <utility>

#include "master/registry/maintenance_codec.h"

namespace quorate::registry {
namespace {

// Never renumbered, never reused. A new kind or version is written only when all members are known
// to understand it (protocol.md, section 7).
constexpr std::uint16_t kScheduleDecided = 1;
constexpr std::uint16_t kMachinesWentDown = 2;
constexpr std::uint16_t kMachinesCameUp = 3;
constexpr std::uint16_t kVersion = 1;

std::uint16_t kind_of(const ScheduleDecided&) { return kScheduleDecided; }
std::uint16_t kind_of(const MachinesWentDown&) { return kMachinesWentDown; }
std::uint16_t kind_of(const MachinesCameUp&) { return kMachinesCameUp; }

void write_body(ByteWriter& out, const ScheduleDecided& decided) { write(out, decided.plan); }
void write_body(ByteWriter& out, const MachinesWentDown& went_down) { write(out, went_down.ids); }
void write_body(ByteWriter& out, const MachinesCameUp& came_up) { write(out, came_up.ids); }

decltype(Entry::decision) read_decision(ByteReader& in, std::uint16_t kind) {
  if (kind == kScheduleDecided) return ScheduleDecided{read_plan(in)};
  if (kind == kMachinesWentDown) return MachinesWentDown{read_machine_ids(in)};
  return MachinesCameUp{read_machine_ids(in)};
}

}  // namespace

Bytes encode_entry(const Entry& entry) {
  ByteWriter out;
  out.u16(std::visit([](const auto& decision) { return kind_of(decision); }, entry.decision));
  out.u16(kVersion);
  write(out, entry.operation);
  std::visit([&](const auto& decision) { write_body(out, decision); }, entry.decision);
  return out.take();
}

Decoded<Entry> decode_entry(std::string_view bytes) {
  ByteReader in(bytes);
  std::uint16_t kind = in.u16();
  std::uint16_t version = in.u16();
  std::string name =
      "registry entry of kind " + std::to_string(kind) + ", version " + std::to_string(version);
  if (in.failed() || kind == 0 || version == 0) {
    return Malformed{"registry entry of " + std::to_string(bytes.size()) +
                     " bytes: no valid kind and version at its begin"};
  }
  if (kind > kMachinesCameUp || version > kVersion) {
    return Newer{name + ": newer than this binary; install the version that the other masters run"};
  }

  Entry entry;
  entry.operation = read_operation_id(in);
  entry.decision = read_decision(in, kind);
  if (!in.done()) {
    return Malformed{name + ", " + std::to_string(bytes.size()) +
                     " bytes: its body is not what that version writes"};
  }
  return entry;
}

}  // namespace quorate::registry
