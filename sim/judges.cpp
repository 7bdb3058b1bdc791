#include "sim/judges.h"

#include <algorithm>

#include "sim/observer.h"
#include "sim/registry_history.h"

namespace quorate::sim {
namespace {

// How a master mends its log is its own affair.
bool is_private(const std::string& flag) { return flag.starts_with("log_repair="); }

constexpr Duration kLookAgain = Duration::milliseconds(100);
// So long after a halt or a cut a master may still speak of what it saw before.
constexpr Duration kCatchesUp = Duration::seconds(10);

std::string plain_path(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (target.starts_with("/master/")) target.remove_prefix(7);
  return std::string(target);
}

}  // namespace

Judges::Judges(Cluster& cluster, Settings settings, const HarnessFaults& planted)
    : cluster_(cluster),
      planted_(planted),
      redirects_(leadership_, settings.session_timeout),
      fail_fast_(leadership_, settings.session_timeout),
      exits_(settings.exits),
      session_timeout_(settings.session_timeout) {}

void Judges::complain(const std::string& oracle, const std::optional<std::string>& wrong) {
  if (wrong) violations_.push_back(oracle + ": " + *wrong);
}

void Judges::look() {
  std::vector<LeadershipHistory::HostNow> hosts;
  const ZkTree& tree = cluster_.zookeeper().tree();
  if (leadership_.stale(tree)) {
    for (const auto& host : cluster_.hosts())
      hosts.push_back({host->spec().name, to_text(host->spec().ip), host->incarnation()});
    if (leadership_.look(cluster_.world().now(), tree, hosts)) next_look_ = {};
  }
  if (cluster_.world().now() < next_look_) return;
  next_look_ = cluster_.world().now() + kLookAgain;
  for (const auto& host : cluster_.hosts()) look_at(*host);
}

bool Judges::reaches_zookeeper(const Host& host) {
  for (std::size_t i = 0; i < cluster_.zookeeper().servers(); ++i) {
    Place server = cluster_.zookeeper().place(i);
    if (cluster_.zookeeper().serving(i) && cluster_.links().open(host.place(), server) &&
        cluster_.links().open(server, host.place()))
      return true;
  }
  return false;
}

bool Judges::disturbed(const Host& host) {
  if (host.paused() || slow_.contains(host.spec().name)) return true;
  const Zookeeper& zookeeper = cluster_.zookeeper();
  for (std::size_t i = 0; i < zookeeper.servers(); ++i) {
    const Place server = zookeeper.place(i);
    if (!zookeeper.serving(i) || zookeeper.lag(i).ns > 0 ||
        zookeeper.tree_of(i).zxid() != zookeeper.tree().zxid() ||
        !cluster_.links().untroubled(cluster_.world().now(), host.place(), server) ||
        !cluster_.links().untroubled(cluster_.world().now(), server, host.place()))
      return true;
  }
  return false;
}

void Judges::watch_end(Host& host) {
  auto ended = by_hand_.find({host.spec().name, host.incarnation()});
  if (ended == by_hand_.end() || !disturbed(host)) return;
  ended->second.disturbed = cluster_.world().now();
  for (std::size_t i = 0; i < cluster_.zookeeper().servers(); ++i)
    ended->second.lag = std::max(ended->second.lag, cluster_.zookeeper().lag(i));
}

Duration Judges::unaware(const RunOfMaster& run, SimTime at) const {
  Duration most;
  for (const auto& [ended, by_hand] : by_hand_) {
    const bool may_be =
        ended.host == run.host && (run.incarnation == 0 || run.incarnation == ended.incarnation);
    if (may_be && by_hand.disturbed && at <= *by_hand.disturbed + kCatchesUp)
      most = std::max(most, session_timeout_ + by_hand.lag);
  }
  return most;
}

// A lease that began on a wrong clock goes on when the clock is put right, for no longer than a
// session timeout.
bool Judges::clock_is_wrong(Host& host) const {
  if (host.clock().rate_ppb != 0) return true;
  auto was = clock_was_wrong_.find(host.spec().name);
  return was != clock_was_wrong_.end() &&
         cluster_.world().now() <= was->second + session_timeout_ + kLookAgain;
}

void Judges::look_at(Host& host) {
  SimTime now = cluster_.world().now();
  watch_end(host);
  if (host.clock().rate_ppb != 0) clock_was_wrong_[host.spec().name] = now;
  bool reaches = reaches_zookeeper(host);
  Touch& touch = touch_[host.spec().name];
  if (!reaches || host.paused()) {
    if (!touch.lost) touch.lost = now - kLookAgain;
    touch.back.reset();
  } else if (touch.lost) {
    if (!touch.back) touch.back = now;
    if (now > *touch.back + kCatchesUp) touch = {};
  }
  if (!host.running() && !host.paused()) return;
  if (skips("fail-fast") || slow_.contains(host.spec().name)) return;
  complain("fail-fast", fail_fast_.look(now, {{host.spec().name, host.incarnation()},
                                              host.clock().mono(now),
                                              reaches,
                                              host.paused(),
                                              clock_is_wrong(host),
                                              unaware({host.spec().name, host.incarnation()}, now),
                                              disturbed(host)}));
}

void Judges::answered(const HttpQuestion& asked, const HttpReply& reply) {
  auto found = std::find_if(cluster_.hosts().begin(), cluster_.hosts().end(),
                            [&](const auto& host) { return host->spec().ip == reply.from; });
  if (found == cluster_.hosts().end() || reply.status == 0) return;
  Host& host = **found;
  look();  // so that what it may know is known here as well
  SeenAnswer seen{host.spec().name,
                  plain_path(asked.target),
                  reply.status,
                  {},
                  reply.sent,
                  reply.done,
                  reply.sent,
                  clock_is_wrong(host),
                  unaware({host.spec().name, reply.incarnation}, reply.sent)};
  auto location = reply.headers.find("location");
  if (location != reply.headers.end())
    seen.location = host_in_location(cluster_.names(), location->second);
  const Touch& touch = touch_[host.spec().name];
  if (touch.lost) seen.in_touch = *touch.lost;
  if (seen.path == "/redirect" || is_leader_only(seen.path)) ++answers_;
  if (claims_to_lead(seen) && reply.incarnation != 0)
    fail_fast_.claimed({host.spec().name, reply.incarnation});
  if (!skips("redirects")) complain("redirects", redirects_.answered(seen));
  if (registry_call(asked) && reply.status == 200 && reply.incarnation != 0 && !skips("fail-fast"))
    complain("fail-fast",
             fail_fast_.confirmed({host.spec().name, reply.incarnation}, reply.sent, reply.done));
}

void Judges::befell(const faults::Fault& fault, const std::set<std::string>& hosts) {
  exits_.befell(fault.kind, hosts);
  if (fault.kind == faults::FaultKind::StartExtra ||
      !std::all_of(fault.flags.begin(), fault.flags.end(), is_private))
    exits_.flags_go_wrong();
  if (fault.kind == faults::FaultKind::SlowCpu) slow_.insert(hosts.begin(), hosts.end());
  if (is_damage(fault.kind)) damaged_.insert(hosts.begin(), hosts.end());
  if (fault.kind != faults::FaultKind::ExpireSession && fault.kind != faults::FaultKind::DeleteNode)
    return;
  for (const auto& host : cluster_.hosts())
    if (hosts.contains(host->spec().name)) {
      by_hand_[{host->spec().name, host->incarnation()}] = {};
      watch_end(*host);
    }
}

void Judges::ended(const Host& host, const ExitRecord& exit) {
  ++ends_;
  if (!skips("exits")) complain("exits", exits_.ended(host.spec().name, exit.code, exit.why));
}

void Judges::look_at_disks() {
  for (const auto& host : cluster_.hosts()) {
    std::map<std::string, Bytes> files;
    for (const auto& [name, image] : host->disk().image().files())
      files[name] = image.read(0, std::min(image.size(), image.written_end()));
    replicated_log::LogRead log = replicated_log::read_log(files);
    if (log.records.empty()) continue;
    ++disks_;
    if (!skips("chain") && !damaged_.contains(host->spec().name))
      complain("chain", chain_.look(host->spec().name, log));
    if (skips("disk use")) continue;
    ++disks_measured_;
    complain("disk use", too_much(host->spec().name, disk_use(host->disk().image(), log)));
  }
}

std::optional<std::string> Judges::idle() const {
  auto says = [](const char* oracle, const std::string& saw) {
    return "the oracle '" + std::string(oracle) + "' judged nothing, though there were " + saw;
  };
  if (answers_ > 0 && redirects_.judged() == 0) return says("redirects", "answers");
  if (leadership_.terms() > 0 && slow_.empty() && fail_fast_.judged() == 0)
    return says("fail-fast", "leaders");
  if (ends_ > 0 && exits_.judged() == 0) return says("exits", "ends of masters");
  if (disks_ > damaged_.size() && chain_.judged() == 0) return says("chain", "logs");
  if (disks_ > 0 && disks_measured_ == 0) return says("disk use", "logs");
  return std::nullopt;
}

}  // namespace quorate::sim
