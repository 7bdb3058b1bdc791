#include "sim/workload.h"

#include <algorithm>
#include <utility>

#include "sim/observer.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kSchedule = "/maintenance/schedule";

bool is_schedule(const HttpQuestion& asked) {
  std::string_view target = asked.target;
  if (target.starts_with("/master/")) target.remove_prefix(7);
  return target == kSchedule;
}

// Only /machine/up changes the schedule beside the schedule itself.
bool changes_schedule(const HttpQuestion& asked) {
  return asked.method == "POST" && asked.target.find("/machine/up") != std::string::npos;
}

bool is_registry_write(const HttpQuestion& asked) {
  return asked.method == "POST" &&
         (is_schedule(asked) || asked.target.find("/machine/") != std::string::npos);
}

}  // namespace

std::uint64_t Workload::ask(const ClientStep& step, const Host* to, Duration limit) {
  if (step.generated_write) return write(to, limit);
  if (to == nullptr) to = cluster_.hosts()[turn_++ % cluster_.hosts().size()].get();
  HttpQuestion question;
  question.method = step.method;
  question.target = step.path;
  question.body = step.body;
  question.to = {to->spec().ip, to->spec().port};
  question.follow = step.follow;
  question.limit = limit;

  Open open{std::nullopt, cluster_.world().now()};
  if (is_schedule(question) && question.method == "POST") {
    if (auto key = schedule_key(question.body))
      open.write = durability_.began(open.began, std::move(*key));
  } else if (changes_schedule(question)) {
    open.write = durability_.anything_began(open.began);
  }
  const HttpQuestion asked = question;
  std::uint64_t id = clients_.ask(*this, std::move(question));
  if (registry_call(asked)) ++questions_;
  history_.asked(id, asked, open.began);
  open_.emplace(id, open);
  return id;
}

std::uint64_t Workload::write(const Host* to, Duration limit) {
  ClientStep step;
  step.method = "POST";
  step.path = kSchedule;
  step.follow = true;
  std::string number = std::to_string(++generated_);
  step.body = R"({"windows":[{"machine_ids":[{"hostname":"w)" + number + R"(","ip":"10.1.)" +
              std::to_string(generated_ / 250 % 250) + "." + std::to_string(1 + generated_ % 250) +
              R"("}],"unavailability":{"start":{"nanoseconds":)" +
              std::to_string(1'800'000'000'000'000'000 + static_cast<std::int64_t>(generated_)) +
              "}}}]}";
  return ask(step, to, limit);
}

void Workload::ask_and_keep(const ClientStep& step, const Host* to, Duration limit) {
  kept_reply_.reset();
  kept_ = ask(step, to, limit);
}

bool Workload::acknowledged_since(SimTime from) const { return newest_acknowledged_began_ >= from; }

void Workload::on_reply(std::uint64_t id, const HttpQuestion& asked, const HttpReply& reply) {
  ++answers_;
  auto open = open_.extract(id);
  if (!open.empty() && reply.status == 200) {
    if (open.mapped().write) durability_.acknowledged(*open.mapped().write, reply.done);
    if (is_registry_write(asked))
      newest_acknowledged_began_ = std::max(newest_acknowledged_began_, open.mapped().began);
  }
  if (id == kept_) kept_reply_ = reply;
  if (!lost_by_plan())
    complain("linearizability", history_.answered(id, asked, reply, name_of(reply.from)));
  judge(asked, reply);
}

void Workload::observed(const HttpQuestion& asked, const HttpReply& reply) {
  if (registry_call(asked)) ++observed_;
  if (!lost_by_plan())
    complain("linearizability", history_.observed(asked, reply, name_of(reply.from)));
  judge(asked, reply);
}

bool Workload::lost_by_plan() {
  return planted_.skipped_oracle == "linearizability" ||
         (planted_.answers_dropped && ++dropping_ % 3 == 0);
}

std::optional<std::string> Workload::suspicion() const {
  if (history_.settled() + history_.open() != questions_ + observed_ ||
      history_.open() > open_.size())
    return "the history has " + std::to_string(history_.settled()) + " settled and " +
           std::to_string(history_.open()) + " open questions of " +
           std::to_string(questions_ + observed_);
  if (reads_ > 0 && durability_judged_ == 0)
    return "the oracle 'durability' judged nothing, though there were reads";
  if (reads_ > 0 && leaders_judged_ == 0)
    return "the oracle 'one effective leader' judged nothing, though there were reads";
  return std::nullopt;
}

std::string Workload::name_of(Ipv4 ip) const {
  for (const auto& host : cluster_.hosts())
    if (host->spec().ip == ip) return host->spec().name;
  return to_text(ip);
}

void Workload::complain(const std::string& oracle, const std::optional<std::string>& wrong) {
  if (wrong) violations_.push_back(oracle + ": " + *wrong);
}

void Workload::judge(const HttpQuestion& asked, const HttpReply& reply) {
  if (reply.status != 200) return;
  std::string from = name_of(reply.from);
  if (is_schedule(asked) && asked.method == "GET") {
    ++reads_;
    // Mostly the schedule is the one that was read before.
    if (reply.body != newest_schedule_) {
      newest_key_ = schedule_key(reply.body);
      newest_schedule_ = reply.body;
    }
    const auto& key = newest_key_;
    if (key && planted_.skipped_oracle != "durability") {
      ++durability_judged_;
      complain("durability", durability_.read(reply.sent, reply.done, *key, from));
    }
  }
  bool confirmed = is_schedule(asked) || is_registry_write(asked);
  if (!confirmed || planted_.skipped_oracle == "one effective leader") return;
  ++leaders_judged_;
  complain("one effective leader",
           leaders_.confirmed({from, reply.incarnation, reply.sent, reply.done}));
}

std::optional<std::string> unexpected(const ClientStep& step, const HttpReply& reply,
                                      const std::string& location_host, const NameTable& names) {
  if (!step.status) return std::nullopt;
  if (reply.status == 0) return "no answer (" + reply.failure + ")";
  if (reply.status != *step.status)
    return "status " + std::to_string(reply.status) + " instead of " +
           std::to_string(*step.status) + ", body: " + reply.body.substr(0, 200);
  if (!location_host.empty()) {
    auto header = reply.headers.find("location");
    std::string location = header == reply.headers.end() ? "" : header->second;
    if (host_in_location(names, location) != location_host)
      return "Location '" + location + "' does not point to " + location_host;
  }
  for (const std::string& text : step.contains)
    if (reply.body.find(text) == std::string::npos)
      return "no '" + text + "' in the body: " + reply.body.substr(0, 400);
  for (const std::string& text : step.lacks)
    if (reply.body.find(text) != std::string::npos)
      return "'" + text + "' in the body: " + reply.body.substr(0, 400);
  return std::nullopt;
}

}  // namespace quorate::sim
