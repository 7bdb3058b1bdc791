#include "sim/log_clients.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace quorate::sim {

LogClients::LogClients(World& world, LogNetwork& network)
    : world_(world), network_(network), random_(world.stream("clients")) {}

void LogClients::start() {
  running_ = true;
  world_.after(Duration::milliseconds(5), *this, {});
}

LogHost* LogClients::choose() {
  std::vector<LogHost*> leaders;
  for (LogHost* host : network_.hosts())
    if (host->opened() && host->log().established()) leaders.push_back(host);
  return leaders.empty() ? nullptr : leaders[random_.below(leaders.size())];
}

Bytes LogClients::payload(const LogHost& host) {
  const std::size_t most = host.log().payload_bytes_max();
  const std::uint64_t kind = random_.below(1000);
  std::size_t size = static_cast<std::size_t>(random_.between(16, 300));
  if (kind < 4) size = most - random_.below(3);
  if (kind >= 4 && kind < 60) size = static_cast<std::size_t>(random_.between(300, 6000));
  Bytes bytes = "append " + std::to_string(++last_) + " ";
  bytes.resize(std::max(size, bytes.size()), static_cast<char>('a' + last_ % 26));
  return bytes;
}

std::optional<Bytes> LogClients::append_one() {
  LogHost* host = choose();
  if (host == nullptr) return std::nullopt;
  Bytes bytes = payload(*host);
  host->append(bytes);
  host->flush();
  return bytes;
}

void LogClients::act(const Task&) {
  if (!running_) return;
  world_.after(Duration::milliseconds(random_.between(10, 200)), *this, {});
  LogHost* host = choose();
  if (host == nullptr || host->waiting() > kWaitingMax) return;
  const std::uint64_t kind = random_.below(100);
  std::uint64_t depth = 1;
  if (kind >= 60) depth = 1 + random_.below(16);
  if (kind >= 97) depth = 1 + random_.below(256);
  for (std::uint64_t i = 0; i < depth; ++i) host->append(payload(*host));
  if (random_.chance_ppm(300'000)) host->confirm();
  host->flush();
}

}  // namespace quorate::sim
