#include "master/platform/zookeeper_coordination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

using testing::ElementsAre;

constexpr Duration kTimeout = Duration::milliseconds(2000);
constexpr CreateMode kEphemeralSequential{true, true, CoordinationAcl::Open};
constexpr CreateMode kPersistent{false, false, CoordinationAcl::Open};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t free_port() {
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  CHECK(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

// What `ci/zookeeper-server` needs. Tests run from the root of the sources.
std::optional<std::string> why_no_server() {
  if (::access("ci/zookeeper-server", X_OK) != 0) return "ci/zookeeper-server is not here";
  if (::access("/usr/share/java/zookeeper.jar", R_OK) != 0) {
    return "/usr/share/java/zookeeper.jar is missing (apt-get install zookeeper)";
  }
  if (std::system("command -v java >/dev/null 2>&1") != 0) return "java is missing";
  return {};
}

class Server {
 public:
  ~Server() { stop(); }

  void start() {
    pid_ = ::fork();
    if (pid_ != 0) return wait_until_it_listens();
    std::string text = std::to_string(port);
    ::execl("ci/zookeeper-server", "zookeeper-server", text.c_str(), temporary_.path.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void pause() { ::kill(pid_, SIGSTOP); }
  void lose_everything() { std::filesystem::remove_all(temporary_.path + "/version-2"); }

  const std::uint16_t port = free_port();

 private:
  // The library tries again only after a second.
  void wait_until_it_listens() const {
    MonoTime end = EventLoop::now().mono + Duration::seconds(20);
    bool listens = false;
    while (!listens && EventLoop::now().mono < end) {
      ::usleep(20'000);
      int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address = loopback(port);
      listens = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
      ::close(fd);
    }
  }

  TemporaryDirectory temporary_;
  pid_t pid_ = 0;
};

class Zookeeper : public testing::Test {
 protected:
  ZookeeperSettings settings(std::uint16_t port) {
    return {"127.0.0.1:" + std::to_string(port), "ann:secret"};
  }
  void use(ZookeeperSettings with) {
    coordination = std::make_unique<ZookeeperCoordination>(loop, process, std::move(with));
  }
  CoordinationTicket ticket() { return last = last.next(); }

  bool reaches(SessionHandle handle, SessionPhase phase, std::size_t times = 1) {
    return sink.run_until(
        [&] {
          std::size_t seen = 0;
          for (const SessionState& one : sink.all<SessionState>()) {
            if (one.handle == handle && one.phase == phase) ++seen;
          }
          return seen >= times;
        },
        Duration::seconds(20));
  }
  CoordinationReply reply(CoordinationTicket of) {
    CoordinationReply found;
    EXPECT_TRUE(sink.run_until([&] {
      for (const CoordinationReply& one : sink.all<CoordinationReply>()) {
        if (one.ticket == of) found = one;
      }
      return found.ticket == of;
    }));
    return found;
  }
  CoordinationReply create(SessionHandle handle, const std::string& path, CreateMode mode,
                           const Bytes& data = "data") {
    auto t = ticket();
    coordination->create(handle, t, path, data, mode);
    return reply(t);
  }
  CoordinationReply get(SessionHandle handle, const std::string& path, bool watch = false) {
    auto t = ticket();
    coordination->get(handle, t, path, watch);
    return reply(t);
  }
  CoordinationReply exists(SessionHandle handle, const std::string& path, bool watch = false) {
    auto t = ticket();
    coordination->exists(handle, t, path, watch);
    return reply(t);
  }
  CoordinationReply children(SessionHandle handle, const std::string& path, bool watch = false) {
    auto t = ticket();
    coordination->children(handle, t, path, watch);
    return reply(t);
  }
  CoordinationReply set(SessionHandle handle, const std::string& path, const Bytes& data,
                        std::int32_t version) {
    auto t = ticket();
    coordination->set(handle, t, path, data, version);
    return reply(t);
  }
  CoordinationReply remove(SessionHandle handle, const std::string& path, std::int32_t version) {
    auto t = ticket();
    coordination->remove(handle, t, path, version);
    return reply(t);
  }

  const SessionHandle a{1}, b{2};
  EventLoop loop;
  QuietProcess process;
  RecordingSink sink{loop};
  std::unique_ptr<ZookeeperCoordination> coordination;
  CoordinationTicket last;
};

// With a real server.
class LiveZookeeper : public Zookeeper {
 protected:
  void SetUp() override {
    if (auto why = why_no_server()) GTEST_SKIP() << "no live ZooKeeper test: " << *why;
    server.start();
    use(settings(server.port));
  }

  Server server;
};

}  // namespace

TEST_F(Zookeeper, WithoutAServerCallsAreAnsweredConnectionLoss) {
  use(settings(free_port()));
  coordination->open(a, kTimeout);

  EXPECT_EQ(create(a, "/x", kPersistent).code, CoordinationCode::ConnectionLoss);
  EXPECT_EQ(get(a, "/x").code, CoordinationCode::ConnectionLoss);
  sink.run_for(Duration::milliseconds(100));

  EXPECT_TRUE(sink.all<SessionState>().empty());
}

TEST_F(Zookeeper, CloseIsAnsweredWithoutAServer) {
  use(settings(free_port()));
  coordination->open(a, kTimeout);

  coordination->close(a);
  EXPECT_EQ(get(a, "/x").code, CoordinationCode::Closing);

  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
  sink.run_for(Duration::milliseconds(50));
  EXPECT_EQ(sink.all<SessionState>().size(), 1U);
}

TEST_F(Zookeeper, UnknownHandleIsAnsweredClosing) {
  use(settings(free_port()));

  EXPECT_EQ(get(a, "/x").code, CoordinationCode::Closing);
  coordination->close(a);

  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
}

TEST_F(Zookeeper, NameThatDoesNotResolveIsTriedOn) {
  use({"no-such-host.invalid:2181", ""});
  coordination->open(a, kTimeout);

  EXPECT_EQ(get(a, "/x").code, CoordinationCode::ConnectionLoss);
  coordination->close(a);

  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
}

TEST_F(Zookeeper, NothingComesAfterItsEnd) {
  use(settings(free_port()));
  coordination->open(a, kTimeout);
  coordination->open(b, kTimeout);
  coordination->close(b);

  coordination.reset();
  std::size_t before = sink.events.size();
  sink.run_for(Duration::milliseconds(50));

  EXPECT_LE(sink.events.size(), before + 1);  // the Closed of b, if it was posted before
}

TEST_F(LiveZookeeper, NodesSequencesVersionsAndChildren) {
  coordination->open(a, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  SessionState connected = sink.all<SessionState>().front();
  EXPECT_NE(connected.session_id, 0);
  EXPECT_EQ(connected.negotiated_timeout, kTimeout);

  EXPECT_EQ(create(a, "/mesos", kPersistent).path, "/mesos");
  EXPECT_EQ(create(a, "/mesos", kPersistent).code, CoordinationCode::NodeExists);
  EXPECT_EQ(create(a, "/none/x", kPersistent).code, CoordinationCode::NoNode);
  EXPECT_EQ(create(a, "no slash", kPersistent).code, CoordinationCode::BadArguments);
  auto first = create(a, "/mesos/json.info_", kEphemeralSequential, "{}");
  auto second = create(a, "/mesos/json.info_", kEphemeralSequential, "");
  EXPECT_EQ(first.path, "/mesos/json.info_0000000000");
  EXPECT_EQ(create(a, first.path + "/x", kPersistent).code,
            CoordinationCode::NoChildrenForEphemerals);
  EXPECT_THAT(children(a, "/mesos").children,
              ElementsAre("json.info_0000000000", "json.info_0000000001"));
  EXPECT_EQ(get(a, first.path).data, "{}");
  EXPECT_EQ(get(a, first.path).ephemeral_owner, connected.session_id);
  EXPECT_EQ(get(a, second.path).data, "");
  EXPECT_EQ(get(a, "/mesos").ephemeral_owner, 0);
  EXPECT_EQ(exists(a, "/none").code, CoordinationCode::NoNode);

  EXPECT_EQ(set(a, "/mesos", "new", 5).code, CoordinationCode::BadVersion);
  EXPECT_EQ(set(a, "/mesos", "new", 0).version, 1);
  EXPECT_EQ(get(a, "/mesos").data, "new");
  EXPECT_EQ(remove(a, "/mesos", -1).code, CoordinationCode::NotEmpty);
  EXPECT_EQ(remove(a, first.path, 7).code, CoordinationCode::BadVersion);
  EXPECT_EQ(remove(a, first.path, -1).code, CoordinationCode::Ok);
  EXPECT_EQ(remove(a, first.path, -1).code, CoordinationCode::NoNode);
}

TEST_F(LiveZookeeper, AnswersInOrderAlsoWhatTheLibraryRefuses) {
  coordination->open(a, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  std::vector<CoordinationTicket> asked;
  for (int i = 0; i < 20; ++i) {
    coordination->get(a, asked.emplace_back(ticket()), "/", false);
    coordination->get(a, asked.emplace_back(ticket()), "bad path", false);
  }

  ASSERT_TRUE(sink.run_until_count<CoordinationReply>(asked.size()));

  auto replies = sink.all<CoordinationReply>();
  for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(replies[i].ticket, asked[i]);
}

TEST_F(LiveZookeeper, WatchesFireOnceAndClosingRemovesEphemeralNodes) {
  coordination->open(a, kTimeout);
  coordination->open(b, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  ASSERT_TRUE(reaches(b, SessionPhase::Connected));
  create(a, "/group", kPersistent);
  EXPECT_EQ(exists(b, "/group/x", true).code, CoordinationCode::NoNode);
  EXPECT_TRUE(children(b, "/group", true).children.empty());

  create(a, "/group/x", {true, false, CoordinationAcl::Open});
  ASSERT_TRUE(sink.run_until_count<WatchFired>(2));
  get(b, "/group/x", true);
  set(a, "/group/x", "1", -1);
  set(a, "/group/x", "2", -1);
  ASSERT_TRUE(sink.run_until_count<WatchFired>(3));
  EXPECT_EQ(get(b, "/group/x", true).data, "2");
  MonoTime start = EventLoop::now().mono;
  coordination->close(a);
  ASSERT_TRUE(sink.run_until_count<WatchFired>(4));

  EXPECT_LT(EventLoop::now().mono - start, kTimeout / 2);
  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
  auto fired = sink.all<WatchFired>();
  EXPECT_THAT(fired,
              testing::UnorderedElementsAre(WatchFired{b, WatchKind::Created, "/group/x"},
                                            WatchFired{b, WatchKind::ChildrenChanged, "/group"},
                                            WatchFired{b, WatchKind::DataChanged, "/group/x"},
                                            WatchFired{b, WatchKind::Deleted, "/group/x"}));
  EXPECT_EQ(get(a, "/group").code, CoordinationCode::Closing);
}

TEST_F(LiveZookeeper, CredentialsProtectNodesFromOthers) {
  coordination->open(a, kTimeout);
  coordination->open(b, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  ASSERT_TRUE(reaches(b, SessionPhase::Connected));
  CreateMode protect{false, false, CoordinationAcl::CreatorAll};
  EXPECT_EQ(create(a, "/mine", protect).code, CoordinationCode::InvalidAcl);
  auto authenticated = ticket();

  coordination->add_auth(a, authenticated);
  EXPECT_EQ(reply(authenticated).code, CoordinationCode::Ok);
  EXPECT_EQ(create(a, "/mine", protect).code, CoordinationCode::Ok);

  EXPECT_EQ(get(b, "/mine").code, CoordinationCode::Ok);
  EXPECT_EQ(set(b, "/mine", "theirs", -1).code, CoordinationCode::NoAuth);
  EXPECT_EQ(set(a, "/mine", "ours", -1).code, CoordinationCode::Ok);
}

TEST_F(LiveZookeeper, SessionOutlivesARestartOfTheServer) {
  coordination->open(a, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  create(a, "/x", {true, false, CoordinationAcl::Open});
  auto lost = ticket();

  server.stop();
  coordination->get(a, lost, "/x", false);
  ASSERT_TRUE(reaches(a, SessionPhase::Disconnected));
  EXPECT_EQ(reply(lost).code, CoordinationCode::ConnectionLoss);
  EXPECT_EQ(get(a, "/x").code, CoordinationCode::ConnectionLoss);
  server.start();
  ASSERT_TRUE(reaches(a, SessionPhase::Connected, 2));

  auto states = sink.all<SessionState>();
  EXPECT_EQ(states.back().session_id, states.front().session_id);
  EXPECT_EQ(get(a, "/x").ephemeral_owner, states.front().session_id);
}

TEST_F(LiveZookeeper, ServerThatDoesNotKnowTheSessionExpiresIt) {
  coordination->open(a, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));

  server.stop();
  server.lose_everything();
  server.start();
  ASSERT_TRUE(reaches(a, SessionPhase::Expired));

  EXPECT_EQ(get(a, "/").code, CoordinationCode::SessionExpired);
  coordination->close(a);
  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
  EXPECT_EQ(get(a, "/").code, CoordinationCode::Closing);
  coordination->open(b, kTimeout);
  EXPECT_TRUE(reaches(b, SessionPhase::Connected));
  EXPECT_EQ(get(b, "/").code, CoordinationCode::Ok);
}

TEST_F(LiveZookeeper, SilentServerIsNoticedBeforeTheSessionCouldEnd) {
  coordination->open(a, kTimeout);
  ASSERT_TRUE(reaches(a, SessionPhase::Connected));
  auto unanswered = ticket();

  server.pause();
  coordination->get(a, unanswered, "/", false);
  MonoTime start = EventLoop::now().mono;
  ASSERT_TRUE(reaches(a, SessionPhase::Disconnected));

  EXPECT_LT(EventLoop::now().mono - start, kTimeout);
  EXPECT_EQ(reply(unanswered).code, CoordinationCode::OperationTimeout);
  coordination->close(a);
  EXPECT_TRUE(reaches(a, SessionPhase::Closed));
}

}  // namespace quorate::platform
