#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/cluster.h"
#include "sim/fabric.h"

namespace quorate::sim {

struct HttpQuestion {
  std::string method = "GET";
  std::string target = "/";
  std::string body;
  SocketAddress to;
  bool follow = false;  // follow redirects, at most 5
  bool look = false;    // an observer's: routine, in pictures
  Duration limit = Duration::seconds(10);
};

struct HttpReply {
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string failure;            // why there is no answer
  bool left = false;              // the request was written: it may have had an effect
  Ipv4 from;                      // who answered last
  std::uint64_t incarnation = 0;  // of that host, 0 if it changed while we asked
  SimTime sent;                   // when the last request left (after redirects)
  SimTime done;
};

class HttpAsker {
 public:
  virtual ~HttpAsker() = default;
  virtual void on_reply(std::uint64_t question, const HttpQuestion& asked,
                        const HttpReply& reply) = 0;
};

// Parses the answer that lies in `bytes`; false: not complete yet. `ended`: nothing more will come.
// Written apart from the master's own HTTP code, so that one mistake does not hide the other.
bool parse_http_reply(std::string_view bytes, bool ended, HttpReply& reply);

// HTTP clients of the simulated world, all at one address; a connection of its own for each
// question.
class HttpClients final : public Actor, public Endpoint {
 public:
  explicit HttpClients(Cluster& cluster);

  // The answer, or the lack of one after the limit, goes to `asker`, which outlives it.
  std::uint64_t ask(HttpAsker& asker, HttpQuestion question);

  // While a request is written: it is an observer's.
  bool writing_look() const { return writing_look_; }

  void act(const Task& task) override;
  void on_network(Event event) override;

 private:
  struct Conversation {
    HttpAsker* asker;
    HttpQuestion question;
    SocketAddress to;
    std::string target;
    ConnectionId connection;
    Bytes received;
    HttpReply reply;
    std::uint64_t incarnation = 0;
    int redirects = 0;
  };

  void dial(std::uint64_t id, Conversation& conversation);
  void opened(std::uint64_t id, ConnectionId connection);
  void look(std::uint64_t id, bool ended);
  bool redirected(std::uint64_t id, Conversation& conversation);
  void finish(std::uint64_t id, std::string failure);
  std::uint64_t incarnation_of(Ipv4 ip) const;

  Cluster& cluster_;
  EndpointId endpoint_;
  std::map<std::uint64_t, Conversation> conversations_;
  std::map<ConnectionId, std::uint64_t> by_connection_;
  std::uint64_t next_ = 1;
  std::uint64_t next_connection_ = 1;
  bool writing_look_ = false;
};

}  // namespace quorate::sim
