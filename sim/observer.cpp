#include "sim/observer.h"

#include <utility>

namespace quorate::sim {
namespace {

constexpr Duration kFresh = Duration::seconds(4);
constexpr Duration kLimit = Duration::seconds(2);

}  // namespace

std::string host_in_location(const NameTable& names, std::string_view location) {
  if (location.starts_with("http:")) location.remove_prefix(5);
  if (!location.starts_with("//")) return {};
  location.remove_prefix(2);
  std::string host(location.substr(0, location.find_first_of(":/")));
  if (names.names().contains(host)) return host;
  std::optional<Ipv4> ip = parse_ipv4(host);
  for (const auto& [name, address] : names.names())
    if (ip && address == *ip) return name;
  return {};
}

Observer::Observer(Cluster& cluster, HttpClients& clients, AnswerWatcher& watcher)
    : cluster_(cluster), clients_(clients), watcher_(watcher), views_(cluster.hosts().size()) {}

void Observer::begin() { cluster_.world().after(period_, *this, {}); }

void Observer::act(const Task&) {
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (cluster_.hosts()[i]->running() && views_[i].question == 0) ask(i, "/redirect");
  cluster_.world().after(period_, *this, {});
}

void Observer::ask(std::size_t host, const char* target) {
  HttpQuestion question;
  question.target = target;
  question.to = {cluster_.hosts()[host]->spec().ip, cluster_.hosts()[host]->spec().port};
  question.limit = kLimit;
  question.look = true;
  views_[host].question = clients_.ask(*this, std::move(question));
}

void Observer::forget(const Host& host) {
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (cluster_.hosts()[i].get() == &host) views_[i] = View{};
  watcher_.on_view_changed();
}

void Observer::on_reply(std::uint64_t id, const HttpQuestion& asked, const HttpReply& reply) {
  watcher_.on_answer_seen(asked, reply);
  for (std::size_t i = 0; i < views_.size(); ++i) {
    View& view = views_[i];
    if (view.question != id) continue;
    view.question = 0;
    if (asked.target == "/redirect") {
      redirected(i, reply);
    } else {
      view.serves = reply.status == 200;
      view.at = cluster_.world().now();
    }
    watcher_.on_view_changed();
    return;
  }
}

void Observer::redirected(std::size_t host, const HttpReply& reply) {
  View& view = views_[host];
  view.heard = reply.status != 0;
  view.at = cluster_.world().now();
  view.leader = reply.status == 307 ? name_in(reply) : std::string();
  if (view.leader != cluster_.hosts()[host]->spec().name) {
    view.serves = false;
  } else {
    ask(host, "/maintenance/schedule");
  }
}

std::string Observer::name_in(const HttpReply& reply) const {
  auto location = reply.headers.find("location");
  if (location == reply.headers.end()) return {};
  return host_in_location(cluster_.names(), location->second);
}

bool Observer::knows(const Host& host) const {
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (cluster_.hosts()[i].get() == &host)
      return host.running() && views_[i].heard && cluster_.world().now() - views_[i].at < kFresh;
  return false;
}

std::string Observer::leader_of(const Host& host) const {
  for (std::size_t i = 0; i < views_.size(); ++i)
    if (cluster_.hosts()[i].get() == &host && knows(host)) return views_[i].leader;
  return {};
}

Host* Observer::one_leader() const {
  Host* found = nullptr;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    Host* host = cluster_.hosts()[i].get();
    if (leader_of(*host) != host->spec().name) continue;
    if (found != nullptr || !views_[i].serves) return nullptr;
    found = host;
  }
  return found;
}

bool Observer::no_leader() const {
  for (const auto& host : cluster_.hosts())
    if (leader_of(*host) == host->spec().name) return false;
  return true;
}

bool Observer::all_agree() const {
  std::string leader;
  for (const auto& host : cluster_.hosts()) {
    if (!host->running()) continue;
    std::string said = leader_of(*host);
    if (said.empty() || (!leader.empty() && said != leader)) return false;
    leader = said;
  }
  return !leader.empty();
}

}  // namespace quorate::sim
