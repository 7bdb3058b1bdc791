#include "sim/linearizability.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "master/base/check.h"
#include "sim/register_zones.h"

namespace quorate::sim {
namespace {

using Number = std::uint32_t;
using Numbers = std::vector<Number>;  // sorted

bool has(const Numbers& numbers, Number n) {
  return std::binary_search(numbers.begin(), numbers.end(), n);
}
void put(Numbers& numbers, Number n) {
  numbers.insert(std::lower_bound(numbers.begin(), numbers.end(), n), n);
}
bool take(Numbers& numbers, Number n) {
  auto at = std::lower_bound(numbers.begin(), numbers.end(), n);
  if (at == numbers.end() || *at != n) return false;
  numbers.erase(at);
  return true;
}
bool within(const Numbers& few, const Numbers& many) {
  return std::includes(many.begin(), many.end(), few.begin(), few.end());
}

void put_all(Numbers& numbers, const Numbers& more) {
  Numbers out;
  std::set_union(numbers.begin(), numbers.end(), more.begin(), more.end(), std::back_inserter(out));
  numbers = std::move(out);
}

// How things may stand: the registry's state, and which of the operations under way have had their
// effect.
struct Configuration {
  Number state = 0;
  Numbers unknown, writes, reads;
  // New schedules under way that may have had their effect, unseen, just before a later one
  // replaced it, or may still have it: one configuration for all these ways.
  Numbers either;
};

// Whatever can follow `b` can follow `a` as well: an unknown outcome may still come but need not,
// and a read that has had its turn changes nothing.
bool makes_needless(const Configuration& a, const Configuration& b) {
  if (a.state != b.state || !within(a.unknown, b.unknown) || !within(b.reads, a.reads))
    return false;
  if (!within(a.writes, b.writes)) return false;
  Numbers all = a.writes;
  put_all(all, a.either);
  return within(b.writes, all) && within(b.either, all);
}

class Configurations {
 public:
  bool add(Configuration fresh) {
    std::vector<Configuration>& same = by_state_[fresh.state];
    for (const Configuration& known : same)
      if (makes_needless(known, fresh)) return false;
    std::erase_if(same, [&](const Configuration& known) { return makes_needless(fresh, known); });
    same.push_back(std::move(fresh));
    return true;
  }
  bool empty() const { return by_state_.empty(); }
  const std::map<Number, std::vector<Configuration>>& by_state() const { return by_state_; }

 private:
  std::map<Number, std::vector<Configuration>> by_state_;
};

class Search {
 public:
  Search(const std::vector<RegistryOperation>& operations, std::uint64_t budget)
      : operations_(operations), budget_(budget) {
    for (const RegistryOperation& operation : operations_) keys_.push_back(key(operation));
    now_.add({intern({}), {}, {}, {}, {}});
  }

  LinearVerdict run() {
    for (const Moment& moment : moments()) {
      if (!moment.end) {
        put(under_way(moment.operation), moment.operation);
        count_modes(moment.operation, 1);
        continue;
      }
      Configurations next = at_the_end_of(moment.operation);
      if (verdict_.tried > budget_) return gave_up();
      if (next.empty()) return violated(moment.operation);
      now_ = std::move(next);
      take(under_way(moment.operation), moment.operation);
      count_modes(moment.operation, -1);
    }
    return verdict_;
  }

 private:
  // Beginnings stand before ends of the same time: what touches may have been side by side.
  struct Moment {
    SimTime at;
    bool end;
    Number operation;
    auto operator<=>(const Moment&) const = default;
  };
  std::vector<Moment> moments() const {
    std::vector<Moment> out;
    for (Number i = 0; i < operations_.size(); ++i) {
      CHECK(!operations_[i].reads() || !operations_[i].unknown());
      out.push_back({operations_[i].begins, false, i});
      if (!operations_[i].unknown()) out.push_back({operations_[i].ends, true, i});
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  Numbers& under_way(Number i) {
    if (operations_[i].reads()) return reads_;
    return operations_[i].unknown() ? unknown_ : writes_;
  }
  void count_modes(Number i, int by) {
    RegistryCall call = operations_[i].call;
    if (call == RegistryCall::Down || call == RegistryCall::Up) modes_under_way_ += by;
  }

  struct Open {
    Configuration configuration;
    bool replaced = false;  // by a new schedule that no read has shown
  };
  // All ways in which `last`, which ends now, can have had its effect.
  Configurations at_the_end_of(Number last) {
    Configurations out, seen;
    std::deque<Open> open;
    auto found = [&](Configuration c, bool replaced) {
      if (take(c.writes, last) || take(c.reads, last)) {
        out.add(std::move(c));
        return;
      }
      if (take(c.either, last)) out.add(c);
      if (seen.add(c)) open.push_back({std::move(c), replaced});
    };
    for (const auto& [state, configurations] : now_.by_state())
      for (Configuration c : configurations) {
        read_all(c);
        found(std::move(c), false);
      }
    while (!open.empty() && verdict_.tried <= budget_) {
      const auto [c, replaced] = std::move(open.front());
      open.pop_front();
      for (const Numbers* some : {&writes_, &unknown_})
        for (Number j : *some) {
          auto next = next_by(c, replaced, j, last);
          if (!next) continue;
          bool unseen = replaces(j) && next->reads.size() == c.reads.size();
          found(std::move(*next), unseen);
        }
    }
    return out;
  }

  // `j` has its effect, on the way to the end of `last`. Nothing: it cannot, or that would lead to
  // what is tried anyway.
  std::optional<Configuration> next_by(const Configuration& c, bool replaced, Number j,
                                       Number last) {
    if (j != last && !useful(j)) return std::nullopt;
    if (replaced && replaces(j)) return std::nullopt;
    if (has_unused_twin(c, j) || has(c.writes, j) || has(c.unknown, j)) return std::nullopt;
    return step(c, j);
  }

  // Of unknown outcomes that would do the same, the oldest comes first.
  bool has_unused_twin(const Configuration& c, Number j) const {
    if (!operations_[j].unknown()) return false;
    for (Number k : unknown_) {
      if (k >= j) return false;
      bool twins = keys_[k] == keys_[j] && operations_[k].call == operations_[j].call;
      if (twins && !has(c.unknown, k)) return true;
    }
    return false;
  }
  bool replaces(Number operation) const {
    return operations_[operation].call == RegistryCall::Replace;
  }

  // `j` has its effect.
  std::optional<Configuration> step(const Configuration& c, Number j) {
    auto state = transition(c.state, j);
    if (!state) return std::nullopt;
    Configuration next = c;
    next.state = *state;
    take(next.either, j);
    put(operations_[j].unknown() ? next.unknown : next.writes, j);
    if (replaces(j))
      for (Number k : writes_)
        if (replaces(k) && !has(next.writes, k) && !has(next.either, k) && transition(c.state, k))
          put(next.either, k);
    read_all(next);
    return next;
  }

  // A read changes nothing, so each that shows this state takes its turn at once.
  void read_all(Configuration& c) {
    for (Number j : reads_)
      if (!has(c.reads, j) && transition(c.state, j)) put(c.reads, j);
  }

  // A new schedule that no read under way shows is as good after this moment as before: the one
  // that replaces it does not need it (`either`).
  bool useful(Number operation) const {
    if (modes_under_way_ > 0 || !replaces(operation)) return true;
    return std::any_of(reads_.begin(), reads_.end(),
                       [&](Number read) { return keys_[read] == keys_[operation]; });
  }

  // The state after; states are numbered as they turn up.
  std::optional<Number> transition(Number state, Number operation) {
    ++verdict_.tried;
    if (operations_[operation].reads() && keys_[operation] != state_keys_[state])
      return std::nullopt;
    auto next = after(*states_[state], operations_[operation]);
    if (!next) return std::nullopt;
    return intern(*next);
  }
  Number intern(const RegistryModel& model) {
    auto [at, fresh] = numbers_.try_emplace(model, static_cast<Number>(states_.size()));
    if (!fresh) return at->second;
    states_.push_back(&at->first);
    std::vector<std::string> machines;
    for (const auto& [machine, down] : model) machines.push_back(machine);
    state_keys_.push_back(number(std::move(machines)));
    return at->second;
  }
  // All machines that it names, numbered.
  Number key(const RegistryOperation& operation) {
    std::vector<std::string> all = operation.machines;
    if (operation.call == RegistryCall::ReadStatus)
      all.insert(all.end(), operation.down.begin(), operation.down.end());
    std::sort(all.begin(), all.end());
    return number(std::move(all));
  }
  Number number(std::vector<std::string> machines) {
    auto next = static_cast<Number>(keys_of_.size());
    return keys_of_.try_emplace(std::move(machines), next).first->second;
  }

  std::string states() const {
    std::string out;
    std::size_t shown = 0;
    for (const auto& [state, configurations] : now_.by_state()) {
      if (shown == 3) return out + " or others";
      out += (shown++ == 0 ? "" : " or ") + to_text(*states_[state]);
    }
    return out;
  }
  LinearVerdict violated(Number operation) {
    verdict_.result = LinearResult::Violated;
    verdict_.text = to_text(operations_[operation]) +
                    " fits no order of what was asked and answered; just before its end the "
                    "registry was " +
                    states();
    return verdict_;
  }
  LinearVerdict gave_up() {
    verdict_.result = LinearResult::GaveUp;
    verdict_.text = "more than " + std::to_string(budget_) + " transitions for " +
                    std::to_string(operations_.size()) +
                    " operations; whether they are "
                    "linearizable is not known";
    return verdict_;
  }

  const std::vector<RegistryOperation>& operations_;
  std::uint64_t budget_;
  Numbers keys_;        // of each operation
  Numbers state_keys_;  // of each state
  std::map<std::vector<std::string>, Number> keys_of_;
  std::map<RegistryModel, Number> numbers_;
  std::vector<const RegistryModel*> states_;
  Numbers unknown_, writes_, reads_;  // under way
  int modes_under_way_ = 0;           // of Down and Up
  Configurations now_;
  LinearVerdict verdict_;
};

}  // namespace

LinearVerdict check_linearizable(const std::vector<RegistryOperation>& operations,
                                 std::uint64_t budget) {
  if (auto verdict = check_register(operations)) return *std::move(verdict);
  return search_linearizable(operations, budget);
}

LinearVerdict search_linearizable(const std::vector<RegistryOperation>& operations,
                                  std::uint64_t budget) {
  return Search(operations, budget).run();
}

}  // namespace quorate::sim
