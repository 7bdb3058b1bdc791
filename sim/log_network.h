#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "sim/links.h"
#include "sim/log_host.h"
#include "sim/profile.h"
#include "sim/world.h"

namespace quorate::sim {

// Carries messages between replicas: lost, doubled, late, out of order, cut in one direction. A
// message finds whoever has the receiver's id when it arrives, in whichever incarnation. Chain
// values that pass by are shown to the oracle.
class LogNetwork final : public Actor {
 public:
  LogNetwork(World& world, const Profile& profile, LogOracle& oracle);

  // Hosts live as long as this.
  void add(LogHost& host);
  Links& links() { return links_; }
  Place place(const LogHost& host) const { return places_[host.number()]; }
  Place zookeeper() const { return zookeeper_; }
  const std::vector<LogHost*>& hosts() const { return hosts_; }
  // "r1" or "zookeeper".
  Place place(const std::string& name) const;

  void send(LogHost& from, const replicated_log::Envelope& envelope);

  // Cut, Heal and the faults of messages.
  void befall(const faults::Fault& fault);
  void heal();
  const std::map<faults::FaultKind, std::uint64_t>& carried_out() const { return carried_out_; }

  void act(const Task& task) override;

 private:
  struct Message {
    std::size_t to = 0;  // a host
    ReplicaId sender;
    ReplicaId receiver;
    Bytes bytes;
    bool garbage = false;
  };
  struct Line {
    RandomStream random;
    SimTime last;  // arrival: a stream keeps its order, unless a fault delays a message
  };

  Line& line(std::size_t from, std::size_t to);
  void part(const faults::Fault& fault, const std::vector<std::string>& ones,
            const std::vector<std::string>& others);
  bool befalls(RandomStream& random, faults::FaultKind kind);
  void post(SimTime at, Message message);
  Bytes changed(RandomStream& random, Bytes bytes);
  void show_chain(const LogHost& from, const Bytes& bytes);

  World& world_;
  const Profile& profile_;
  LogOracle& oracle_;
  Links links_;
  Place zookeeper_;
  std::vector<LogHost*> hosts_;
  std::vector<Place> places_;
  std::map<std::pair<std::size_t, std::size_t>, Line> lines_;
  std::map<std::uint64_t, Message> under_way_;
  std::uint64_t last_ = 0;
  std::map<faults::FaultKind, faults::Fault> faults_;
  std::map<faults::FaultKind, std::uint64_t> carried_out_;
};

}  // namespace quorate::sim
