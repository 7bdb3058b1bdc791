#include "sim/http_client.h"

#include <optional>
#include <utility>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

constexpr int kMostRedirects = 5;

std::optional<std::string> unchunk(std::string_view bytes) {
  std::string out;
  while (true) {
    std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    for (char c : bytes.substr(0, line)) {
      if (c == ';') break;
      int digit = c >= '0' && c <= '9'                 ? c - '0'
                  : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                       : 0;
      size = size * 16 + static_cast<std::size_t>(digit);
    }
    bytes.remove_prefix(line + 2);
    if (size == 0) return out;
    if (bytes.size() < size + 2) return std::nullopt;
    out.append(bytes.substr(0, size));
    bytes.remove_prefix(size + 2);
  }
}

bool read_head(std::string_view head, HttpReply& reply) {
  std::size_t end = head.find("\r\n");
  std::string_view status = head.substr(0, end);
  if (!status.starts_with("HTTP/1.") || status.size() < 12) return false;
  reply.status = static_cast<int>(parse_u64(status.substr(9, 3)).value_or(0));
  reply.headers.clear();
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    std::string_view line = head.substr(0, end);
    std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      reply.headers[lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  return true;
}

}  // namespace

bool parse_http_reply(std::string_view bytes, bool ended, HttpReply& reply) {
  std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return false;
  if (!read_head(bytes.substr(0, head), reply)) return false;
  std::string_view body = bytes.substr(head + 4);
  if (reply.headers.contains("transfer-encoding")) {
    auto whole = unchunk(body);
    if (!whole) return false;
    reply.body = std::move(*whole);
    return true;
  }
  auto length = reply.headers.find("content-length");
  if (length == reply.headers.end()) {
    reply.body = std::string(body);
    return ended || reply.status == 204 || reply.status == 304;
  }
  std::uint64_t size = parse_u64(length->second).value_or(0);
  if (body.size() < size) return false;
  reply.body = std::string(body.substr(0, size));
  return true;
}

HttpClients::HttpClients(Cluster& cluster)
    : cluster_(cluster),
      endpoint_(cluster.fabric().add(*this, cluster.client_place(), cluster.client_ip())) {}

std::uint64_t HttpClients::incarnation_of(Ipv4 ip) const {
  for (const auto& host : cluster_.hosts())
    if (host->spec().ip == ip) return host->incarnation();
  return 0;
}

std::uint64_t HttpClients::ask(HttpAsker& asker, HttpQuestion question) {
  std::uint64_t id = next_++;
  Conversation fresh{&asker, std::move(question), {}, {}, {}, {}, {}, 0, 0};
  auto& conversation = conversations_.emplace(id, std::move(fresh)).first->second;
  conversation.to = conversation.question.to;
  conversation.target = conversation.question.target;
  cluster_.world().after(conversation.question.limit, *this, {0, id, 0});
  dial(id, conversation);
  return id;
}

void HttpClients::dial(std::uint64_t id, Conversation& conversation) {
  conversation.received.clear();
  conversation.connection = ConnectionId(next_connection_++);
  conversation.incarnation = incarnation_of(conversation.to.ip);
  conversation.reply.sent = cluster_.world().now();
  by_connection_[conversation.connection] = id;
  cluster_.fabric().connect(endpoint_, conversation.connection, conversation.to);
}

void HttpClients::opened(std::uint64_t id, ConnectionId connection) {
  Conversation& conversation = conversations_.at(id);
  conversation.reply.left = true;
  const HttpQuestion& asked = conversation.question;
  std::string text = asked.method + " " + conversation.target +
                     " HTTP/1.1\r\nHost: " + to_text(conversation.to) + "\r\nConnection: close\r\n";
  if (!asked.body.empty() || asked.method == "POST")
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(asked.body.size()) +
        "\r\n";
  text += "\r\n" + asked.body;
  writing_look_ = asked.look;
  cluster_.fabric().write(endpoint_, connection, std::move(text));
  writing_look_ = false;
}

void HttpClients::on_network(Event event) {
  auto owner = [this](ConnectionId connection) {
    auto found = by_connection_.find(connection);
    return found == by_connection_.end() ? 0 : found->second;
  };
  if (const auto* open = std::get_if<Opened>(&event)) {
    if (std::uint64_t id = owner(open->connection); id != 0) opened(id, open->connection);
  } else if (const auto* refused = std::get_if<Refused>(&event)) {
    if (std::uint64_t id = owner(refused->connection); id != 0) finish(id, refused->why);
  } else if (auto* received = std::get_if<Received>(&event)) {
    std::uint64_t id = owner(received->connection);
    if (id == 0) return;
    conversations_.at(id).received += received->bytes;
    look(id, false);
  } else if (const auto* closed = std::get_if<Closed>(&event)) {
    if (std::uint64_t id = owner(closed->connection); id != 0) look(id, true);
  }
}

void HttpClients::look(std::uint64_t id, bool ended) {
  Conversation& conversation = conversations_.at(id);
  if (!parse_http_reply(conversation.received, ended, conversation.reply)) {
    conversation.reply.status = 0;
    if (ended) finish(id, "the connection ended before the answer");
    return;
  }
  if (!redirected(id, conversation)) finish(id, {});
}

bool HttpClients::redirected(std::uint64_t id, Conversation& conversation) {
  if (!conversation.question.follow || conversation.reply.status != 307) return false;
  std::string_view location = conversation.reply.headers["location"];
  if (location.starts_with("http:")) location.remove_prefix(5);
  if (!location.starts_with("//") || ++conversation.redirects > kMostRedirects) return false;
  location.remove_prefix(2);
  std::string_view authority = location.substr(0, location.find('/'));
  std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string name(authority.substr(0, colon));
  auto known = cluster_.names().names().find(name);
  auto ip =
      known != cluster_.names().names().end() ? std::optional(known->second) : parse_ipv4(name);
  auto port = parse_u64(authority.substr(colon + 1));
  if (!ip || !port) return false;
  cluster_.fabric().close(endpoint_, conversation.connection, false);
  by_connection_.erase(conversation.connection);
  conversation.to = {*ip, static_cast<std::uint16_t>(*port)};
  if (authority.size() < location.size()) conversation.target = location.substr(authority.size());
  conversation.reply = HttpReply{};
  dial(id, conversation);
  return true;
}

void HttpClients::finish(std::uint64_t id, std::string failure) {
  auto node = conversations_.extract(id);
  Conversation& conversation = node.mapped();
  cluster_.fabric().close(endpoint_, conversation.connection, false);
  by_connection_.erase(conversation.connection);
  HttpReply& reply = conversation.reply;
  reply.failure = std::move(failure);
  if (!reply.failure.empty()) reply.status = 0;
  reply.from = conversation.to.ip;
  reply.done = cluster_.world().now();
  bool same = incarnation_of(reply.from) == conversation.incarnation;
  reply.incarnation = same ? conversation.incarnation : 0;
  conversation.asker->on_reply(id, conversation.question, reply);
}

void HttpClients::act(const Task& task) {
  if (conversations_.contains(task.a)) finish(task.a, "no answer in time");
}

}  // namespace quorate::sim
