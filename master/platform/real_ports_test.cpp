#include "master/platform/real_ports.h"

#include <gtest/gtest.h>

#include "master/platform/entropy.h"
#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

RealSettings settings_in(const std::string& directory) {
  RealSettings settings;
  settings.disk_directory = directory + "/replicated_log";
  settings.log.directory = directory;
  settings.log.quiet = true;
  return settings;
}

// The least that a Master does with each port.
void ask_all(const Ports& ports) {
  ports.clock.wake_at(EventLoop::now().mono);
  ports.network.listen({Ipv4{0x7f000001}, 0});
  ports.resolver.own_name(ResolveTicket(1));
  ports.disk.open(DiskTicket(1));
  ports.files.read(FileTicket(1), "/proc/self/status", 0, 100);
  ports.coordination.get(SessionHandle(1), CoordinationTicket(1), "/", false);
  ports.process.measure_host();
}

}  // namespace

TEST(RealPorts, EveryPortAnswers) {
  TemporaryDirectory temporary;
  auto real = RealPorts::make(settings_in(temporary.path));
  ASSERT_TRUE(real) << real.error().text;
  RecordingSink sink((*real)->loop());

  ask_all((*real)->ports());

  EXPECT_TRUE(sink.run_until_count<Woken>(1));
  EXPECT_FALSE(sink.first<Listening>().error);
  EXPECT_FALSE(sink.first<Resolved>().error);
  EXPECT_FALSE(sink.first<Listed>().error);
  EXPECT_EQ(sink.first<FileRead>().bytes.size(), 100U);
  EXPECT_EQ(sink.first<CoordinationReply>().code, CoordinationCode::Closing);
  EXPECT_GE(sink.first<HostStats>().cpus, 1U);
  EXPECT_TRUE(std::filesystem::exists((*real)->process().log_file()));
}

TEST(RealPorts, MalformedCredentialsAreAnError) {
  TemporaryDirectory temporary;
  RealSettings settings = settings_in(temporary.path);
  settings.credentials_text = "not json";

  auto real = RealPorts::make(settings);

  ASSERT_FALSE(real);
  EXPECT_EQ(real.error().text.rfind("credentials: ", 0), 0U) << real.error().text;
}

}  // namespace quorate::platform
