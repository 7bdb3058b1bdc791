#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/http_client.h"
#include "sim/linearizability.h"

namespace quorate::sim {

// Which call of the registry a request is, whatever its body; nothing: it is none.
std::optional<RegistryCall> registry_call(const HttpQuestion& asked);
// The sorted machines that a body names; nothing: it is not of this call's form. Of a body of
// ReadStatus, those that drain and those that are down.
struct NamedMachines {
  std::vector<std::string> machines;
  std::vector<std::string> down;
};
std::optional<NamedMachines> machines_in(RegistryCall call, std::string_view body);

// What clients asked of the registry and what they saw: the history that is judged. A change has an
// unknown outcome when it left and no answer came, or the answer was 500; every other status but
// 200 says that nothing was changed. A refusal (400) is not judged: it is answered from what is in
// flight, which may come to nothing.
class RegistryHistory {
 public:
  void asked(std::uint64_t question, const HttpQuestion& asked, SimTime at);
  // Why the answer is none, if it is none.
  std::optional<std::string> answered(std::uint64_t question, const HttpQuestion& asked,
                                      const HttpReply& reply, const std::string& who);
  // An answer to a client that only reads.
  std::optional<std::string> observed(const HttpQuestion& asked, const HttpReply& reply,
                                      const std::string& who);

  // What is under way has an unknown outcome.
  std::vector<RegistryOperation> operations() const;
  LinearVerdict judge(std::uint64_t budget = kLinearBudget) const;

  // Questions about the registry that were put and that were answered or given up: in the end as
  // many as were put, less open(). A history that lost some is worth nothing.
  std::uint64_t questions() const { return questions_; }
  std::uint64_t settled() const { return settled_; }
  std::size_t open() const { return open_.size(); }

 private:
  const std::optional<NamedMachines>& shown_by(RegistryCall call, const std::string& body);

  std::map<std::uint64_t, RegistryOperation> open_;
  std::vector<RegistryOperation> done_;
  std::uint64_t questions_ = 0;
  std::uint64_t settled_ = 0;
  struct Shown {
    std::string body;
    std::optional<NamedMachines> machines;
  };
  std::map<RegistryCall, Shown> newest_;  // of each kind of read
};

}  // namespace quorate::sim
