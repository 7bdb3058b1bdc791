#include <gtest/gtest.h>

#include "sim/master_node.h"
#include "sim/observer.h"
#include "sim/readers.h"
#include "sim/workload.h"

// A leader whose clock is slow believes in its lease after ZooKeeper gave its place away. Only the
// read barrier keeps it from answering with what it knew (protocol.md 2); so this is where leaving
// the barrier out must be seen.

namespace quorate::sim {
namespace {

class Nobody final : public HostWatcher {
 public:
  void on_exit(const Host&, const ExitRecord&) override {}
  void on_replay_difference(const Host&, const std::string&) override {}
};

class Judged final : public AnswerWatcher {
 public:
  explicit Judged(Workload& workload) : workload_(workload) {}
  void on_answer_seen(const HttpQuestion& asked, const HttpReply& reply) override {
    workload_.observed(asked, reply);
  }
  void on_view_changed() override {}

 private:
  Workload& workload_;
};

ClusterSpec three(std::uint64_t seed) {
  ClusterSpec spec;
  spec.seed = seed;
  spec.options.replay_check = false;
  for (int i = 1; i <= 3; ++i) {
    HostSpec host;
    host.name = "m" + std::to_string(i);
    host.ip = Ipv4{0x0a000000u + static_cast<std::uint32_t>(i)};
    host.flags = {"--ip=" + to_text(host.ip), "--zk=zk://zk1:2181,zk2:2181,zk3:2181/quorate",
                  "--zk_session_timeout=10secs", "--work_dir=/var/lib/quorate", "--quorum=2"};
    spec.masters.push_back(std::move(host));
  }
  return spec;
}

TEST(StaleRead, ASlowLeaderCutFromZookeeperAnswersNoReadThatASuccessorMadeOld) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Nobody nobody;
    MasterFactory masters;
    Cluster cluster(three(seed), masters, nobody);
    HttpClients clients(cluster);
    Workload workload(cluster, clients);
    Judged judged(workload);
    Observer observer(cluster, clients, judged);
    Readers readers(cluster, clients, judged);
    for (auto& host : cluster.hosts()) host->clock().rate_ppb = -500'000'000;
    for (auto& host : cluster.hosts()) host->start();
    observer.begin();
    readers.begin();
    cluster.run_until(SimTime{} + Duration::seconds(60));
    Host* old = observer.one_leader();
    ASSERT_NE(old, nullptr) << "seed " << seed;
    workload.write(old, Duration::seconds(5));
    cluster.run_until(SimTime{} + Duration::seconds(65));

    for (std::size_t i = 0; i < cluster.zookeeper().servers(); ++i) {
      cluster.links().cut(old->place(), cluster.zookeeper().place(i));
      cluster.links().cut(cluster.zookeeper().place(i), old->place());
    }
    bool side_by_side = false;
    for (int second = 66; second < 95; ++second) {
      for (auto& host : cluster.hosts())
        if (host.get() != old) workload.write(host.get(), Duration::seconds(5));
      cluster.run_until(SimTime{} + Duration::seconds(second));
      for (auto& host : cluster.hosts())
        if (host.get() != old && old->exits().empty() &&
            observer.leader_of(*host) == host->spec().name)
          side_by_side = true;
    }
    cluster.finish();

    EXPECT_TRUE(side_by_side) << "seed " << seed << ": the successor came after the end";
    EXPECT_GT(workload.acknowledged_writes(), 1u);
    EXPECT_EQ(workload.violations(), std::vector<std::string>{}) << "seed " << seed;
    LinearVerdict verdict = workload.history().judge();
    EXPECT_EQ(verdict.result, LinearResult::Linearizable) << "seed " << seed << verdict.text;
  }
}

}  // namespace
}  // namespace quorate::sim
