#include "master/registry/maintenance_codec.h"

#include <set>
#include <string>
#include <utility>

#include "master/base/check.h"

namespace quorate::registry {
namespace {

constexpr std::uint8_t kHostname = 1;
constexpr std::uint8_t kIp = 2;

void write_count(ByteWriter& out, std::size_t count) {
  CHECK(count <= UINT32_MAX);
  out.u32(static_cast<std::uint32_t>(count));
}

void write(ByteWriter& out, const MachineId& id) {
  out.u8(static_cast<std::uint8_t>((id.hostname ? kHostname : 0) | (id.ip ? kIp : 0)));
  if (id.hostname) out.sized(*id.hostname);
  if (id.ip) out.u32(id.ip->number);
}

// `known` are the machines read before; one more of them is refused.
MachineId read_machine_id(ByteReader& in, std::set<MachineId>& known) {
  std::uint8_t parts = in.u8();
  if (parts < kHostname || parts > (kHostname | kIp)) in.fail();
  MachineId id;
  if (parts & kHostname) id.hostname = std::string(in.sized());
  if (parts & kIp) id.ip = Ipv4{in.u32()};
  if (!id.ip && (!id.hostname || id.hostname->empty())) in.fail();
  if (!in.failed() && !known.insert(id).second) in.fail();
  return id;
}

void write(ByteWriter& out, const Unavailability& unavailability) {
  out.i64(unavailability.start_ns);
  out.boolean(unavailability.duration_ns.has_value());
  if (unavailability.duration_ns) out.i64(*unavailability.duration_ns);
}

Unavailability read_unavailability(ByteReader& in) {
  Unavailability unavailability;
  unavailability.start_ns = in.i64();
  if (in.boolean()) unavailability.duration_ns = in.i64();
  if (unavailability.duration_ns && *unavailability.duration_ns < 0) in.fail();
  return unavailability;
}

MachineMode read_mode(ByteReader& in) {
  auto mode = static_cast<MachineMode>(in.u8());
  if (mode != MachineMode::Draining && mode != MachineMode::Down) in.fail();
  return mode;
}

// A count is no promise that so many follow: the loops end with the bytes, and nothing is reserved.
std::uint32_t read_count(ByteReader& in) {
  std::uint32_t count = in.u32();
  if (count > in.remaining()) in.fail();
  return count;
}

PlannedWindow read_window(ByteReader& in, std::set<MachineId>& known) {
  PlannedWindow window;
  window.unavailability = read_unavailability(in);
  std::uint32_t count = read_count(in);
  if (count == 0) in.fail();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    MachineMode mode = read_mode(in);
    window.machines.push_back({read_machine_id(in, known), mode});
  }
  return window;
}

}  // namespace

void write(ByteWriter& out, const OperationId& id) {
  out.u64(id.high);
  out.u64(id.low);
}

OperationId read_operation_id(ByteReader& in) {
  std::uint64_t high = in.u64();
  std::uint64_t low = in.u64();
  return {high, low};
}

void write(ByteWriter& out, const MaintenancePlan& plan) {
  write_count(out, plan.size());
  for (const PlannedWindow& window : plan) {
    write(out, window.unavailability);
    write_count(out, window.machines.size());
    for (const PlannedMachine& machine : window.machines) {
      out.u8(static_cast<std::uint8_t>(machine.mode));
      write(out, machine.id);
    }
  }
}

MaintenancePlan read_plan(ByteReader& in) {
  MaintenancePlan plan;
  std::set<MachineId> known;
  std::uint32_t count = read_count(in);
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) plan.push_back(read_window(in, known));
  return plan;
}

void write(ByteWriter& out, const std::vector<MachineId>& ids) {
  write_count(out, ids.size());
  for (const MachineId& id : ids) write(out, id);
}

std::vector<MachineId> read_machine_ids(ByteReader& in) {
  std::vector<MachineId> ids;
  std::set<MachineId> known;
  std::uint32_t count = read_count(in);
  if (count == 0) in.fail();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i)
    ids.push_back(read_machine_id(in, known));
  return ids;
}

}  // namespace quorate::registry
