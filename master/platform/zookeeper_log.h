#pragma once

#include "master/ports/process.h"

namespace quorate::platform {

// The library knows one way to log: a C function without context, for the whole program. These
// route its lines to one Process, ten lines in ten seconds at most.

// nullptr: to nobody. Afterwards no thread uses the earlier one.
void route_zookeeper_log(Process* process);
Process* zookeeper_log_route();
// For zookeeper_init2.
void log_zookeeper_line(const char* line);

}  // namespace quorate::platform
