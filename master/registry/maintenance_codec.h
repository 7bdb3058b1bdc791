#pragma once

#include <vector>

#include "master/base/bytes.h"
#include "master/registry/entry.h"

namespace quorate::registry {

// The parts that entries and snapshots have in common (docs/formats/registry-entry.md). A read
// function makes the reader fail when what it reads is not well formed; its result then means
// nothing.

void write(ByteWriter& out, const OperationId& id);
OperationId read_operation_id(ByteReader& in);

void write(ByteWriter& out, const MaintenancePlan& plan);
MaintenancePlan read_plan(ByteReader& in);

// At least one machine, each once.
void write(ByteWriter& out, const std::vector<MachineId>& ids);
std::vector<MachineId> read_machine_ids(ByteReader& in);

}  // namespace quorate::registry
