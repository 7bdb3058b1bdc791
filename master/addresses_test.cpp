#include "master/addresses.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

const Ipv4 kWildcard{};

Resolved named(const std::string& name) {
  Resolved resolved;
  resolved.name = name;
  return resolved;
}
Resolved at(const char* ip) {
  Resolved resolved;
  resolved.addresses = {*parse_ipv4(ip)};
  return resolved;
}
Resolved failed() {
  Resolved resolved;
  resolved.error = "no such name";
  return resolved;
}

TEST(Addresses, AMasterBoundToAnAddressAsksForItsNameOnly) {
  SocketAddress bound = *parse_socket_address("10.0.0.1:5050");
  AddressStep step = next_address_step({}, bound, {});
  ASSERT_TRUE(std::holds_alternative<AskReverseName>(step));
  EXPECT_EQ(std::get<AskReverseName>(step).ip, bound.ip);

  AddressAnswers answers;
  answers.reverse_name = named("m1.example.org");
  EXPECT_EQ(std::get<OwnAddress>(next_address_step({}, bound, answers)),
            (OwnAddress{bound, "m1.example.org"}));
}

TEST(Addresses, AnAddressWithoutANameIsItsOwnName) {
  SocketAddress bound = *parse_socket_address("10.0.0.1:5050");
  AddressAnswers answers;
  answers.reverse_name = failed();
  EXPECT_EQ(std::get<OwnAddress>(next_address_step({}, bound, answers)).hostname, "10.0.0.1");

  Config config;
  config.hostname_lookup = false;
  EXPECT_EQ(std::get<OwnAddress>(next_address_step(config, bound, {})).hostname, "10.0.0.1");
}

TEST(Addresses, AMasterBoundToAllResolvesItsOwnName) {
  Config config;
  config.hostname = "m1";
  SocketAddress bound{kWildcard, 5050};
  AddressAnswers answers;
  EXPECT_TRUE(std::holds_alternative<AskOwnName>(next_address_step(config, bound, answers)));
  answers.own_name = named("host");
  AddressStep step = next_address_step(config, bound, answers);
  ASSERT_TRUE(std::holds_alternative<AskOwnIp>(step));
  EXPECT_EQ(std::get<AskOwnIp>(step).name, "host");
  answers.own_ip = at("10.0.0.7");

  EXPECT_EQ(std::get<OwnAddress>(next_address_step(config, bound, answers)),
            (OwnAddress{*parse_socket_address("10.0.0.7:5050"), "m1"}));
}

TEST(Addresses, AHostWhoseNameHasNoAddressIsToldWhatToDo) {
  AddressAnswers answers;
  answers.own_name = named("host");
  answers.own_ip = failed();
  AddressStep step = next_address_step({}, {kWildcard, 5050}, answers);

  ASSERT_TRUE(std::holds_alternative<Error>(step));
  EXPECT_NE(std::get<Error>(step).text.find("'host'"), std::string::npos);
  EXPECT_NE(std::get<Error>(step).text.find("--advertise_ip"), std::string::npos);
}

TEST(Addresses, WhatIsAdvertisedReplacesWhatIsBound) {
  Config config;
  config.advertise_ip = parse_ipv4("192.0.2.1");
  config.advertise_port = 80;
  config.hostname = "m1";

  EXPECT_EQ(std::get<OwnAddress>(next_address_step(config, {kWildcard, 5050}, {})).advertised,
            *parse_socket_address("192.0.2.1:80"));
  EXPECT_EQ(listen_address(config), (SocketAddress{kWildcard, 5050}));
}

TEST(Addresses, ALoopbackAddressIsRefusedNextToOtherHosts) {
  std::vector<Ipv4> near{*parse_ipv4("127.0.0.1"), *parse_ipv4("127.0.0.2")};
  std::vector<Ipv4> far{*parse_ipv4("127.0.0.1"), *parse_ipv4("10.0.0.9")};
  SocketAddress loopback = *parse_socket_address("127.0.0.1:5050");

  EXPECT_TRUE(check_advertised(loopback, {}).has_value());
  EXPECT_TRUE(check_advertised(loopback, near).has_value());
  EXPECT_TRUE(check_advertised(*parse_socket_address("10.0.0.1:5050"), far).has_value());
  Result<void> refused = check_advertised(loopback, far);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text.find("127.0.0.1:5050"), std::string::npos);
  EXPECT_NE(refused.error().text.find("10.0.0.9"), std::string::npos);
  EXPECT_FALSE(check_advertised({kWildcard, 5050}, far).has_value());
}

}  // namespace
}  // namespace quorate
