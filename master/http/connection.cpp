#include "master/http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <deque>
#include <optional>

#include "master/base/check.h"
#include "master/base/text.h"
#include "master/http/gzip.h"

namespace quorate::http {
namespace {

namespace beast = boost::beast;
using BeastError = beast::http::error;
using beast::error_code;

// How long a refused body is still taken and thrown away, so that the client reads our answer
// instead of a reset connection.
constexpr Duration kLinger = Duration::seconds(2);

// One message. Fields of trailers are not kept: they come after the decisions that fields make.
class MessageParser final : public beast::http::basic_parser<true> {
 public:
  explicit MessageParser(const Limits& limits) : body_bytes_max_(limits.body_bytes_max) {
    // Beast counts its limit anew with every call, so ours is counted outside; this one is only far
    // enough.
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + 64));
    body_limit(boost::none);
    eager(false);  // stops after the header, for checks before any body is believed
  }

  std::string method, target;
  Target parsed_target;  // once the header was looked at
  unsigned version_number = 11;
  Headers fields;
  Bytes body;

 private:
  using View = beast::string_view;

  void on_request_impl(beast::http::verb, View method_text, View target_text, int version,
                       error_code&) override {
    method.assign(method_text.data(), method_text.size());
    target.assign(target_text.data(), target_text.size());
    version_number = static_cast<unsigned>(version);
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_field_impl(beast::http::field, View name, View value, error_code&) override {
    if (in_header_) fields.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(error_code&) override { in_header_ = false; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, View, error_code& error) override {
    if (size > body_bytes_max_ - body.size()) error = BeastError::body_limit;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  std::size_t body_bytes_max_;
  bool in_header_ = true;
};

struct Refusal {
  int status = 400;
  std::string why;
};

Refusal refusal(const error_code& error) {
  if (error == BeastError::header_limit) return {431, "the request line and header are too large"};
  if (error == BeastError::body_limit) return {413, "the body is too large"};
  return {400, fmt::format("the request is malformed: {}", error.message())};
}

// "GET / HTTP/2.0" is a fine request line of a version that we do not speak.
bool has_other_version(std::string_view bytes) {
  std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  std::size_t at = line.rfind(" HTTP/");
  if (at == std::string_view::npos || line.size() != at + 9) return false;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return digit(line[at + 6]) && line[at + 7] == '.' && digit(line[at + 8]);
}

// What Beast lets pass although two readers could see two different messages in it, or although we
// would not know what the body means.
std::optional<Refusal> unsafe_framing(const MessageParser& head) {
  std::size_t encodings = head.fields.count("Transfer-Encoding");
  std::size_t lengths = head.fields.count("Content-Length");
  if (lengths > 1 ||
      (lengths == 1 && head.fields.find("Content-Length")->find(',') != std::string::npos))
    return Refusal{400, "more than one Content-Length"};
  if (encodings == 0) return std::nullopt;
  if (lengths > 0) return Refusal{400, "both Content-Length and Transfer-Encoding"};
  const std::string& encoding = *head.fields.find("Transfer-Encoding");
  if (encodings > 1 || !equals_ignoring_case(encoding, "chunked"))
    return Refusal{501,
                   fmt::format("Transfer-Encoding '{}': only 'chunked' is understood", encoding)};
  if (head.version_number < 11) return Refusal{400, "Transfer-Encoding needs HTTP/1.1"};
  return std::nullopt;
}

std::optional<Refusal> unwanted_head(MessageParser& head, const Limits& limits) {
  std::optional<Refusal> unsafe = unsafe_framing(head);
  if (unsafe) return unsafe;
  Result<Target> target = parse_target(head.target);
  if (!target) return Refusal{400, "request target " + target.error().text};
  head.parsed_target = std::move(*target);
  auto length = head.content_length();
  if (length && *length > limits.body_bytes_max)
    return Refusal{413, fmt::format("the body has {} bytes; at most {} are taken", *length,
                                    limits.body_bytes_max)};
  const std::string* expectation = head.fields.find("Expect");
  if (expectation != nullptr && !equals_ignoring_case(*expectation, "100-continue"))
    return Refusal{417,
                   fmt::format("Expect '{}': only '100-continue' is understood", *expectation)};
  return std::nullopt;
}

std::optional<Refusal> decode_body(const Headers& fields, std::size_t bytes_max, Bytes& body) {
  const std::string* encoding = fields.find("Content-Encoding");
  if (encoding == nullptr || body.empty() || equals_ignoring_case(*encoding, "identity"))
    return std::nullopt;
  if (!equals_ignoring_case(*encoding, "gzip") && !equals_ignoring_case(*encoding, "x-gzip"))
    return Refusal{415, fmt::format("Content-Encoding '{}': only gzip is understood", *encoding)};
  Inflated inflated = gunzip(body, bytes_max);
  if (inflated.outcome == Inflation::TooLarge)
    return Refusal{413, fmt::format("the inflated body has more than {} bytes", bytes_max)};
  if (inflated.outcome == Inflation::Damaged)
    return Refusal{400, "the body is no whole gzip stream"};
  body = std::move(inflated.bytes);
  return std::nullopt;
}

bool asks_for_peer_protocol(const MessageParser& head) {
  const std::string* upgrade = head.fields.find("Upgrade");
  // "Connection: Upgrade" may come without saying to what.
  return upgrade != nullptr && head.upgrade() && equals_ignoring_case(*upgrade, kPeerProtocol);
}

Request make_request(MessageParser& message) {
  Request request;
  request.method = std::move(message.method);
  request.target = std::move(message.target);
  request.path = std::move(message.parsed_target.path);
  request.query = std::move(message.parsed_target.query);
  request.fragment = std::move(message.parsed_target.fragment);
  request.headers = std::move(message.fields);
  request.body = std::move(message.body);
  request.version = message.version_number;
  return request;
}

}  // namespace

struct Connection::State {
  enum class Phase : std::uint8_t { Head, Body, Upgraded, Ended };

  // The place of one answer in the order of the answers.
  struct Slot {
    RequestNumber number;
    ResponseForm form;
    bool upgrade = false;
    std::optional<Bytes> bytes;  // what to send; none: not answered yet
    bool closes = false;
  };

  State(const Limits& l, Now opened) : limits(l), idle_since(opened.mono) {}

  std::string_view unread() const { return std::string_view(in).substr(in_at); }

  void advance(Now now) {
    while (phase == Phase::Head ? read_head(now) : phase == Phase::Body && read_body(now)) {}
    if (phase == Phase::Upgraded) upgraded_bytes.append(unread());
    if (phase == Phase::Upgraded || phase == Phase::Ended) in_at = in.size();
    in.erase(0, std::exchange(in_at, 0));
    flush(now);
  }

  // The readers return whether they may be called again at once.
  bool read_head(Now now) {
    if (slots.size() >= limits.pipelined_max) return false;
    if (!parser) {
      while (in_at < in.size() && (in[in_at] == '\r' || in[in_at] == '\n')) ++in_at;
      if (unread().empty()) return false;
      parser = std::make_unique<MessageParser>(limits);
      head_bytes = 0;
      since = now.mono;
    }

    error_code error;
    std::string_view bytes = unread();
    std::size_t used = parser->put({bytes.data(), bytes.size()}, error);
    head_bytes += used;
    bool incomplete = error == BeastError::need_more;
    if (head_bytes + (incomplete ? bytes.size() - used : 0) > limits.header_bytes_max)
      return fail(now, refusal(BeastError::header_limit));
    in_at += used;
    if (incomplete) return false;
    if (error == BeastError::bad_version && has_other_version(bytes))
      return fail(now, {505, "HTTP/1.0 and HTTP/1.1 are spoken here"});
    if (error) return fail(now, refusal(error));
    CHECK(parser->is_header_done());
    return begin_body(now);
  }

  bool begin_body(Now now) {
    std::optional<Refusal> unwanted = unwanted_head(*parser, limits);
    if (unwanted) {
      if (unwanted->status == 413) discard_bytes = *parser->content_length();
      return fail(now, *unwanted);
    }
    keep_alive = parser->keep_alive();
    upgrade = asks_for_peer_protocol(*parser);
    if (parser->is_done()) return complete(now);

    if (parser->fields.has("Expect") && parser->version_number >= 11)
      slots.push_back({{}, {}, false, "HTTP/1.1 100 Continue\r\n\r\n", false});
    parser->eager(true);
    phase = Phase::Body;
    since = now.mono;
    return true;
  }

  bool read_body(Now now) {
    std::string_view bytes = unread();
    if (bytes.empty()) return false;
    error_code error;
    in_at += parser->put({bytes.data(), bytes.size()}, error);
    if (error == BeastError::need_more) {
      // Beast waits for the end of a chunk's line or of the trailers without any limit.
      if (unread().size() <= limits.header_bytes_max) return false;
      return fail(now, {400, "the line of a chunk or the trailer is too large"});
    }
    if (error) return fail(now, refusal(error));
    return parser->is_done() ? complete(now) : true;
  }

  bool complete(Now now) {
    Request request = make_request(*parser);
    std::optional<Refusal> undecodable =
        decode_body(request.headers, limits.body_bytes_max, request.body);
    if (undecodable) return fail(now, *undecodable);
    request.keep_alive = keep_alive;
    if (upgrade) request.upgrade = kPeerProtocol;

    last_number = last_number.next();
    slots.push_back({last_number, form_for(request), upgrade, std::nullopt, false});
    ready.push_back({last_number, std::move(request)});
    parser.reset();
    phase = upgrade ? Phase::Upgraded : keep_alive ? Phase::Head : Phase::Ended;
    return true;
  }

  // Answers the request that is being read, and reads no other.
  bool fail(Now now, const Refusal& why) {
    ResponseForm form{.head = parser && parser->method == "HEAD",
                      .accepts_gzip = false,
                      .version = 11,
                      .close = true};
    Response response =
        text(why.status, fmt::format("{} {}. {}", why.status, reason(why.status), why.why));
    slots.push_back({{}, form, false, render(response, form, now.wall), true});
    if (discard_bytes > 0) since = now.mono;
    // What is left of the refused body here has come already.
    discard_bytes -= std::min<std::uint64_t>(discard_bytes, unread().size());
    parser.reset();
    phase = Phase::Ended;
    return false;
  }

  void flush(Now now) {
    while (!slots.empty() && slots.front().bytes && !closing) {
      out += *slots.front().bytes;
      closing = slots.front().closes;
      slots.pop_front();
      idle_since = now.mono;
    }
  }

  Limits limits;
  Phase phase = Phase::Head;
  Bytes in;
  std::size_t in_at = 0;  // bytes of `in` before this one are used up

  std::unique_ptr<MessageParser> parser;  // of the message that has begun to come
  std::size_t head_bytes = 0;
  bool keep_alive = true;
  bool upgrade = false;

  std::deque<Slot> slots;
  RequestNumber last_number;
  std::vector<NumberedRequest> ready;
  Bytes out;
  Bytes upgraded_bytes;

  bool closing = false;
  std::uint64_t discard_bytes = 0;  // of a refused body, still to come
  MonoTime since;                   // when this head, body or discarding began
  MonoTime idle_since;
};

Connection::Connection(const Limits& limits, Now opened)
    : state_(std::make_unique<State>(limits, opened)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

void Connection::receive(Now now, std::string_view bytes) {
  State& s = *state_;
  if (s.phase == State::Phase::Upgraded) {
    s.upgraded_bytes.append(bytes);
  } else if (s.phase == State::Phase::Ended) {
    s.discard_bytes -= std::min<std::uint64_t>(s.discard_bytes, bytes.size());
  } else {
    s.in.append(bytes);
    s.advance(now);
  }
}

std::vector<NumberedRequest> Connection::take_requests() {
  return std::exchange(state_->ready, {});
}

void Connection::respond(Now now, RequestNumber number, const Response& response) {
  State& s = *state_;
  auto slot = std::find_if(s.slots.begin(), s.slots.end(),
                           [&](const State::Slot& each) { return each.number == number; });
  CHECK(number.value != 0);
  CHECK(slot != s.slots.end());
  CHECK(!slot->bytes);
  bool switches = response.status == 101;
  if (switches) CHECK(slot->upgrade);
  if (slot->upgrade && !switches) slot->form.close = true;
  slot->closes = slot->form.close && !switches;
  slot->bytes = render(response, slot->form, now.wall);
  s.advance(now);
  // The place of an answer that left may be what the next request waited for.
  s.advance(now);
}

Bytes Connection::take_output() { return std::exchange(state_->out, {}); }

bool Connection::wants_bytes() const {
  bool reading = state_->phase == State::Phase::Head || state_->phase == State::Phase::Body;
  return !reading || state_->slots.size() < state_->limits.pipelined_max;
}

bool Connection::wants_close() const { return state_->closing && state_->discard_bytes == 0; }

std::size_t Connection::unanswered() const {
  return static_cast<std::size_t>(
      std::count_if(state_->slots.begin(), state_->slots.end(),
                    [](const State::Slot& slot) { return !slot.bytes; }));
}

bool Connection::upgraded() const { return state_->phase == State::Phase::Upgraded; }

Bytes Connection::take_upgraded_bytes() { return std::exchange(state_->upgraded_bytes, {}); }

void Connection::on_time(Now now) {
  State& s = *state_;
  if (now.mono < next_deadline()) return;
  if (s.phase == State::Phase::Ended) {
    s.discard_bytes = 0;
  } else if (s.parser) {
    bool in_body = s.phase == State::Phase::Body;
    s.fail(now,
           {408, in_body ? "the body did not come in time" : "the header did not come in time"});
    s.flush(now);
  } else {
    s.phase = State::Phase::Ended;
    s.closing = true;
  }
}

MonoTime Connection::next_deadline() const {
  const State& s = *state_;
  switch (s.phase) {
    case State::Phase::Head:
      if (s.parser) return s.since + s.limits.header_timeout;
      return s.slots.empty() ? s.idle_since + s.limits.idle_timeout : MonoTime::never();
    case State::Phase::Body: return s.since + s.limits.body_timeout;
    case State::Phase::Ended:
      return s.closing && s.discard_bytes > 0 ? s.since + kLinger : MonoTime::never();
    case State::Phase::Upgraded: return MonoTime::never();
  }
  return MonoTime::never();
}

}  // namespace quorate::http
