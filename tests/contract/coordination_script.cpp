#include "tests/contract/coordination_script.h"

#include <algorithm>
#include <array>
#include <utility>

#include "master/base/check.h"

namespace quorate::contract {
namespace {

constexpr Duration kPatience = Duration::seconds(15);
constexpr Duration kSettle = Duration::milliseconds(25);
constexpr std::uint64_t kHandlesOfAClient = 100;
constexpr std::array<const char*, 15> kCodes = {"ok",
                                                "NoNode",
                                                "NodeExists",
                                                "BadVersion",
                                                "NotEmpty",
                                                "NoAuth",
                                                "AuthFailed",
                                                "InvalidAcl",
                                                "NoChildrenForEphemerals",
                                                "BadArguments",
                                                "ConnectionLoss",
                                                "OperationTimeout",
                                                "SessionExpired",
                                                "Closing",
                                                "Other"};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(at), text.size());
    std::string_view word = text.substr(0, end);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.empty()) out.emplace_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Duration time_of(const std::string& text) {
  std::int64_t number = std::stoll(text);
  return text.ends_with("ms") ? Duration::milliseconds(number) : Duration::seconds(number);
}

std::string time_text(Duration time) {
  std::int64_t ms = time.whole_milliseconds();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

Bytes data_of(const std::string& word) {
  if (word == "\"\"") return "";
  if (word.starts_with("big:")) return Bytes(std::stoul(word.substr(4)), 'x');
  return word;
}

std::string data_text(const Bytes& data) {
  if (data.empty()) return "\"\"";
  return data.size() > 1000 ? "big:" + std::to_string(data.size()) : data;
}

// `*` in `pattern` stands for any text.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
      if (matches(pattern.substr(1), text.substr(skip))) return true;
    return false;
  }
  return !text.empty() && pattern.front() == text.front() &&
         matches(pattern.substr(1), text.substr(1));
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

CoordinationScript::CoordinationScript(CoordinationWorld& world, const CoordinationCase& what)
    : world_(world), case_(what), base_("/" + std::string(what.name)) {}

std::vector<std::string> CoordinationScript::run() {
  make_base();
  for (const std::string& line : split(case_.script, '\n')) {
    if (line.starts_with('#')) continue;
    line_ = line;
    step(line);
    if (!mistakes_.empty()) return mistakes_;
  }
  line_ = "the end";
  finish();
  return mistakes_;
}

// A client of its own, `k`, makes the node of the case and stays.
void CoordinationScript::make_base() {
  line_ = "setup";
  step("k open 30s -> connected 30s");
  step("k create ~ -> ok ~");
}

void CoordinationScript::step(std::string_view line) {
  std::size_t arrow = line.find("->");
  std::string_view expected;
  if (arrow != std::string_view::npos) {
    expected = line.substr(arrow + 2);
    line = line.substr(0, arrow);
  }
  Words words = split(line, ' ');
  if (words.at(0) == "wait") return wait(time_of(words.at(1)));
  if (words.at(0) == "servers") return of_servers(words);
  CHECK(words.size() >= 2 && words[0].size() == 1);
  const char name = words[0][0];
  const std::string& verb = words[1];
  if (verb == "quiet") return quiet(name, words.size() > 2 ? time_of(words[2]) : kSettle * 4);
  if (verb == "same-session" || verb == "new-session")
    return sessions_differ(name, verb == "new-session");
  if (verb != "told" && !of_link(name, verb)) ask(name, words);
  if (!expected.empty()) expect(name, expected);
}

void CoordinationScript::of_servers(const Words& words) {
  if (words.at(1) == "stop") {
    world_.stop_servers();
  } else {
    CHECK(words[1] == "start");
    world_.start_servers();
  }
}

bool CoordinationScript::of_link(char name, const std::string& verb) {
  if (verb == "cut") {
    world_.cut(name);
  } else if (verb == "join") {
    world_.join(name);
  } else if (verb == "reset") {
    world_.reset(name);
  } else if (verb == "refuse") {
    world_.refuse(name);
  } else {
    return false;
  }
  return true;
}

SessionHandle CoordinationScript::handle(char name) {
  return SessionHandle(static_cast<std::uint64_t>(name) * kHandlesOfAClient +
                       clients_[name].opened);
}

void CoordinationScript::ask(char name, const Words& words) {
  Coordination& port = world_.port(name);
  const std::string& verb = words[1];
  if (verb == "open") {
    clients_[name].opened += 1;
    return port.open(handle(name), words.size() > 2 ? time_of(words[2]) : Duration::seconds(4));
  }
  if (verb == "close") return port.close(handle(name));
  ticket_ = ticket_.next();
  asked_[ticket_] = verb;
  if (verb == "auth") return port.add_auth(handle(name), ticket_);
  const std::string path = full(words.at(2) == "\"\"" ? "" : words[2]);
  const bool watch = has(words, "watch");
  std::int32_t version = -1;
  if (words.size() > 3 && words.back().starts_with('v'))
    version = std::stoi(words.back().substr(1));
  if (verb == "create") {
    CreateMode mode{has(words, "ephemeral"), has(words, "sequential"),
                    has(words, "mine") ? CoordinationAcl::CreatorAll : CoordinationAcl::Open};
    const bool plain = words.size() == 3 || words[3] == "ephemeral" || words[3] == "sequential" ||
                       words[3] == "mine";
    return port.create(handle(name), ticket_, path, plain ? "" : data_of(words[3]), mode);
  }
  if (verb == "get") return port.get(handle(name), ticket_, path, watch);
  if (verb == "exists") return port.exists(handle(name), ticket_, path, watch);
  if (verb == "children") return port.children(handle(name), ticket_, path, watch);
  if (verb == "set") return port.set(handle(name), ticket_, path, data_of(words.at(3)), version);
  if (verb == "remove") return port.remove(handle(name), ticket_, path, version);
  mistake("no such step");
}

void CoordinationScript::expect(char name, std::string_view expected) {
  const Words wanted = split(expected, ';');
  std::size_t& read = clients_[name].read;
  const std::size_t enough = read + wanted.size();
  world_.run_until([&] { return events(name).size() >= enough; }, kPatience);
  const std::vector<const Event*> all = events(name);
  for (const std::string& want : wanted) {
    if (read >= all.size()) return mistake("expected '" + want + "', but nothing came");
    const std::string got = to_text(*all[read++]);
    if (!matches(want, got)) mistake("expected '" + want + "', told '" + got + "'");
  }
}

void CoordinationScript::quiet(char name, Duration time) {
  wait(time);
  const std::vector<const Event*> all = events(name);
  for (std::size_t& read = clients_[name].read; read < all.size(); ++read)
    mistake("expected nothing, told '" + to_text(*all[read]) + "'");
}

void CoordinationScript::sessions_differ(char name, bool expected) {
  std::vector<std::int64_t> ids;
  for (const Event* event : events(name))
    if (const auto* state = std::get_if<SessionState>(event))
      if (state->phase == SessionPhase::Connected) ids.push_back(state->session_id);
  if (ids.size() < 2) return mistake("it was not connected twice");
  if ((ids[ids.size() - 1] != ids[ids.size() - 2]) != expected)
    mistake("the sessions are " + std::to_string(ids[ids.size() - 2]) + " and " +
            std::to_string(ids.back()));
}

void CoordinationScript::finish() {
  wait(kSettle);
  std::vector<char> names;
  for (const auto& [name, client] : clients_) names.push_back(name);
  for (char name : names) quiet(name, Duration{0});
}

void CoordinationScript::wait(Duration time) {
  if (time.ns > 0) world_.run_until([] { return false; }, time);
}

void CoordinationScript::mistake(const std::string& what) {
  mistakes_.push_back(line_ + ": " + what);
}

std::vector<const Event*> CoordinationScript::events(char name) const {
  std::vector<const Event*> out;
  const std::uint64_t first = static_cast<std::uint64_t>(name) * kHandlesOfAClient;
  for (const Event& event : world_.told()) {
    std::uint64_t handle = 0;
    if (const auto* reply = std::get_if<CoordinationReply>(&event)) handle = reply->handle.value;
    if (const auto* watch = std::get_if<WatchFired>(&event)) handle = watch->handle.value;
    if (const auto* state = std::get_if<SessionState>(&event)) handle = state->handle.value;
    if (handle >= first && handle < first + kHandlesOfAClient) out.push_back(&event);
  }
  return out;
}

std::vector<std::string> CoordinationScript::told(char name) {
  std::vector<std::string> out;
  for (const Event* event : events(name)) out.push_back(to_text(*event));
  return out;
}

std::string CoordinationScript::full(std::string text) const {
  for (std::size_t at; (at = text.find('~')) != std::string::npos;) text.replace(at, 1, base_);
  for (std::size_t at; (at = text.find('%')) != std::string::npos;)
    text.replace(at, 3, 1, static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
  return text;
}

std::string CoordinationScript::brief(const std::string& path) const {
  const bool ours = path == base_ || path.starts_with(base_ + "/");
  return ours ? "~" + path.substr(base_.size()) : path;
}

// The client whose session this is.
std::string CoordinationScript::owner(std::int64_t session) const {
  if (session == 0) return "";
  for (const Event& event : world_.told()) {
    const auto* state = std::get_if<SessionState>(&event);
    if (state != nullptr && state->phase == SessionPhase::Connected && state->session_id == session)
      return std::string(" of ") + static_cast<char>(state->handle.value / kHandlesOfAClient);
  }
  return " of somebody";
}

std::string CoordinationScript::to_text(const Event& event) const {
  if (const auto* reply = std::get_if<CoordinationReply>(&event)) return reply_text(*reply);
  if (const auto* watch = std::get_if<WatchFired>(&event)) {
    constexpr std::array<const char*, 4> kinds = {"created ", "deleted ", "changed ", "children "};
    return kinds.at(static_cast<std::size_t>(watch->kind)) + brief(watch->path);
  }
  const auto* state = std::get_if<SessionState>(&event);
  if (state == nullptr) return "an event of another port";
  switch (state->phase) {
    case SessionPhase::Connected: return "connected " + time_text(state->negotiated_timeout);
    case SessionPhase::Disconnected: return "disconnected";
    case SessionPhase::Expired: return "expired";
    case SessionPhase::AuthFailed: return "auth-failed";
    case SessionPhase::Closed: return "closed";
  }
  return "?";
}

std::string CoordinationScript::reply_text(const CoordinationReply& reply) const {
  std::string out = kCodes.at(static_cast<std::size_t>(reply.code));
  const std::string& verb = asked_.at(reply.ticket);
  if (reply.code != CoordinationCode::Ok) return out;
  const std::string version = " v" + std::to_string(reply.version);
  if (verb == "create") return out + " " + brief(reply.path);
  if (verb == "get")
    return out + " " + data_text(reply.data) + version + owner(reply.ephemeral_owner);
  if (verb == "exists") return out + version + owner(reply.ephemeral_owner);
  if (verb == "set") return out + version;
  if (verb != "children") return out;
  std::string names;
  for (const std::string& child : reply.children) names += (names.empty() ? "" : " ") + child;
  return out + " [" + names + "]";
}

}  // namespace quorate::contract
