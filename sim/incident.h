#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "master/base/result.h"
#include "sim/recording.h"

namespace quorate::sim {

// What a production master recorded of itself (--record_dir, docs/formats/recording.md), read into
// memory.
struct Incident {
  std::string version;
  std::uint64_t seed = 0;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  Bytes events;
};

// Makes the master that recorded it: with its flags.
class IncidentFactory final : public NodeFactory {
 public:
  explicit IncidentFactory(const Incident& incident) : incident_(incident) {}
  std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports, std::uint64_t seed) override;

 private:
  const Incident& incident_;
};

// `boot_json`: the content of that file; `pieces`: of the files of events, in order, uncompressed.
// An error says what is missing or of another version.
Result<Incident> read_incident(std::string_view boot_json, const std::vector<Bytes>& pieces);

// What a master in a replay answers to GET `path`, asked of its own HTTP interface; the head and
// the body. Nothing may be replayed after that. Empty: it does not answer (not started, or ended).
std::string ask_for(Replay& replay, const std::string& path);

}  // namespace quorate::sim
