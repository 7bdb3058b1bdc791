#include "sim/incident.h"

#include <utility>

#include "master/base/json.h"
#include "master/base/text.h"
#include "master/config.h"
#include "sim/master_node.h"

namespace quorate::sim {
namespace {

constexpr std::int64_t kFormat = 1;
// A connection that no recorded one can have: the masters count from 1.
constexpr ConnectionId kQuestion{kAcceptedConnectionBit | (std::uint64_t{1} << 40)};

Result<std::string> no_files(const std::string& path) {
  return failure("the recording does not hold the file " + path);
}

// What is written to the connection of the question.
class Answer final : public EffectSink {
 public:
  void on_effect(const Bytes& effect) override {
    ByteReader fields(std::string_view(effect).substr(1));
    if (static_cast<EffectKind>(effect.front()) != EffectKind::Write) return;
    if (ConnectionId(fields.u64()) == kQuestion) text += fields.sized();
  }
  std::string text;
};

}  // namespace

std::unique_ptr<Node> IncidentFactory::make(const HostSpec&, const Ports& ports,
                                            std::uint64_t seed) {
  Result<ParsedFlags> flags = parse_config(incident_.arguments, incident_.environment, &no_files);
  if (!flags) ports.process.fail_fast(Exit::Usage, flags.error().text);
  return make_master(std::move(flags->config), ports, seed);
}

Result<Incident> read_incident(std::string_view boot_json, const std::vector<Bytes>& pieces) {
  Result<Json> boot = parse_json(boot_json);
  if (!boot) return failure("boot.json: " + boot.error().text);
  const Json* format = boot->find("format");
  if (format == nullptr || format->integer() == nullptr)
    return failure("boot.json: no 'format': this is no recording of a master");
  if (*format->integer() != kFormat)
    return failure("the recording has format " + std::to_string(*format->integer()) +
                   ", this quorate-sim reads only " + std::to_string(kFormat) +
                   "; use the one of the version that recorded it");
  const Json* version = boot->find("version");
  const Json* seed = boot->find("seed");
  const Json* arguments = boot->find("arguments");
  const Json* environment = boot->find("environment");
  if (version == nullptr || version->string() == nullptr || seed == nullptr ||
      seed->string() == nullptr || arguments == nullptr || arguments->array() == nullptr ||
      environment == nullptr || environment->object() == nullptr)
    return failure("boot.json: 'version', 'seed', 'arguments' and 'environment' are needed");
  Incident incident;
  incident.version = *version->string();
  const auto number = parse_u64(*seed->string());
  if (!number) return failure("boot.json: 'seed' is no number");
  incident.seed = *number;
  for (const Json& argument : *arguments->array())
    if (argument.string() != nullptr) incident.arguments.push_back(*argument.string());
  for (const auto& [name, value] : *environment->object())
    if (value.string() != nullptr) incident.environment[name] = *value.string();
  for (const Bytes& piece : pieces) incident.events += piece;
  if (incident.events.empty()) return failure("the recording holds no events");
  return incident;
}

std::string ask_for(Replay& replay, const std::string& path) {
  Answer answer;
  replay.ask(Opened{kQuestion, {Ipv4{0x7f000001}, 1}}, answer);
  replay.ask(Received{kQuestion, "GET " + path + " HTTP/1.1\r\nHost: replay\r\n\r\n"}, answer);
  if (answer.text.empty()) replay.ask(HostStats{}, answer);  // metrics wait for them
  return std::move(answer.text);
}

}  // namespace quorate::sim
