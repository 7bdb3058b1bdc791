#include "sim/readers.h"

#include <utility>

namespace quorate::sim {
namespace {

constexpr Duration kLeast = Duration::milliseconds(200);
constexpr Duration kMost = Duration::milliseconds(450);
constexpr std::uint64_t kSeldom = 6;  // turns between questions to who does not serve
constexpr std::uint64_t kStatus = 5;  // of so many reads one asks for the machines' modes
constexpr Duration kLimit = Duration::seconds(3);

}  // namespace

Readers::Readers(Cluster& cluster, HttpClients& clients, AnswerWatcher& watcher)
    : cluster_(cluster),
      clients_(clients),
      watcher_(watcher),
      pace_(cluster.world().stream("readers")),
      serves_(cluster.hosts().size()) {}

void Readers::begin() { cluster_.world().after(kMost, *this, {}); }

void Readers::act(const Task&) {
  ++turn_;
  serves_.resize(cluster_.hosts().size());  // a master may have come
  for (std::size_t i = 0; i < serves_.size(); ++i) {
    const Host& host = *cluster_.hosts()[i];
    if (!host.running() && !host.paused()) continue;
    if (!serves_[i] && turn_ % kSeldom != i % kSeldom) continue;
    HttpQuestion question;
    question.target = turn_ % kStatus == 0 ? "/maintenance/status" : "/maintenance/schedule";
    question.to = {host.spec().ip, host.spec().port};
    question.limit = kLimit;
    question.look = true;
    clients_.ask(*this, std::move(question));
  }
  cluster_.world().after(Duration{pace_.between(kLeast.ns, kMost.ns)}, *this, {});
}

void Readers::on_reply(std::uint64_t, const HttpQuestion& asked, const HttpReply& reply) {
  for (std::size_t i = 0; i < serves_.size(); ++i)
    if (cluster_.hosts()[i]->spec().ip == reply.from && reply.status != 0)
      serves_[i] = reply.status != 307 && reply.status != 503;
  if (reply.status == 200) ++answered_;
  watcher_.on_answer_seen(asked, reply);
}

}  // namespace quorate::sim
