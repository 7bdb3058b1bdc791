#include "tests/contract/zookeeper_server.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "master/base/check.h"

namespace quorate::contract {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xff));
}
void put_int(std::string& out, std::int32_t value) {
  put(out, static_cast<std::uint32_t>(value), 4);
}
void put_long(std::string& out, std::int64_t value) {
  put(out, static_cast<std::uint64_t>(value), 8);
}
void put_text(std::string& out, const std::string& text) {
  put_int(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

void put_node(std::string& out, const std::string& path, std::int32_t children_ever) {
  put_text(out, path);
  put_text(out, "");  // data
  put_long(out, -1);  // access: everybody everything
  put_long(out, 0);   // czxid
  put_long(out, 0);   // mzxid
  put_long(out, 0);   // ctime
  put_long(out, 0);   // mtime
  put_int(out, 0);    // version
  put_int(out, children_ever);
  put_int(out, 0);   // aversion
  put_long(out, 0);  // owner
  put_long(out, 0);  // pzxid
}

bool answers(std::uint16_t port) {
  int fd = connect_to(port);
  if (fd < 0) return false;
  // Asked too early it may leave the connection open without an answer.
  timeval patience{0, 300'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string text;
  if (::send(fd, "srvr", 4, MSG_NOSIGNAL) == 4) {
    char bytes[512];
    for (ssize_t got; (got = ::recv(fd, bytes, sizeof(bytes), 0)) > 0;)
      text.append(bytes, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text.find("Mode") != std::string::npos;
}

}  // namespace

std::optional<std::string> why_no_zookeeper() {
  if (::access("ci/zookeeper-server", X_OK) != 0) return "ci/zookeeper-server is not here";
  if (::access("/usr/share/java/zookeeper.jar", R_OK) != 0)
    return "/usr/share/java/zookeeper.jar is missing (apt-get install zookeeper)";
  if (std::system("command -v java >/dev/null 2>&1") != 0) return "java is missing";
  return {};
}

std::string zookeeper_snapshot(const std::string& path, std::int32_t children_ever) {
  std::string out = "ZKSN";
  put_int(out, 2);
  put_long(out, -1);
  put_int(out, 0);  // sessions
  put_int(out, 0);  // access lists
  put_node(out, "", 2);
  put_node(out, "/zookeeper", 2);
  put_node(out, "/zookeeper/config", 0);
  put_node(out, "/zookeeper/quota", 0);
  put_node(out, path, children_ever);
  put_text(out, "/");  // no more nodes
  uLong sum = ::adler32(::adler32(0, nullptr, 0), reinterpret_cast<const Bytef*>(out.data()),
                        static_cast<uInt>(out.size()));
  put_long(out, static_cast<std::int64_t>(sum));
  put_text(out, "/");
  return out;
}

ZookeeperServer::ZookeeperServer() {
  std::filesystem::create_directories(directory_.path + "/version-2");
  std::ofstream file(directory_.path + "/version-2/snapshot.0", std::ios::binary);
  file << zookeeper_snapshot("/overflow", INT32_MAX - 1);
}

ZookeeperServer::~ZookeeperServer() { stop(); }

void ZookeeperServer::start() {
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::string text = std::to_string(port);
    ::execl("ci/zookeeper-server", "zookeeper-server", text.c_str(), directory_.path.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 3000; ++i) {
    if (answers(port)) return;
    CHECK(::waitpid(pid_, nullptr, WNOHANG) == 0);  // it ended: see its zookeeper.log
    ::usleep(10'000);
  }
  CHECK(false);  // not up after 30 s
}

void ZookeeperServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace quorate::contract
