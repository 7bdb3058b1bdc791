#include "master/registry/snapshot_codec.h"

#include <string>

#include "master/base/check.h"
#include "master/registry/maintenance_codec.h"

namespace quorate::registry {
namespace {

constexpr std::string_view kMagic = "QREG";
constexpr std::uint16_t kVersion = 1;

void read_recent_operations(ByteReader& in, RecentOperations& recent) {
  std::uint32_t count = in.u32();
  if (count > RecentOperations::kCapacity) in.fail();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    OperationId id = read_operation_id(in);
    if (recent.contains(id)) in.fail();
    if (!in.failed()) recent.remember(id);
  }
}

}  // namespace

Bytes encode_snapshot(const Registry& registry) {
  ByteWriter out;
  out.raw(kMagic);
  out.u16(kVersion);
  write(out, plan_of(registry));
  const auto& recent = registry.recent_operations.oldest_first();
  out.u32(static_cast<std::uint32_t>(recent.size()));
  for (const OperationId& id : recent) write(out, id);
  return out.take();
}

std::size_t snapshot_size_bytes(const Registry& registry) {
  ByteWriter plan;
  write(plan, plan_of(registry));
  ByteWriter id;
  write(id, OperationId{});
  return kMagic.size() + sizeof kVersion + plan.size() + sizeof(std::uint32_t) +
         registry.recent_operations.oldest_first().size() * id.size();
}

Decoded<Registry> decode_snapshot(std::string_view bytes) {
  std::string name = "registry snapshot of " + std::to_string(bytes.size()) + " bytes";
  ByteReader in(bytes);
  bool magic = in.raw(kMagic.size()) == kMagic;
  std::uint16_t version = in.u16();
  if (!magic || in.failed() || version == 0)
    return Malformed{name + ": does not begin as a registry snapshot does"};
  if (version > kVersion) {
    return Newer{name + ", version " + std::to_string(version) +
                 ": newer than this binary; install the version that the other masters run"};
  }

  Registry registry;
  MaintenancePlan plan = read_plan(in);
  read_recent_operations(in, registry.recent_operations);
  if (!in.done()) {
    return Malformed{name + ", version " + std::to_string(version) +
                     ": its body is not what that version writes"};
  }
  set_plan(registry, plan);
  return registry;
}

}  // namespace quorate::registry
