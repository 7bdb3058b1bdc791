#include "master/paxos/proposer.h"

#include <gtest/gtest.h>

#include "master/paxos/acceptor.h"

namespace quorate::paxos {
namespace {
TEST(Proposer, Smoke) {
  Proposer p(ReplicaId{1}, 1);
  p.set_members({ReplicaId{1}});
  p.set_voters({ReplicaId{1}});
  Table table;
  Acceptor acceptor;
  p.lead({1, ReplicaId{1}}, table, {1, 2});
  for (int i = 0; i < 4; ++i)
    for (auto& o : p.take_outgoing()) {
      if (auto* m = std::get_if<Prepare>(&o.message))
        p.on(o.to, o.request, std::get<Promise>(acceptor.on(*m, table).messages[0]));
      if (auto* m = std::get_if<Accept>(&o.message))
        p.on(o.to, o.request, std::get<Accepted>(acceptor.on(*m, table).messages[0]));
    }
  EXPECT_TRUE(p.established());
  EXPECT_EQ(p.chosen(), Position{1});
}
}  // namespace
}  // namespace quorate::paxos
