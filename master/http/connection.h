#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/time.h"
#include "master/http/request.h"
#include "master/http/response.h"

namespace quorate::http {

// The protocol between masters, taken over from HTTP by an Upgrade on the one port.
inline constexpr std::string_view kPeerProtocol = "quorate-peer/1";

// What one client may take of us.
struct Limits {
  std::size_t header_bytes_max = 64 * 1024;       // request line and fields together; above: 431
  std::size_t body_bytes_max = 16 * 1024 * 1024;  // also after inflating; above: 413
  std::size_t pipelined_max = 32;                 // requests that wait for their answer
  Duration header_timeout = Duration::seconds(15);
  Duration body_timeout = Duration::seconds(60);
  Duration idle_timeout = Duration::seconds(75);
};

struct NumberedRequest {
  RequestNumber number;
  Request request;
};

// The server's side of one HTTP/1.x connection, without sockets: bytes in, requests out; responses
// in, bytes out. How the bytes are cut into pieces makes no difference. Responses may be handed in
// in any order; they leave in the order of their requests.
//
// What is malformed is answered here (400, 408, 413, 415, 417, 431, 501, 505) and ends the
// connection, after the answers to what came before. Chunked and gzip bodies, HEAD, keep-alive of
// both versions, Expect: 100-continue and gzip of responses are taken care of here, too.
class Connection {
 public:
  Connection(const Limits& limits, Now opened);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  void receive(Now now, std::string_view bytes);
  std::vector<NumberedRequest> take_requests();
  // Each request that was taken is answered exactly once.
  void respond(Now now, RequestNumber number, const Response& response);
  // Bytes to write to the network.
  Bytes take_output();
  // False: enough requests wait for answers. Bytes that still come are kept, but whoever owns the
  // network should make the sender wait.
  bool wants_bytes() const;
  // All that was to be said is in the output: close with flush once it is written.
  bool wants_close() const;
  // Requests that were taken or stand ready, and have no answer yet.
  std::size_t unanswered() const;

  // The last request asked for kPeerProtocol (Request::upgrade says so). From then on bytes are no
  // longer read as HTTP. Answered by switching_protocols(), the connection is the other protocol's
  // own; any other answer ends it.
  bool upgraded() const;
  // What came after that request, as it came.
  Bytes take_upgraded_bytes();

  void on_time(Now now);
  MonoTime next_deadline() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quorate::http
