#include "master/values/machine.h"

#include <gtest/gtest.h>

#include <map>

namespace quorate {
namespace {

const Ipv4 kIp{0x0a000001};

TEST(MachineId, IgnoresTheCaseOfTheHostname) {
  EXPECT_EQ((MachineId{"Host-A", kIp}), (MachineId{"hOST-a", kIp}));
  EXPECT_NE((MachineId{"host-a", kIp}), (MachineId{"host-b", kIp}));

  std::map<MachineId, int> machines{{{"Host-A", kIp}, 1}};
  EXPECT_EQ(machines.count({"HOST-a", kIp}), 1u);
}

TEST(MachineId, DistinguishesAbsentFromPresentParts) {
  EXPECT_NE((MachineId{"h", std::nullopt}), (MachineId{"h", kIp}));
  EXPECT_NE((MachineId{std::nullopt, kIp}), (MachineId{"h", kIp}));
  EXPECT_NE((MachineId{std::nullopt, kIp}), (MachineId{"", kIp}));
}

TEST(MachineId, OrdersByHostnameThenAddressWithAbsentPartsFirst) {
  MachineId ids[] = {{std::nullopt, kIp}, {"", kIp},      {"a", std::nullopt},
                     {"A", Ipv4{1}},      {"a", Ipv4{2}}, {"b", Ipv4{1}}};
  for (std::size_t i = 0; i + 1 < std::size(ids); ++i) {
    EXPECT_LT(ids[i], ids[i + 1]) << i;
    EXPECT_GT(ids[i + 1], ids[i]) << i;
  }
}

TEST(MachineId, IsWrittenAsJsonAsItWasSpelled) {
  EXPECT_EQ(to_text(MachineId{"Host \"1\"", kIp}), R"({"hostname":"Host \"1\"","ip":"10.0.0.1"})");
  EXPECT_EQ(to_text(MachineId{"h", std::nullopt}), R"({"hostname":"h"})");
  EXPECT_EQ(to_text(MachineId{std::nullopt, kIp}), R"({"ip":"10.0.0.1"})");
}

TEST(MachineId, IsMadeOfWhatAnOperatorWrote) {
  EXPECT_EQ(machine_id("h", "10.0.0.1"), (MachineId{"h", kIp}));
  EXPECT_EQ(machine_id("h", std::nullopt), (MachineId{"h", std::nullopt}));
  EXPECT_EQ(machine_id("", "10.0.0.1"), (MachineId{"", kIp}));
  EXPECT_EQ(machine_id(std::nullopt, "10.0.0.1"), (MachineId{std::nullopt, kIp}));
}

TEST(MachineId, NeedsAHostnameOrAnIp) {
  for (std::optional<std::string> hostname : {std::optional<std::string>{}, {std::string{}}}) {
    for (std::optional<std::string> ip : {std::optional<std::string>{}, {std::string{}}}) {
      auto id = machine_id(hostname, ip);
      ASSERT_FALSE(id);
      EXPECT_NE(id.error().text.find("neither a hostname nor an ip"), std::string::npos);
    }
  }
}

TEST(MachineId, RefusesAnIpThatIsNoIpv4AddressAndQuotesIt) {
  for (const char* ip : {"10.0.0", "10.0.0.256", "::1", "host", " 10.0.0.1", ""}) {
    auto id = machine_id("h", ip);
    ASSERT_FALSE(id) << ip;
    EXPECT_NE(id.error().text.find("\"" + std::string(ip) + "\""), std::string::npos);
  }
}

TEST(MachineMode, IsWrittenAsMesosWritesIt) {
  EXPECT_EQ(to_text(MachineMode::Up), "UP");
  EXPECT_EQ(to_text(MachineMode::Draining), "DRAINING");
  EXPECT_EQ(to_text(MachineMode::Down), "DOWN");
}

}  // namespace
}  // namespace quorate
