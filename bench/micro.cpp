#include "bench/micro.h"

#include <benchmark/benchmark.h>

#include <string>

#include "master/base/checksum.h"
#include "master/http/connection.h"
#include "master/paxos/acceptor.h"
#include "master/paxos/codec.h"
#include "master/registry/registrar.h"

// What the pure rooms cost, one operation each. Compare runs of one machine only.

namespace quorate::bench {
namespace {

paxos::Accept accept_of(std::uint64_t position, const Digest& chain, std::size_t bytes) {
  paxos::Accept accept;
  accept.ballot = {1, ReplicaId(1)};
  accept.position = paxos::Position(position);
  accept.chain_before = chain;
  accept.entries.push_back({paxos::EntryKind::Data, chain, Bytes(bytes, 'x')});
  return accept;
}

void crc32c_of_bytes(benchmark::State& state) {
  const Bytes bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc32c_of_bytes)->Arg(256)->Arg(4096)->Arg(1 << 20);

void message_there_and_back(benchmark::State& state) {
  const paxos::Accept accept =
      accept_of(1, paxos::kChainOrigin, static_cast<std::size_t>(state.range(0)));
  const paxos::Header header{{1, 2}, 0, ReplicaId(1), {1, 1}, paxos::RequestNumber(1)};
  for (auto _ : state) benchmark::DoNotOptimize(paxos::decode(paxos::encode(header, accept)));
}
BENCHMARK(message_there_and_back)->Arg(256)->Arg(1 << 16);

// One accept in order, learned at once, on a table that grows.
void accept_and_learn(benchmark::State& state) {
  paxos::Acceptor acceptor;
  paxos::Table table;
  std::uint64_t position = 0;
  for (auto _ : state) {
    paxos::Accept accept = accept_of(++position, table.learned_chain(), 256);
    benchmark::DoNotOptimize(acceptor.on(accept, table));
    table.learn(paxos::Position(position));
  }
}
BENCHMARK(accept_and_learn)->Iterations(200'000);

void request_parsed(benchmark::State& state) {
  const Now now{{0}, {0}};
  http::Connection connection(http::Limits{}, now);
  for (auto _ : state) {
    connection.receive(now, "GET /health HTTP/1.1\r\nHost: master\r\nUser-Agent: bench\r\n\r\n");
    for (const http::NumberedRequest& request : connection.take_requests())
      connection.respond(now, request.number, http::empty(200));
    benchmark::DoNotOptimize(connection.take_output());
  }
}
BENCHMARK(request_parsed);

// Submit and apply one schedule change, in memory.
void registry_operation(benchmark::State& state) {
  registry::Registrar registrar;
  MaintenanceSchedule schedule;
  for (int i = 0; i < state.range(0); ++i) {
    MaintenanceWindow window;
    window.machine_ids.push_back(*machine_id("host-" + std::to_string(i), "10.0.0.1"));
    schedule.windows.push_back(window);
  }
  std::uint64_t number = 0;
  for (auto _ : state) {
    ++number;
    auto submitted = registrar.submit({{1, number}, registry::UpdateMaintenanceSchedule{schedule}});
    benchmark::DoNotOptimize(registrar.apply(registry::Position(number), submitted->entry));
  }
}
BENCHMARK(registry_operation)->Arg(1)->Arg(100);

}  // namespace

int run_micro(int argc, char** argv) {
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  ::benchmark::RunSpecifiedBenchmarks();
  ::benchmark::Shutdown();
  return 0;
}

}  // namespace quorate::bench
