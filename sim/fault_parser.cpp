#include "sim/fault_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultDescription;
using faults::FaultKind;
using faults::Parameter;
using faults::Targets;

constexpr std::int64_t kBillion = 1'000'000'000;

// How each parameter begins; those with '=' are one word.
struct Begin {
  std::string_view word;
  std::uint32_t bits;
};
constexpr Begin kBegins[] = {{"in", faults::kIn},
                             {"after", faults::kAfter},
                             {"by", faults::kBy},
                             {"for", faults::kFor},
                             {"with", faults::kWith},
                             {"rate=", faults::kRate},
                             {"wall-rate=", faults::kWallRate},
                             {"jump=", faults::kForward | faults::kBackward},
                             {"leap=", faults::kLeap},
                             {"delay=", faults::kDelay},
                             {"jitter=", faults::kJitter},
                             {"bandwidth=", faults::kBandwidth}};

const Begin* begin_of(std::string_view word) {
  for (const Begin& each : kBegins) {
    const bool whole = !each.word.ends_with('=');
    if (whole ? word == each.word : word.starts_with(each.word)) return &each;
  }
  return nullptr;
}

// "1.02" is 20'000'000: up to nine digits behind the point, above 0.
std::optional<std::int64_t> parse_rate(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto whole = parse_u64(text.substr(0, point));
  std::string digits(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (!whole || *whole > 100 || digits.empty() || digits.size() > 9) return std::nullopt;
  digits.resize(9, '0');
  const auto part = parse_u64(digits);
  if (!part) return std::nullopt;
  const std::int64_t rate = static_cast<std::int64_t>(*whole * kBillion + *part);
  if (rate < kBillion / 10 || rate > 10 * kBillion) return std::nullopt;
  return rate - kBillion;
}

class FaultParser {
 public:
  FaultParser(LineReader& in, KnownNames& names, std::string_view verb)
      : in_(in), names_(names), verb_(verb) {
    for (const FaultDescription& kind : faults::fault_kinds())
      if (kind.in_scenarios && kind.verb == verb) {
        kinds_.push_back(&kind);
        known_ |= kind.required | kind.optional;
      }
  }

  Fault parse() {
    targets(kinds_.front()->targets);
    if ((known_ & faults::kPpm) != 0) {
      const std::uint64_t ppm = in_.number("how many of a million");
      if (ppm > 1'000'000) in_.mistake("expected at most 1000000: how many of a million");
      out_.ppm = static_cast<std::uint32_t>(std::min<std::uint64_t>(ppm, 1'000'000));
      given_ |= faults::kPpm;
    }
    while (!in_.at_end()) parameter();
    choose();
    return std::move(out_);
  }

 private:
  // --- Whom it befalls

  void targets(Targets wanted) {
    switch (wanted) {
      case Targets::None: return;
      case Targets::Programs: return several(NameKind::Program);
      case Targets::Masters: return several(NameKind::Master);
      case Targets::Servers: return servers();
      case Targets::OneMaster: out_.targets = {known_name(in_, names_, NameKind::Master)}; return;
      case Targets::FromTo: return from_to();
      case Targets::NewMaster: return new_master();
      case Targets::SidesOrNothing:
        if (!in_.at_end()) sides(NameKind::Any);
        return;
      case Targets::Sides: return sides(NameKind::Any);
      case Targets::HostSides: return sides(NameKind::HostOrClient);
    }
  }

  void several(NameKind kind) {
    do {
      const std::size_t column = in_.column();
      std::string name = known_name(in_, names_, kind);
      if (std::find(out_.targets.begin(), out_.targets.end(), name) != out_.targets.end())
        in_.mistake_at(column, "'" + name + "' is named twice");
      out_.targets.push_back(std::move(name));
    } while (!in_.at_end() && begin_of(in_.peek()) == nullptr &&
             in_.peek().find('=') == std::string_view::npos);
  }

  void servers() {
    const std::size_t column = in_.column();
    several(NameKind::Program);
    for (const std::string& name : out_.targets)
      if (!name.empty() && !names_.zookeeper(name))
        in_.mistake_at(column, "expected ZooKeeper servers, found '" + name + "'");
  }

  void from_to() {
    const std::size_t column = in_.column();
    for (int i = 0; i < 2; ++i) out_.targets.push_back(known_name(in_, names_, NameKind::Master));
    if (out_.targets[0] == out_.targets[1])
      in_.mistake_at(column, "expected two masters, the first to copy from and the second to");
  }

  void new_master() {
    const std::size_t column = in_.column();
    std::string name = in_.name("a new master's name");
    if (names_.master(name) || name == "client" || name.starts_with("zk") || name == "zookeeper")
      in_.mistake_at(column, "expected a name that is not in use, found '" + name + "'");
    names_.bound.insert(name);
    out_.targets.push_back(std::move(name));
  }

  void sides(NameKind kind) {
    out_.sides.push_back(side(kind));
    if (in_.accept("->")) {
      out_.one_way = true;
      out_.sides.push_back(side(kind));
      return;
    }
    if (in_.peek() != "|") in_.mistake("expected '|' or '->' and another side");
    while (in_.accept("|")) out_.sides.push_back(side(kind));
  }

  std::vector<std::string> side(NameKind kind) {
    std::vector<std::string> out;
    if (!in_.accept("{")) return {one_of_a_side(kind)};
    while (!in_.at_end() && in_.peek() != "}") out.push_back(one_of_a_side(kind));
    in_.require("}");
    if (out.empty()) in_.mistake("expected a name between '{' and '}'");
    return out;
  }

  std::string one_of_a_side(NameKind kind) {
    const std::size_t column = in_.column();
    std::string name = known_name(in_, names_, kind);
    for (const std::vector<std::string>& other : out_.sides)
      if (std::find(other.begin(), other.end(), name) != other.end())
        in_.mistake_at(column, "'" + name + "' is on two sides");
    return name;
  }

  // --- What follows

  void parameter() {
    const std::string_view word = in_.peek();
    const Begin* begin = begin_of(word);
    if (begin == nullptr || (begin->bits & known_) == 0) return unexpected(word);
    if ((begin->bits & given_) != 0)
      return in_.mistake("'" + std::string(word) + "' is a second one");
    if (!begin->word.ends_with('=')) {
      in_.word();
      given_ |= begin->bits;
      return value_of(begin->bits);
    }
    const std::string value(word.substr(begin->word.size()));
    setting(begin->bits, value, std::string(begin->word));
    in_.word();
  }

  void unexpected(std::string_view word) {
    std::string text = "expected ";
    std::vector<std::string_view> words;
    for (const Begin& each : kBegins)
      if ((each.bits & known_ & ~given_) != 0) words.push_back(each.word);
    for (std::string_view each : words) text += "'" + std::string(each) + "', ";
    text += words.empty() ? "the end of the line" : "or the end of the line";
    text += ", found '" + std::string(word) + "'";
    const std::string_view near = nearest(word.substr(0, word.find('=') + 1), words);
    const std::string_view nearer = near.empty() ? nearest(word, words) : near;
    if (!nearer.empty()) text += "; did you mean '" + std::string(nearer) + "'?";
    in_.mistake(std::move(text));
  }

  void value_of(std::uint32_t bit) {
    switch (bit) {
      case faults::kIn: {
        const std::string_view word =
            in_.one_of({"any", "metadata", "segment", "snapshot"}, "a class of files");
        out_.file = faults::parse_file_class(word).value_or(faults::FileClass::Any);
        return;
      }
      case faults::kAfter: out_.after = in_.number("a number of operations"); return;
      case faults::kBy: out_.by = in_.duration(); return;
      case faults::kFor: out_.lasting = in_.time_above_zero("'for'"); return;
      default:
        do flag();
        while (!in_.at_end() && begin_of(in_.peek()) == nullptr);
    }
  }

  void flag() {
    const std::string_view word = in_.peek();
    if (word.find('=') == std::string_view::npos || word.starts_with('-'))
      return in_.mistake("expected a master's flag like quorum=2, found '" + std::string(word) +
                         "'");
    out_.flags.emplace_back(in_.word());
    in_.accept(",");
  }

  void setting(std::uint32_t bits, std::string value, const std::string& word) {
    const auto wrong = [&](const std::string& what) {
      in_.mistake("expected " + what + ", found '" + word + value + "'");
    };
    if (bits == faults::kRate || bits == faults::kWallRate) {
      given_ |= bits;
      const auto rate = parse_rate(value);
      if (!rate) return wrong("a rate from 0.1 to 10, like " + word + "1.02");
      out_.rate_ppb = *rate;
      return;
    }
    if (bits == faults::kBandwidth) {
      given_ |= bits;
      const auto bytes = parse_u64(value);
      if (!bytes || *bytes == 0) return wrong("bytes a second, like bandwidth=20000");
      out_.bytes_per_second = *bytes;
      return;
    }
    const bool jump = bits == (faults::kForward | faults::kBackward);
    const std::string written = value;
    if (jump) {
      bits = value.starts_with('-') ? faults::kBackward : faults::kForward;
      const bool is_signed = value.starts_with('-') || value.starts_with('+');
      value = is_signed ? value.substr(1) : "";
    }
    given_ |= bits;
    const auto time = parse_time(value);
    if (!time) {
      value = written;
      return wrong(jump ? "jump=+5s or jump=-5s or the like" : word + "50ms or the like");
    }
    (bits == faults::kJitter ? out_.jitter : out_.by) = *time;
  }

  // Of the kinds with this verb the one that has just what was given.
  void choose() {
    if (in_.mistake()) return;
    for (const FaultDescription* kind : kinds_) {
      const bool enough = (kind->required & ~given_) == 0;
      const bool too_much = (given_ & ~(kind->required | kind->optional)) != 0;
      if (!enough || too_much) continue;
      out_.kind = kind->kind;
      for (const std::string& name : out_.targets)
        if (kind->targets == Targets::Masters && names_.zookeeper(name))
          in_.mistake_at(1, "'" + name + "' is a ZooKeeper server: it has no such flags");
      if (out_.kind == FaultKind::Kill && out_.after)
        for (const std::string& name : out_.targets)
          if (names_.zookeeper(name))
            in_.mistake_at(1, "'" + name + "' is a ZooKeeper server: its disk is not simulated");
      return;
    }
    std::string text = "expected '";
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      text += (i > 0 ? "' or '" : "") + std::string(kinds_[i]->form);
    in_.mistake(text + "'");
  }

  LineReader& in_;
  KnownNames& names_;
  std::string verb_;
  std::vector<const FaultDescription*> kinds_;
  std::uint32_t known_ = 0;
  std::uint32_t given_ = 0;
  Fault out_;
};

}  // namespace

std::vector<std::string_view> fault_verbs() {
  std::vector<std::string_view> out;
  for (const FaultDescription& kind : faults::fault_kinds())
    if (kind.in_scenarios && std::find(out.begin(), out.end(), kind.verb) == out.end())
      out.push_back(kind.verb);
  return out;
}

Fault parse_fault(LineReader& in, KnownNames& names, std::string_view verb) {
  return FaultParser(in, names, verb).parse();
}

}  // namespace quorate::sim
