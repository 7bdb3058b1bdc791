#include "sim/sim_coordination.h"

#include <gtest/gtest.h>

#include <memory>

namespace quorate::sim {
namespace {

constexpr SessionHandle kSession(1);

// One host with a client library, and what it was told.
struct Client final : EventSink {
  Client(World& world, Links& links, Zookeeper& zookeeper, const std::string& name)
      : place(links.add(name)),
        library(world, zookeeper, clock, *this, {name, place, "us"}),
        port(library) {}
  void on_answer(Event event) override { told.push_back(std::move(event)); }

  std::vector<SessionPhase> phases() const {
    std::vector<SessionPhase> out;
    for (const Event& event : told)
      if (const auto* state = std::get_if<SessionState>(&event)) out.push_back(state->phase);
    return out;
  }
  const CoordinationReply* reply(std::uint64_t ticket) const {
    for (const Event& event : told)
      if (const auto* found = std::get_if<CoordinationReply>(&event))
        if (found->ticket == CoordinationTicket(ticket)) return found;
    return nullptr;
  }
  CoordinationCode code(std::uint64_t ticket) const {
    const CoordinationReply* found = reply(ticket);
    return found != nullptr ? found->code : CoordinationCode::Other;
  }
  std::size_t watches() const {
    std::size_t count = 0;
    for (const Event& event : told) count += std::holds_alternative<WatchFired>(event) ? 1 : 0;
    return count;
  }

  HostClock clock;
  Place place;
  std::vector<Event> told;
  HostCoordination library;
  SimCoordination port;
};

class CoordinationTest : public testing::Test {
 protected:
  void run(std::int64_t seconds) {
    SimTime until = world.now() + Duration::seconds(seconds);
    while (world.step(until)) {}
  }
  void cut(const Client& client) {
    for (std::size_t i = 0; i < zookeeper.servers(); ++i) {
      links.cut(client.place, zookeeper.place(i));
      links.cut(zookeeper.place(i), client.place);
    }
  }
  void open() {
    a.port.open(kSession, Duration::seconds(10));
    b.port.open(kSession, Duration::seconds(10));
    run(2);
  }
  void create(Client& client, std::uint64_t ticket, const std::string& path,
              bool ephemeral = false) {
    client.port.create(kSession, CoordinationTicket(ticket), path, "d",
                       {ephemeral, false, CoordinationAcl::Open});
  }
  static CoordinationTicket t(std::uint64_t number) { return CoordinationTicket(number); }

  World world{11};
  Links links;
  Zookeeper zookeeper{world, links, *find_profile("lan"), {.servers = 3}};
  Client a{world, links, zookeeper, "a"};
  Client b{world, links, zookeeper, "b"};
};

using Phases = std::vector<SessionPhase>;

TEST_F(CoordinationTest, ASessionOpensAndItsTimeoutIsNegotiated) {
  a.port.open(kSession, Duration::seconds(1));
  b.port.open(kSession, Duration::minutes(5));
  run(2);
  EXPECT_EQ(std::get<SessionState>(a.told.at(0)).negotiated_timeout, Duration::seconds(4));
  EXPECT_EQ(std::get<SessionState>(b.told.at(0)).negotiated_timeout, Duration::seconds(40));
  EXPECT_NE(std::get<SessionState>(a.told.at(0)).session_id,
            std::get<SessionState>(b.told.at(0)).session_id);
}

TEST_F(CoordinationTest, AnIdleSessionLivesOnByPings) {
  open();
  create(a, 1, "/e", true);
  run(120);
  EXPECT_EQ(a.phases(), Phases{SessionPhase::Connected});
  EXPECT_NE(zookeeper.tree().find("/e"), nullptr);
}

TEST_F(CoordinationTest, CallsAreAnsweredInOrderWithWhatTheyAsked) {
  open();
  create(a, 1, "/x");
  a.port.get(kSession, t(2), "/x", false);
  a.port.set(kSession, t(3), "/x", "new", 0);
  a.port.exists(kSession, t(4), "/x", false);
  a.port.children(kSession, t(5), "/", false);
  a.port.remove(kSession, t(6), "/x", 0);
  a.port.get(kSession, t(7), "bad path", false);
  run(1);
  std::vector<std::uint64_t> order;
  for (const Event& event : a.told)
    if (const auto* reply = std::get_if<CoordinationReply>(&event))
      order.push_back(reply->ticket.value);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(a.reply(1)->path, "/x");
  EXPECT_EQ(a.reply(2)->data, "d");
  EXPECT_EQ(a.reply(3)->version, 1);
  EXPECT_EQ(a.reply(4)->version, 1);
  EXPECT_EQ(a.reply(5)->children, (std::vector<std::string>{"x", "zookeeper"}));
  EXPECT_EQ(a.code(6), CoordinationCode::BadVersion);
  EXPECT_EQ(a.code(7), CoordinationCode::BadArguments);
}

TEST_F(CoordinationTest, AWatchFiresOnceAndBeforeTheAnswerThatShowsTheChange) {
  open();
  create(a, 1, "/w");
  run(1);
  b.port.children(kSession, t(1), "/w", true);
  run(1);
  create(a, 2, "/w/1");
  create(a, 3, "/w/2");
  run(1);
  EXPECT_EQ(b.watches(), 1u);
  b.told.clear();
  b.port.children(kSession, t(2), "/w", true);
  run(1);
  create(a, 4, "/w/3");
  for (std::uint64_t i = 0; i < 200; ++i) {
    b.port.children(kSession, t(100 + i), "/w", false);
    SimTime until = world.now() + Duration::microseconds(50);
    while (world.step(until)) {}
  }
  run(1);
  bool fired = false;
  for (const Event& event : b.told) {
    fired = fired || std::holds_alternative<WatchFired>(event);
    if (const auto* reply = std::get_if<CoordinationReply>(&event)) {
      EXPECT_TRUE(fired || reply->children.size() == 2u);
    }
  }
  EXPECT_TRUE(fired);
}

TEST_F(CoordinationTest, ExistsWatchesForANodeThatIsNotYetThere) {
  open();
  b.port.exists(kSession, t(1), "/later", true);
  b.port.get(kSession, t(2), "/never", true);  // sets no watch
  run(1);
  create(a, 1, "/later");
  create(a, 2, "/never");
  run(1);
  EXPECT_EQ(b.watches(), 1u);
  EXPECT_EQ(std::get<WatchFired>(b.told.back()).kind, WatchKind::Created);
}

TEST_F(CoordinationTest, ACutSessionIsDisconnectedAfterTwoThirdsAndExpiresAtTheServers) {
  open();
  create(a, 1, "/e", true);
  run(1);
  cut(a);
  a.port.get(kSession, t(2), "/e", false);
  run(3);  // at least a third and at most two thirds of the timeout, counted from the cut
  EXPECT_EQ(a.phases(), Phases{SessionPhase::Connected});
  run(5);
  EXPECT_EQ(a.phases(), (Phases{SessionPhase::Connected, SessionPhase::Disconnected}));
  EXPECT_EQ(a.code(2), CoordinationCode::OperationTimeout);
  a.port.get(kSession, t(3), "/e", false);
  run(1);
  EXPECT_EQ(a.code(3), CoordinationCode::ConnectionLoss);
  run(6);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
  EXPECT_EQ(a.phases().back(), SessionPhase::Disconnected);  // it cannot know
  links.heal_all();
  run(8);
  EXPECT_EQ(a.phases().back(), SessionPhase::Expired);
  a.port.get(kSession, t(4), "/e", false);
  run(1);
  EXPECT_EQ(a.code(4), CoordinationCode::SessionExpired);
}

TEST_F(CoordinationTest, AShortCutKeepsTheSessionAndTellsMissedChanges) {
  open();
  create(b, 1, "/w");
  run(1);
  a.port.get(kSession, t(1), "/w", true);
  create(a, 2, "/e", true);
  run(1);
  zookeeper.stop_server(0);
  zookeeper.stop_server(1);  // nobody serves; every connection ends
  run(3);
  zookeeper.start_server(0);
  run(3);
  b.port.set(kSession, t(9), "/w", "new", -1);
  run(5);
  EXPECT_EQ(a.phases().back(), SessionPhase::Connected);
  EXPECT_GE(a.phases().size(), 3u);
  EXPECT_NE(zookeeper.tree().find("/e"), nullptr);
  EXPECT_EQ(a.watches(), 1u);
}

TEST_F(CoordinationTest, SessionsDoNotExpireWhileTheServersHaveNoMajority) {
  open();
  create(a, 1, "/e", true);
  run(1);
  zookeeper.stop_server(0);
  zookeeper.stop_server(1);
  run(60);
  EXPECT_NE(zookeeper.tree().find("/e"), nullptr);
  EXPECT_EQ(a.phases().back(), SessionPhase::Disconnected);
  zookeeper.start_server(1);
  run(5);
  EXPECT_EQ(a.phases().back(), SessionPhase::Connected);
}

TEST_F(CoordinationTest, CloseEndsTheSessionAtTheServers) {
  open();
  create(a, 1, "/e", true);
  run(1);
  a.port.close(kSession);
  a.port.get(kSession, t(2), "/e", false);
  run(1);
  EXPECT_EQ(a.phases().back(), SessionPhase::Closed);
  EXPECT_EQ(a.code(2), CoordinationCode::Closing);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
}

TEST_F(CoordinationTest, CloseWithoutAnAnswerIsDoneAfter2Seconds) {
  open();
  cut(a);
  a.port.close(kSession);
  run(1);
  EXPECT_EQ(a.phases().back(), SessionPhase::Connected);
  run(2);
  EXPECT_EQ(a.phases().back(), SessionPhase::Closed);
}

TEST_F(CoordinationTest, ADeadProcessLeavesItsSessionToExpire) {
  open();
  create(a, 1, "/e", true);
  run(1);
  a.library.end_process();
  a.told.clear();
  run(5);
  EXPECT_NE(zookeeper.tree().find("/e"), nullptr);
  run(10);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
  EXPECT_TRUE(a.told.empty());
}

TEST_F(CoordinationTest, APausedProcessIsToldWhenItGoesOn) {
  open();
  create(a, 1, "/e", true);
  run(1);
  a.library.pause();
  run(20);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
  EXPECT_EQ(a.phases(), Phases{SessionPhase::Connected});
  a.library.resume();
  run(5);
  EXPECT_EQ(a.phases().back(), SessionPhase::Expired);
}

TEST_F(CoordinationTest, ASessionThatAPersonExpiresEnds) {
  open();
  zookeeper.expire(std::get<SessionState>(a.told.at(0)).session_id);
  run(5);
  EXPECT_EQ(a.phases().back(), SessionPhase::Expired);
}

TEST_F(CoordinationTest, CallsBeforeTheConnectionAndOnUnknownHandlesAreRefused) {
  a.port.open(kSession, Duration::seconds(10));
  a.port.get(kSession, t(1), "/", false);
  a.port.get(SessionHandle(9), t(2), "/", false);
  run(2);
  EXPECT_EQ(a.code(1), CoordinationCode::ConnectionLoss);
  EXPECT_EQ(a.code(2), CoordinationCode::Closing);
}

TEST_F(CoordinationTest, CredentialsLetTheirOwnerAlone) {
  open();
  a.port.add_auth(kSession, t(1));
  a.port.create(kSession, t(2), "/mine", "", {false, false, CoordinationAcl::CreatorAll});
  run(1);
  EXPECT_EQ(a.code(2), CoordinationCode::Ok);
  b.port.set(kSession, t(3), "/mine", "x", -1);
  run(1);
  EXPECT_EQ(b.code(3), CoordinationCode::NoAuth);
}

TEST_F(CoordinationTest, AServerCutFromTheOthersStopsServing) {
  open();
  for (std::size_t i : {1u, 2u}) {
    links.cut(zookeeper.place(0), zookeeper.place(i));
    links.cut(zookeeper.place(i), zookeeper.place(0));
  }
  run(1);
  EXPECT_FALSE(zookeeper.serving(0));
  EXPECT_TRUE(zookeeper.serving(1));
  run(10);
  EXPECT_EQ(a.phases().back(), SessionPhase::Connected);
  EXPECT_EQ(b.phases().back(), SessionPhase::Connected);
}

}  // namespace
}  // namespace quorate::sim
