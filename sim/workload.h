#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/harness_faults.h"
#include "sim/http_client.h"
#include "sim/oracles.h"
#include "sim/registry_history.h"
#include "sim/scenario.h"

namespace quorate::sim {

// The clients of a run: asks what client steps say, keeps the history, and has each answer judged
// by the oracles.
class Workload final : public HttpAsker {
 public:
  // `planted`: errors of the harness itself, for its self-test.
  Workload(Cluster& cluster, HttpClients& clients, HarnessFaults planted = {})
      : cluster_(cluster), clients_(clients), planted_(std::move(planted)) {}

  // Asks once. `to`: the master; nullptr: the next one in turn.
  std::uint64_t ask(const ClientStep& step, const Host* to, Duration limit);
  // Writes a schedule that no other write has.
  std::uint64_t write(const Host* to, Duration limit);
  // Asks once, and keeps the answer until the next such question.
  void ask_and_keep(const ClientStep& step, const Host* to, Duration limit);
  // The answer that was to be kept; nullptr: it has not come.
  const HttpReply* kept_reply() const { return kept_reply_ ? &*kept_reply_ : nullptr; }

  // An answer to a client that only reads. It is judged as those to the workload's own are; the
  // oracles' verdicts add up in violations().
  void observed(const HttpQuestion& asked, const HttpReply& reply);
  const std::vector<std::string>& violations() const { return violations_; }
  // Changes that began at `from` or later and were acknowledged.
  bool acknowledged_since(SimTime from) const;
  std::size_t acknowledged_writes() const { return durability_.acknowledged_writes(); }
  const RegistryHistory& history() const { return history_; }
  // A history that lacks answers that came, or an oracle that judged nothing of what was there.
  std::optional<std::string> suspicion() const;
  // Grows with every answer.
  std::uint64_t answers() const { return answers_; }

  void on_reply(std::uint64_t question, const HttpQuestion& asked, const HttpReply& reply) override;

 private:
  struct Open {
    std::optional<DurabilityOracle::WriteId> write;
    SimTime began;
  };

  void judge(const HttpQuestion& asked, const HttpReply& reply);
  std::string name_of(Ipv4 ip) const;
  bool lost_by_plan();
  void complain(const std::string& oracle, const std::optional<std::string>& wrong);

  Cluster& cluster_;
  HttpClients& clients_;
  HarnessFaults planted_;
  RegistryHistory history_;
  DurabilityOracle durability_;
  LeaderOracle leaders_;
  std::map<std::uint64_t, Open> open_;
  std::uint64_t kept_ = 0;  // the question
  std::optional<HttpReply> kept_reply_;
  std::string newest_schedule_;  // that was read, and what it names
  std::optional<std::string> newest_key_;
  std::vector<std::string> violations_;
  SimTime newest_acknowledged_began_{-1};
  std::uint64_t answers_ = 0;
  std::uint64_t questions_ = 0;  // about the registry, the workload's own
  std::uint64_t dropping_ = 0;
  std::uint64_t observed_ = 0;  // answers about the registry, to anybody
  std::uint64_t reads_ = 0;     // of the schedule that were answered
  std::uint64_t durability_judged_ = 0;
  std::uint64_t leaders_judged_ = 0;
  std::size_t turn_ = 0;
  std::uint64_t generated_ = 0;
};

// What is not as the step asks: "status 307 instead of 200"; nothing: all is.
std::optional<std::string> unexpected(const ClientStep& step, const HttpReply& reply,
                                      const std::string& location_host, const NameTable& names);

}  // namespace quorate::sim
