#include "sim/host_ports.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

constexpr std::size_t kLogLines = 40;
constexpr Delay kLookup{Duration::microseconds(50), Duration::milliseconds(2), 10'000,
                        Duration::milliseconds(300)};

}  // namespace

HostPorts::HostPorts(World& world, const HostClock& clock, const NameTable& names,
                     const HostSpec& spec, EventSink& sink)
    : world_(world),
      clock_(clock),
      names_(names),
      spec_(spec),
      sink_(sink),
      delays_(world.stream("lookups/" + spec.name)) {}

void HostPorts::end_process() {
  process_ += 1;
  alarm_ = MonoTime::never();
  next_task_ = SimTime::never();
  answers_.clear();
  watched_.clear();
  notes_.ready = false;
  notes_.status.clear();
}

void HostPorts::put_file(const std::string& path, Bytes content) {
  files_[path] = std::move(content);
  if (watched_.contains(path)) answer(FileChanged{path});
}

// Master sets its alarm after every event, mostly to a later time: so a task that is under way for
// an earlier time stays, and looks again when it comes.
void HostPorts::wake_at(MonoTime at) {
  alarm_ = at;
  SimTime due = clock_.when(at, world_.now());
  if (due >= next_task_) return;
  next_task_ = due;
  world_.at(due, *this, {kWake, static_cast<std::uint64_t>(due.ns), process_});
}

void HostPorts::act(const Task& task) {
  if (task.b != process_) return;
  if (task.kind == kAnswer) {
    auto node = answers_.extract(task.a);
    if (!node.empty()) sink_.on_answer(std::move(node.mapped()));
    return;
  }
  if (task.a != static_cast<std::uint64_t>(next_task_.ns)) return;
  next_task_ = SimTime::never();
  if (alarm_ == MonoTime::never()) return;
  if (clock_.mono(world_.now()) < alarm_) return wake_at(alarm_);
  alarm_ = MonoTime::never();
  sink_.on_answer(Woken{});
}

void HostPorts::clock_changed() {
  next_task_ = SimTime::never();
  if (alarm_ != MonoTime::never()) wake_at(alarm_);
}

void HostPorts::answer(Event event, Duration later) {
  std::uint64_t number = next_answer_++;
  answers_.emplace(number, std::move(event));
  world_.after(kLookup.draw(delays_) + later, *this, {kAnswer, number, process_});
}

void HostPorts::answer_name(Resolved found) {
  if (names_lost_) {
    world_.felt(faults::FaultKind::LoseNames);
    found.addresses.clear();
    found.name.clear();
    found.error = "temporary failure in name resolution";
  }
  if (names_slower_.ns > 0) world_.felt(faults::FaultKind::SlowNames);
  answer(std::move(found), names_slower_);
}

void HostPorts::resolve(ResolveTicket ticket, const std::string& host_name) {
  Resolved found{ticket, {}, {}, std::nullopt};
  auto known = names_.names().find(host_name);
  if (std::optional<Ipv4> literal = parse_ipv4(host_name)) {
    found.addresses.push_back(*literal);
  } else if (known != names_.names().end()) {
    found.addresses.push_back(known->second);
  } else {
    found.error = "resolve " + host_name + ": name or service not known";
  }
  answer_name(std::move(found));
}

void HostPorts::reverse(ResolveTicket ticket, Ipv4 ip) {
  Resolved found{ticket, {}, {}, std::nullopt};
  for (const auto& [name, address] : names_.names())
    if (address == ip && found.name.empty()) found.name = name;
  if (found.name.empty()) found.error = "reverse lookup of " + to_text(ip) + ": no name";
  answer_name(std::move(found));
}

void HostPorts::own_name(ResolveTicket ticket) {
  answer(Resolved{ticket, {}, spec_.name, std::nullopt});
}

void HostPorts::read(FileTicket ticket, const std::string& path, std::uint64_t offset,
                     std::uint64_t size) {
  FileRead found{ticket, {}, 0, std::nullopt};
  auto file = files_.find(path);
  if (file == files_.end()) {
    found.error = "read " + path + ": no such file or directory";
  } else {
    found.file_size_bytes = file->second.size();
    if (offset < file->second.size()) found.bytes = file->second.substr(offset, size);
  }
  answer(std::move(found));
}

void HostPorts::watch(const std::string& path) { watched_[path] = true; }

void HostPorts::fail_fast(Exit exit, const std::string& why) { throw ProcessEnded{exit, why}; }

void HostPorts::exit(Exit exit) { throw ProcessEnded{exit, {}}; }

void HostPorts::status(const std::string& text) { notes_.status = text; }

void HostPorts::log(LogLevel level, std::string_view line) {
  if (level < notes_.least) return;
  if (world_.trace != nullptr) world_.trace->line(world_.now(), spec_.name, line);
  if (level < LogLevel::Warning) return;
  if (notes_.log.size() == kLogLines) notes_.log.erase(notes_.log.begin());
  notes_.log.emplace_back(line);
}

void HostPorts::measure_host() {
  HostStats stats;
  stats.load_1min = 0.5;
  stats.load_5min = 0.25;
  stats.load_15min = 0.125;
  stats.cpus = 4;
  stats.memory_total_bytes = std::uint64_t{8} << 30;
  stats.memory_free_bytes = std::uint64_t{4} << 30;
  answer(stats);
}

void HostPorts::verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) {
  // The simulated credentials: every principal's secret is its name backwards.
  std::string expected(principal.rbegin(), principal.rend());
  answer(Verified{ticket, !principal.empty() && secret == expected});
}

}  // namespace quorate::sim
