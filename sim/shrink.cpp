#include "sim/shrink.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "master/base/text.h"
#include "sim/line_reader.h"
#include "sim/simpler_lines.h"

namespace quorate::sim {
namespace {

using Lines = std::vector<std::string>;

// A scenario as what always stays (header, masters) and the events.
struct Parts {
  Lines head;
  Lines events;
};

Parts take_apart(std::string_view text) {
  Parts out;
  bool below = false;
  for (std::string& line : split(text, '\n')) {
    const std::string_view bare = trim(without_comment(line));
    if (bare.empty()) continue;
    (below ? out.events : out.head).emplace_back(bare);
    below = below || bare.starts_with("masters ");
  }
  return out;
}

std::string put_together(const Lines& head, const Lines& events) {
  std::string out;
  for (const std::string& line : head) {
    if (line.starts_with("masters ")) out += '\n';
    out += line + '\n';
  }
  for (const std::string& line : events) out += line + '\n';
  return out;
}

class Shrinker {
 public:
  Shrinker(Parts parts, const Signature& wanted, Trial& trial, std::size_t batch)
      : head_(std::move(parts.head)),
        events_(std::move(parts.events)),
        wanted_(wanted),
        trial_(trial),
        batch_(std::max<std::size_t>(batch, 1)) {
    out_.events_before = events_.size();
  }

  Shrunk work() {
    out_.reproduced = first_that_fails({{head_, events_}}) == 0;
    if (out_.reproduced) {
      bool smaller = true;
      while (smaller && !trial_.out_of_time()) {
        fewer_events();
        smaller = simpler_head();
        smaller = simpler_events() || smaller;
      }
      explain();
    }
    out_.events = events_.size();
    out_.text = put_together(head_, events_);
    return std::move(out_);
  }

 private:
  using Candidate = std::pair<Lines, Lines>;
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::vector<Signature> run(const std::vector<Candidate>& candidates) {
    Lines texts;
    texts.reserve(candidates.size());
    for (const auto& [head, events] : candidates) texts.push_back(put_together(head, events));
    out_.runs += texts.size();
    return trial_.run(texts);
  }

  // The first of them that fails as wanted, tried `batch_` at a time.
  std::size_t first_that_fails(const std::vector<Candidate>& candidates) {
    for (std::size_t at = 0; at < candidates.size() && !trial_.out_of_time(); at += batch_) {
      const std::size_t end = std::min(candidates.size(), at + batch_);
      const auto from = candidates.begin();
      const std::vector<Signature> seen =
          run({from + static_cast<std::ptrdiff_t>(at), from + static_cast<std::ptrdiff_t>(end)});
      for (std::size_t i = 0; i < seen.size(); ++i)
        if (seen[i] == wanted_) return at + i;
    }
    return kNone;
  }

  Lines without(std::size_t from, std::size_t to) const {
    Lines left(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(from));
    left.insert(left.end(), events_.begin() + static_cast<std::ptrdiff_t>(to), events_.end());
    return left;
  }

  // Pieces of half the lines, then smaller ones; after a round of single lines in which nothing
  // could go, no single one can.
  void fewer_events() {
    std::size_t size = std::max<std::size_t>(1, events_.size() / 2);
    std::size_t kept_in_a_row = 0;
    std::size_t at = 0;
    while (!trial_.out_of_time() && !events_.empty()) {
      if (at >= events_.size()) {
        at = 0;
        trial_.progress(events_.size(), out_.runs);
        if (size > 1) kept_in_a_row = 0;  // counts single lines only
        size = std::max<std::size_t>(1, size / 2);
      }
      if (size == 1 && kept_in_a_row >= events_.size()) {
        out_.minimal = true;
        return;
      }
      std::vector<Candidate> candidates;
      for (std::size_t from = at; from < events_.size() && candidates.size() < batch_; from += size)
        candidates.emplace_back(head_, without(from, std::min(events_.size(), from + size)));
      const std::size_t found = first_that_fails(candidates);
      if (found == kNone) {
        kept_in_a_row += candidates.size();
        at += size * candidates.size();
        continue;
      }
      at += size * found;
      kept_in_a_row = 0;
      events_ = candidates[found].second;
    }
  }

  // Takes the first simpler form of a line that still fails, line after line. True: something is
  // simpler.
  bool simpler(Lines& lines, std::vector<std::string> (*forms)(const std::string&)) {
    bool any = false;
    std::size_t i = 0;
    while (i < lines.size() && !trial_.out_of_time()) {
      std::vector<Candidate> candidates;
      const std::string was = lines[i];
      for (const std::string& form : forms(was)) {
        lines[i] = form;
        candidates.emplace_back(head_, events_);
      }
      lines[i] = was;
      const std::size_t found = first_that_fails(candidates);
      if (found == kNone) {
        ++i;
        continue;
      }
      lines[i] = forms(was)[found];  // perhaps it can be simpler still
      any = true;
    }
    return any;
  }
  bool simpler_head() { return simpler(head_, &simpler_headers); }
  bool simpler_events() { return simpler(events_, &simpler_steps); }

  void explain() {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < events_.size(); ++i)
      candidates.emplace_back(head_, without(i, i + 1));
    const std::vector<Signature> seen = run(candidates);
    for (std::size_t i = 0; i < seen.size(); ++i)
      out_.needs.push_back({events_[i], to_text(seen[i])});
    out_.minimal = std::none_of(seen.begin(), seen.end(),
                                [this](const Signature& each) { return each == wanted_; });
  }

  Lines head_;
  Lines events_;
  const Signature& wanted_;
  Trial& trial_;
  std::size_t batch_;
  Shrunk out_;
};

}  // namespace

Signature signature_of(Verdict verdict, std::string_view step, std::string_view text) {
  if (verdict == Verdict::SafetyViolated) {
    const std::size_t colon = text.find(':');
    return {verdict, std::string(text.substr(0, colon == std::string_view::npos ? 40 : colon))};
  }
  const bool of_a_step =
      verdict == Verdict::LivenessViolated || verdict == Verdict::ExpectationNotMet;
  if (!of_a_step) return {verdict, {}};
  // The condition, whatever its time and its limit are.
  for (std::string_view word : {"eventually", "expect", "never", "client"})
    if (const std::size_t at = step.find(word); at != std::string_view::npos) {
      const std::string_view condition = step.substr(at);
      return {verdict, std::string(trim(condition.substr(0, condition.find(" within "))))};
    }
  return {verdict, std::string(step)};
}

std::string to_text(const Signature& signature) {
  std::string out(to_text(signature.verdict));
  if (signature.verdict == Verdict::ScenarioError) out = "no longer a scenario";
  return signature.what.empty() ? out : out + " (" + signature.what + ")";
}

std::string only_section(std::string_view text, const Scenario& scenario, std::size_t section) {
  const std::vector<Section>& all = scenario.sections;
  const std::size_t first = all.at(section).line;
  const std::size_t next = section + 1 < all.size() ? all[section + 1].line : SIZE_MAX;
  std::string out;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (number < all.front().line || (number >= first && number < next)) out += line + '\n';
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

Shrunk shrink(std::string_view text, const Signature& wanted, Trial& trial, std::size_t batch) {
  return Shrinker(take_apart(text), wanted, trial, batch).work();
}

}  // namespace quorate::sim
