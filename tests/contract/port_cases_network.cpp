#include <gtest/gtest.h>

#include <set>

#include "tests/contract/port_world.h"

namespace quorate::contract {
namespace {

constexpr ConnectionId kDialled{1};

// Both ends of one connection are in the same process.
class Ends {
 public:
  explicit Ends(PortWorld& world) : world_(world), port_(world.network()) {}

  SocketAddress listen() {
    port_.listen(world_.own_address());
    EXPECT_TRUE(world_.run_until_count<Listening>(1));
    const Listening listening = world_.all<Listening>().back();
    EXPECT_FALSE(listening.error) << *listening.error;
    return listening.bound;
  }
  // The accepted end.
  ConnectionId connect(ConnectionId id = kDialled) {
    if (!bound_) bound_ = listen();
    const std::size_t before = world_.all<Opened>().size();
    port_.connect(id, *bound_);
    EXPECT_TRUE(world_.run_until_count<Opened>(before + 2));
    ConnectionId accepted;
    const std::vector<Opened> all = world_.all<Opened>();
    for (std::size_t i = before; i < all.size(); ++i)
      if (is_accepted(all[i].connection)) accepted = all[i].connection;
    EXPECT_TRUE(is_accepted(accepted));
    return accepted;
  }
  Bytes received(ConnectionId by) const {
    Bytes bytes;
    for (const Received& one : world_.all<Received>())
      if (one.connection == by) bytes += one.bytes;
    return bytes;
  }
  bool wait_for_bytes(ConnectionId by, std::size_t size) {
    return world_.run_until([&] { return received(by).size() >= size; });
  }
  std::size_t closed(ConnectionId of) const {
    std::size_t count = 0;
    for (const Closed& one : world_.all<Closed>()) count += one.connection == of ? 1 : 0;
    return count;
  }
  bool wait_for_end(ConnectionId of) {
    return world_.run_until([&] { return closed(of) > 0; });
  }
  Network& port() { return port_; }

 private:
  PortWorld& world_;
  Network& port_;
  std::optional<SocketAddress> bound_;
};

Bytes numbered(std::size_t size) {
  Bytes bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ",";
  bytes.resize(size);
  return bytes;
}

void listening_tells_the_address(PortWorld& world) {
  const SocketAddress bound = Ends(world).listen();
  EXPECT_NE(bound.port, 0);
  EXPECT_EQ(bound.ip, world.own_address().ip);
}

void a_dial_opens_both_ends(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  std::set<ConnectionId> opened;
  for (const Opened& one : world.all<Opened>()) opened.insert(one.connection);
  EXPECT_EQ(opened, (std::set<ConnectionId>{kDialled, accepted}));
}

void nobody_listening_refuses(PortWorld& world) {
  world.network().connect(kDialled, {world.own_address().ip, 9});
  ASSERT_TRUE(world.run_until_count<Refused>(1));
  EXPECT_EQ(world.all<Refused>().front().connection, kDialled);
  EXPECT_TRUE(world.all<Opened>().empty());
}

void every_accepted_connection_has_an_id_of_its_own(PortWorld& world) {
  Ends ends(world);
  std::set<ConnectionId> accepted;
  for (std::uint64_t i = 1; i <= 5; ++i) accepted.insert(ends.connect(ConnectionId(i)));
  EXPECT_EQ(accepted.size(), 5u);
}

void bytes_arrive_in_order(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  Bytes sent;
  for (int i = 0; i < 200; ++i) {
    ends.port().write(kDialled, std::to_string(i) + ",");
    sent += std::to_string(i) + ",";
  }
  ASSERT_TRUE(ends.wait_for_bytes(accepted, sent.size()));
  EXPECT_EQ(ends.received(accepted), sent);
}

void both_directions_at_once(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(kDialled, "question");
  ends.port().write(accepted, "answer");
  ASSERT_TRUE(ends.wait_for_bytes(accepted, 8));
  ASSERT_TRUE(ends.wait_for_bytes(kDialled, 6));
  EXPECT_EQ(ends.received(accepted), "question");
  EXPECT_EQ(ends.received(kDialled), "answer");
}

void a_megabyte_arrives_whole(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  const Bytes sent = numbered(1 << 20);
  ends.port().write(kDialled, sent);
  ASSERT_TRUE(ends.wait_for_bytes(accepted, sent.size()));
  EXPECT_TRUE(ends.received(accepted) == sent);
}

void nothing_is_delivered_of_an_empty_write(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(kDialled, "");
  ends.port().write(kDialled, "x");
  ASSERT_TRUE(ends.wait_for_bytes(accepted, 1));
  for (const Received& one : world.all<Received>()) EXPECT_FALSE(one.bytes.empty());
}

void a_flushed_close_delivers_everything_then_the_end(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  const Bytes sent = numbered(300'000);
  ends.port().write(kDialled, sent);
  ends.port().close(kDialled, true);
  ASSERT_TRUE(ends.wait_for_end(accepted));
  EXPECT_TRUE(ends.received(accepted) == sent);
}

void a_reset_ends_the_other_side(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().close(kDialled, false);
  EXPECT_TRUE(ends.wait_for_end(accepted));
}

void the_end_is_told_once(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().close(kDialled, true);
  ASSERT_TRUE(ends.wait_for_end(accepted));
  world.run_for(Duration::milliseconds(200));
  EXPECT_EQ(ends.closed(accepted), 1u);
}

void no_event_follows_an_own_close(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(accepted, "too late");
  ends.port().close(kDialled, false);
  world.run_for(Duration::milliseconds(300));
  EXPECT_EQ(ends.received(kDialled), "");
  EXPECT_EQ(ends.closed(kDialled), 0u);
}

void writes_after_a_close_are_dropped(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(kDialled, "before");
  ends.port().close(kDialled, true);
  ends.port().write(kDialled, "after");
  ASSERT_TRUE(ends.wait_for_end(accepted));
  EXPECT_EQ(ends.received(accepted), "before");
}

void an_unknown_connection_is_nobody(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(ConnectionId(77), "x");
  ends.port().close(ConnectionId(77), true);
  ends.port().receive(ConnectionId(77), false);
  ends.port().write(kDialled, "y");
  EXPECT_TRUE(ends.wait_for_bytes(accepted, 1));
}

void what_ended_stays_ended(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().close(kDialled, true);
  ASSERT_TRUE(ends.wait_for_end(accepted));
  ends.port().write(accepted, "nobody reads this");
  ends.port().close(accepted, true);
  ends.port().close(accepted, false);
  world.run_for(Duration::milliseconds(100));
  EXPECT_EQ(ends.closed(accepted), 1u);
}

void nothing_is_received_while_receiving_is_off(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().receive(accepted, false);
  ends.port().write(kDialled, "patience");
  world.run_for(Duration::milliseconds(300));
  EXPECT_EQ(ends.received(accepted), "");
  ends.port().receive(accepted, true);
  ASSERT_TRUE(ends.wait_for_bytes(accepted, 8));
  EXPECT_EQ(ends.received(accepted), "patience");
}

void a_full_queue_that_drains_is_told_once(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(kDialled, Bytes(200'000, 'x'));
  ASSERT_TRUE(ends.wait_for_bytes(accepted, 200'000));
  ASSERT_TRUE(world.run_until_count<Writable>(1));
  world.run_for(Duration::milliseconds(100));
  const std::vector<Writable> told = world.all<Writable>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().connection, kDialled);
}

void a_small_queue_is_not_told(PortWorld& world) {
  Ends ends(world);
  const ConnectionId accepted = ends.connect();
  ends.port().write(kDialled, Bytes(30'000, 'x'));
  ASSERT_TRUE(ends.wait_for_bytes(accepted, 30'000));
  world.run_for(Duration::milliseconds(100));
  EXPECT_TRUE(world.all<Writable>().empty());
}

void connections_do_not_mix(PortWorld& world) {
  Ends ends(world);
  const ConnectionId first = ends.connect(ConnectionId(1));
  const ConnectionId second = ends.connect(ConnectionId(2));
  for (int i = 0; i < 50; ++i) {
    ends.port().write(ConnectionId(1), "a");
    ends.port().write(ConnectionId(2), "b");
  }
  ASSERT_TRUE(ends.wait_for_bytes(first, 50) && ends.wait_for_bytes(second, 50));
  EXPECT_EQ(ends.received(first), Bytes(50, 'a'));
  EXPECT_EQ(ends.received(second), Bytes(50, 'b'));
}

}  // namespace

std::vector<PortCase> network_cases() {
  return {
      {"listening_tells_the_address", &listening_tells_the_address},
      {"a_dial_opens_both_ends", &a_dial_opens_both_ends},
      {"nobody_listening_refuses", &nobody_listening_refuses},
      {"every_accepted_connection_has_an_id", &every_accepted_connection_has_an_id_of_its_own},
      {"bytes_arrive_in_order", &bytes_arrive_in_order},
      {"both_directions_at_once", &both_directions_at_once},
      {"a_megabyte_arrives_whole", &a_megabyte_arrives_whole},
      {"nothing_is_delivered_of_an_empty_write", &nothing_is_delivered_of_an_empty_write},
      {"a_flushed_close_delivers_everything", &a_flushed_close_delivers_everything_then_the_end},
      {"a_reset_ends_the_other_side", &a_reset_ends_the_other_side},
      {"the_end_is_told_once", &the_end_is_told_once},
      {"no_event_follows_an_own_close", &no_event_follows_an_own_close},
      {"writes_after_a_close_are_dropped", &writes_after_a_close_are_dropped},
      {"an_unknown_connection_is_nobody", &an_unknown_connection_is_nobody},
      {"what_ended_stays_ended", &what_ended_stays_ended},
      {"nothing_is_received_while_off", &nothing_is_received_while_receiving_is_off},
      {"a_full_queue_that_drains_is_told_once", &a_full_queue_that_drains_is_told_once},
      {"a_small_queue_is_not_told", &a_small_queue_is_not_told},
      {"connections_do_not_mix", &connections_do_not_mix},
  };
}

}  // namespace quorate::contract
