#include "bench/ensemble.h"

#include <numeric>
#include <utility>

namespace quorate::bench {
namespace {

constexpr Duration kPatience = Duration::seconds(60);
constexpr Duration kLoadPatience = Duration::minutes(10);

std::int64_t as_field(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t count(const Line& line, const std::string& name) {
  return static_cast<std::uint64_t>(line.number(name));
}

}  // namespace

std::string Ensemble::directory(std::size_t index) const {
  return options_.directory + "/replica-" + std::to_string(index + 1);
}

Result<Child> Ensemble::run(std::size_t index) const {
  ReplicaOptions replica;
  replica.directory = directory(index);
  replica.quorum = options_.replicas / 2 + 1;
  replica.sync_delay = options_.sync_delay;
  replica.keep_all = options_.keep_all;
  replica.verbose = options_.verbose;
  std::vector<std::string> arguments = to_arguments(replica);
  arguments.insert(arguments.begin(), "replica");
  return Child::start("replica " + std::to_string(index + 1), arguments);
}

Result<void> Ensemble::start() {
  Result<Child> child = run(members_.size());
  if (!child) return tl::unexpected(child.error());
  members_.push_back({std::move(*child), {}});
  return {};
}

Result<void> Ensemble::restart(std::size_t index) {
  Result<Child> child = run(index);
  if (!child) return tl::unexpected(child.error());
  members_[index].child = std::move(*child);
  return {};
}

Result<Line> Ensemble::wait_until_open(std::size_t index) {
  Member& member = members_[index];
  Result<Line> line = member.child.wait_for("opened", kPatience);
  if (line)
    member.where =
        line->text("replica") + "/" + line->text("incarnation") + "/" + line->text("address");
  return line;
}

void Ensemble::introduce(std::size_t index, const std::vector<std::size_t>& among) {
  std::string list;
  for (std::size_t member : among) list += (list.empty() ? "" : ",") + members_[member].where;
  members_[index].child.tell(Line{"members", {}}.with("list", list));
}

void Ensemble::introduce_all() {
  std::vector<std::size_t> all(members_.size());
  std::iota(all.begin(), all.end(), 0);
  for (std::size_t member : all) introduce(member, all);
}

Result<void> Ensemble::form() {
  while (size() < options_.replicas)
    if (Result<void> started = start(); !started) return started;
  for (std::size_t i = 0; i < size(); ++i)
    if (Result<Line> opened = wait_until_open(i); !opened) return tl::unexpected(opened.error());
  introduce_all();
  for (std::size_t i = 0; i < size(); ++i)
    if (Result<Line> voting = wait_until_voting(i); !voting) return tl::unexpected(voting.error());
  if (Result<Line> leads = lead(0); !leads) return tl::unexpected(leads.error());
  return {};
}

Result<Line> Ensemble::wait_until_voting(std::size_t index) {
  return members_[index].child.wait_for("voting", kPatience);
}

Result<Line> Ensemble::lead(std::size_t index) {
  members_[index].child.tell({"lead", {}});
  return members_[index].child.wait_for("established", kPatience);
}

Result<void> Ensemble::load(std::size_t leader, std::uint64_t depth, std::uint64_t size_bytes,
                            std::uint64_t appends) {
  Child& child = members_[leader].child;
  child.tell(Line{"load", {}}
                 .with("depth", as_field(depth))
                 .with("size", as_field(size_bytes))
                 .with("count", as_field(appends)));
  if (Result<Line> loaded = child.wait_for("loaded", kLoadPatience); !loaded)
    return tl::unexpected(loaded.error());
  return {};
}

void Ensemble::start_load(std::size_t leader, std::uint64_t depth, std::uint64_t size_bytes) {
  members_[leader].child.tell(Line{"load", {}}
                                  .with("depth", as_field(depth))
                                  .with("size", as_field(size_bytes))
                                  .with("count", 0));
}

Result<void> Ensemble::stop_load(std::size_t leader) {
  members_[leader].child.tell({"quiet", {}});
  if (Result<Line> loaded = members_[leader].child.wait_for("loaded", kPatience); !loaded)
    return tl::unexpected(loaded.error());
  return {};
}

Result<void> Ensemble::mark() {
  for (Member& member : members_) member.child.tell({"mark", {}});
  for (Member& member : members_)
    if (Result<Line> marked = member.child.wait_for("marked", kPatience); !marked)
      return tl::unexpected(marked.error());
  return {};
}

Result<std::vector<Line>> Ensemble::measure() {
  for (Member& member : members_) member.child.tell({"measure", {}});
  std::vector<Line> answers;
  for (Member& member : members_) {
    Result<Line> measured = member.child.wait_for("measured", kPatience);
    if (!measured) return tl::unexpected(measured.error());
    answers.push_back(std::move(*measured));
  }
  return answers;
}

Result<Standing> Ensemble::standing(std::size_t index) {
  members_[index].child.tell({"state", {}});
  Result<Line> line = members_[index].child.wait_for("stands", kPatience);
  if (!line) return tl::unexpected(line.error());
  return Standing{.learned = count(*line, "learned"),
                  .entries = count(*line, "entries"),
                  .digest = line->text("digest"),
                  .log_bytes = count(*line, "log_bytes"),
                  .log_bytes_max = count(*line, "log_bytes_max"),
                  .segments = count(*line, "segments"),
                  .resident_bytes = count(*line, "resident_bytes")};
}

Result<void> Ensemble::agree(const std::vector<std::size_t>& replicas) {
  const Result<Standing> first = standing(replicas.front());
  if (!first) return tl::unexpected(first.error());
  for (std::size_t index : replicas) {
    members_[index].child.tell(Line{"watch", {}}.with("learned", as_field(first->learned)));
    if (Result<Line> reached = members_[index].child.wait_for("reached", kPatience); !reached)
      return tl::unexpected(reached.error());
    const Result<Standing> other = standing(index);
    if (!other) return tl::unexpected(other.error());
    if (other->learned == first->learned && other->digest != first->digest)
      return failure("replica " + std::to_string(index + 1) +
                     " applied other entries than the leader: the log is wrong");
  }
  return {};
}

Result<void> Ensemble::leave(std::size_t index) {
  members_[index].child.tell({"leave", {}});
  return members_[index].child.wait_for_end(kPatience);
}

}  // namespace quorate::bench
