#include "sim/toy_node.h"

#include <algorithm>
#include <map>
#include <utility>

#include "master/base/random.h"

namespace quorate::sim {
namespace {

constexpr const char* kFile = "schedule";

class Toy final : public Node {
 public:
  Toy(const HostSpec& spec, const Ports& ports, std::uint64_t seed, const ToyFactory& how)
      : spec_(spec),
        ports_(ports),
        random_(seed, "toy"),
        broken_(how.broken),
        chatty_(how.chatty) {}

  void start(Now now) override {
    ports_.process.log(LogLevel::Info, "toy starts");
    if (chatty_) ports_.process.log(LogLevel::Info, "and says so");
    ports_.disk.open(DiskTicket(next_++));
    ports_.network.listen({Ipv4{0}, spec_.port});
    ports_.coordination.open(SessionHandle(1), Duration::seconds(10));
    ports_.clock.wake_at(now.mono + Duration::seconds(1));
  }

  void handle(Now now, const Event& event) override {
    std::visit([&](const auto& e) { on(now, e); }, event);
  }

 private:
  template <typename E>
  void on(Now, const E&) {}

  void on(Now now, const Woken&) {
    if (broken_) {
      static std::uint64_t outside = 0;
      ports_.process.log(LogLevel::Info, std::to_string(++outside));
    }
    ports_.clock.wake_at(now.mono + Duration::seconds(1));
  }

  void on(Now, const Listed& listed) {
    if (listed.error) ports_.process.fail_fast(Exit::Configuration, listed.error->text);
    if (!listed.files.empty())
      ports_.disk.read(DiskTicket(next_++), kFile, 0, listed.files.front().size_bytes);
  }
  void on(Now, const ReadDone& read) { schedule_ = read.bytes; }

  void on(Now, const SessionState& state) {
    if (state.phase == SessionPhase::Connected && my_node_.empty())
      ports_.coordination.create(SessionHandle(1), CoordinationTicket(next_++), "/toy", "",
                                 {false, false, CoordinationAcl::Open});
    if (state.phase == SessionPhase::Closed) ports_.process.exit(Exit::Asked);
    bool gone = state.phase == SessionPhase::Expired || state.phase == SessionPhase::Disconnected;
    if (gone && leads_) ports_.process.fail_fast(Exit::LeadershipLost, "the session is lost");
    if (state.phase == SessionPhase::Expired) {
      my_node_.clear();
      ports_.process.fail_fast(Exit::LeadershipLost, "the session is expired");
    }
  }

  void on(Now, const CoordinationReply& reply) {
    if (reply.code == CoordinationCode::ConnectionLoss) return;
    if (!reply.children.empty()) return look(reply.children);
    if (!reply.data.empty()) {
      leader_ = reply.data;
      leads_ = leader_ == spec_.name;
      return;
    }
    if (my_node_.empty() && reply.path.size() > 5) {
      my_node_ = reply.path.substr(5);
      return list();
    }
    if (my_node_.empty())
      ports_.coordination.create(SessionHandle(1), CoordinationTicket(next_++), "/toy/n",
                                 spec_.name, {true, true, CoordinationAcl::Open});
  }
  void on(Now, const WatchFired&) { list(); }
  void list() {
    ports_.coordination.children(SessionHandle(1), CoordinationTicket(next_++), "/toy", true);
  }
  void look(const std::vector<std::string>& children) {
    ports_.coordination.get(SessionHandle(1), CoordinationTicket(next_++),
                            "/toy/" + children.front(), false);
  }

  void on(Now, const StopRequested&) { ports_.coordination.close(SessionHandle(1)); }
  void on(Now, const Closed& closed) { requests_.erase(closed.connection); }

  void on(Now, const Received& received) {
    std::string& text = requests_[received.connection];
    text += received.bytes;
    std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) return;
    std::size_t length = 0;
    std::size_t header = text.find("Content-Length: ");
    if (header != std::string::npos && header < head)
      length = static_cast<std::size_t>(std::atoi(text.c_str() + header + 16));
    if (text.size() < head + 4 + length) return;
    std::string body = text.substr(head + 4, length);
    std::string line = text.substr(0, text.find('\r'));
    text.clear();
    serve(received.connection, line, body);
  }

  void serve(ConnectionId id, const std::string& line, const std::string& body) {
    if (leader_.empty()) return answer(id, "503 Service Unavailable", "", "No leader elected");
    std::string location = "Location: //" + leader_ + ":" + std::to_string(spec_.port);
    if (line.starts_with("GET /redirect ")) return answer(id, "307 Temporary", location, "");
    if (!leads_) return answer(id, "307 Temporary", location + "/maintenance/schedule", "");
    if (line.starts_with("GET /maintenance/status ")) return answer(id, "404 Not Found", "", "");
    if (line.starts_with("GET ")) return answer(id, "200 OK", "", schedule_);
    schedule_ = body;
    ports_.disk.replace(DiskTicket(next_), kFile, body);
    writes_[DiskTicket(next_++)] = id;
  }
  void on(Now, const Synced& synced) {
    if (synced.error) ports_.process.fail_fast(Exit::Disk, synced.error->text);
    auto write = writes_.extract(synced.ticket);
    if (!write.empty()) answer(write.mapped(), "200 OK", "", "");
  }
  void answer(ConnectionId id, const std::string& status, const std::string& header,
              const std::string& body) {
    std::string out = "HTTP/1.1 " + status + "\r\n";
    if (!header.empty()) out += header + "\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    ports_.network.write(id, out);
  }

  const HostSpec& spec_;
  Ports ports_;
  RandomStream random_;
  bool broken_;
  bool chatty_;
  std::uint64_t next_ = 1;
  std::string my_node_, leader_, schedule_ = "{}";
  bool leads_ = false;
  std::map<ConnectionId, std::string> requests_;
  std::map<DiskTicket, ConnectionId> writes_;
};

}  // namespace

std::unique_ptr<Node> ToyFactory::make(const HostSpec& spec, const Ports& ports,
                                       std::uint64_t seed) {
  return std::make_unique<Toy>(spec, ports, seed, *this);
}

}  // namespace quorate::sim
