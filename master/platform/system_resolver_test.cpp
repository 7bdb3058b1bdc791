#include "master/platform/system_resolver.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <unistd.h>

#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

class SystemResolverTest : public testing::Test {
 protected:
  EventLoop loop;
  RecordingSink sink{loop};
  SystemResolver resolver{loop};
};

}  // namespace

TEST_F(SystemResolverTest, FindsLocalhost) {
  addrinfo* known = nullptr;
  if (getaddrinfo("localhost", nullptr, nullptr, &known) != 0)
    GTEST_SKIP() << "this host does not know the name 'localhost' (no /etc/hosts?)";
  freeaddrinfo(known);

  resolver.resolve(ResolveTicket(7), "localhost");

  Resolved answer = sink.first<Resolved>();

  EXPECT_EQ(answer.ticket, ResolveTicket(7));
  ASSERT_FALSE(answer.error) << *answer.error;
  ASSERT_FALSE(answer.addresses.empty());
  EXPECT_TRUE(answer.addresses.front().is_loopback());
}

TEST_F(SystemResolverTest, FourPartsResolveToThemselves) {
  resolver.resolve(ResolveTicket(1), "192.0.2.17");

  EXPECT_EQ(sink.first<Resolved>().addresses, (std::vector<Ipv4>{*parse_ipv4("192.0.2.17")}));
}

TEST_F(SystemResolverTest, NamesTheHostThatCannotBeResolved) {
  resolver.resolve(ResolveTicket(1), "not a host name");

  Resolved answer = sink.first<Resolved>();

  ASSERT_TRUE(answer.error);
  EXPECT_NE(answer.error->find("'not a host name'"), std::string::npos) << *answer.error;
}

TEST_F(SystemResolverTest, TellsItsOwnName) {
  resolver.own_name(ResolveTicket(1));

  char name[256] = {};
  ASSERT_EQ(gethostname(name, sizeof(name) - 1), 0);
  EXPECT_EQ(sink.first<Resolved>().name, name);
}

TEST_F(SystemResolverTest, ReverseGivesANameOrAnError) {
  resolver.reverse(ResolveTicket(1), *parse_ipv4("127.0.0.1"));

  Resolved answer = sink.first<Resolved>();

  EXPECT_NE(answer.name.empty(), !answer.error);
}

}  // namespace quorate::platform
