#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/address.h"
#include "master/base/text.h"
#include "master/config.h"
#include "master/flag_table.h"
#include "master/flag_values.h"
#include "master/master.h"
#include "master/peers/peers.h"
#include "master/platform/entropy.h"
#include "master/platform/event_recorder.h"
#include "master/platform/real_ports.h"
#include "master/ports/exit.h"

extern char** environ;

// quorate-master: the real ports under the master. Everything else is in the rooms.

namespace {

using quorate::Error;
using quorate::Exit;
using quorate::Result;

using quorate::platform::EventRecorder;

// Hands the loop's events to the master, and to a recorder before.
class Sink final : public quorate::platform::EventSink {
 public:
  Sink(quorate::Master& master, EventRecorder* recorder) : master_(master), recorder_(recorder) {}
  void handle(const quorate::Now& now, const quorate::Event& event) override {
    if (recorder_ != nullptr) recorder_->event(now, event);
    master_.handle(now, event);
  }

 private:
  quorate::Master& master_;
  EventRecorder* recorder_;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return quorate::failure("cannot read the file '" + path + "'");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// --ip_discovery_command: what the command prints is the address to listen at.
Result<quorate::Ipv4> discover_ip(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr)
    return quorate::failure("--ip_discovery_command: cannot run '" + command + "'");
  std::string output;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  if (const int status = pclose(pipe); status != 0)
    return quorate::failure("--ip_discovery_command: '" + command + "' failed with status " +
                            std::to_string(status));
  const std::optional<quorate::Ipv4> ip = quorate::parse_ipv4(quorate::trim(output));
  if (!ip)
    return quorate::failure("--ip_discovery_command: '" + command + "' printed '" + output +
                            "', which is not an IPv4 address");
  return *ip;
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    const std::size_t equals = entry.find('=');
    if (equals != std::string::npos)
      variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

int refuse(Exit exit, const std::string& why) {
  std::fprintf(stderr, "quorate-master: %s\n\nSee quorate-master --help.\n", why.c_str());
  return code(exit);
}

Result<quorate::platform::RealSettings> real_settings(const quorate::ParsedFlags& flags) {
  const quorate::Config& config = flags.config;
  quorate::platform::RealSettings settings;
  settings.disk_directory = config.work_dir + "/replicated_log";
  if (config.zk)
    for (const quorate::HostPort& server : config.zk->servers) {
      std::string& servers = settings.zookeeper.servers;
      servers += (servers.empty() ? "" : ",") + to_text(server);
    }
  if (config.zk && config.zk->authenticated)
    settings.zookeeper.credentials = flags.secrets.zk_user + ":" + flags.secrets.zk_password;
  settings.log.directory = config.log_dir.value_or("");
  settings.log.quiet = config.quiet;
  settings.log.least = config.logging_level;
  if (config.credentials) {
    Result<std::string> text = read_file(*config.credentials);
    if (!text) return quorate::failure("--credentials: " + text.error().text);
    settings.credentials_text = *text;
  }
  return settings;
}

// As a recording holds it: the content in the place of a file, and no password.
std::string legible(std::string_view name, const std::string& value) {
  constexpr std::string_view kFile = "file://";
  for (std::string_view prefix : {"--", "MESOS_"})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const quorate::flags::Flag* flag = quorate::flags::find(quorate::lower(name));
  if (flag == nullptr) return value;
  std::string text = value;
  if (flag->type != quorate::flags::Type::Path && value.starts_with(kFile))
    text = std::string(quorate::trim(read_file(value.substr(kFile.size())).value_or("")));
  if (flag->type != quorate::flags::Type::ZkUrl) return text;
  const auto url = quorate::flags::parse_value(flag->type, text);
  return url ? quorate::flags::shown_value(flag->type, *url) : "***";
}

// --record_dir. None: nothing is recorded.
Result<std::unique_ptr<EventRecorder>> recorder(const quorate::Config& config,
                                                const std::vector<std::string>& arguments,
                                                const std::map<std::string, std::string>& variables,
                                                std::uint64_t seed, const quorate::Ports& ports) {
  if (!config.record_dir) return nullptr;
  quorate::platform::RecorderSettings settings;
  settings.directory = *config.record_dir;
  settings.bytes_max = config.record_limit_bytes;
  settings.version = QUORATE_VERSION;
  settings.seed = seed;
  settings.link_token = quorate::peers::kUpgradeToken;
  for (const std::string& argument : arguments) {
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(0, equals);
    // What the command found is part of the past.
    if (name == "--ip_discovery_command" && config.ip)
      settings.arguments.push_back("--ip=" + to_text(*config.ip));
    else if (equals == argument.size())
      settings.arguments.push_back(argument);
    else
      settings.arguments.push_back(name + "=" + legible(name, argument.substr(equals + 1)));
  }
  for (const auto& [name, value] : variables)
    if (name.starts_with("MESOS_") || name.starts_with("LIBPROCESS_"))
      settings.environment[name] = legible(name, value);
  return EventRecorder::make(settings, ports);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  Result<quorate::ParsedFlags> flags = quorate::parse_config(arguments, environment(), &read_file);
  if (!flags) return refuse(Exit::Usage, flags.error().text);
  if (!flags->print.empty()) {
    std::fputs(flags->print.c_str(), stdout);
    return 0;
  }
  Result<quorate::platform::RealSettings> settings = real_settings(*flags);
  if (!settings) return refuse(Exit::Usage, settings.error().text);
  if (flags->config.ip_discovery_command) {
    Result<quorate::Ipv4> ip = discover_ip(*flags->config.ip_discovery_command);
    if (!ip) return refuse(Exit::Configuration, ip.error().text);
    flags->config.ip = *ip;
  }
  auto real = quorate::platform::RealPorts::make(*settings);
  if (!real) return refuse(Exit::Configuration, real.error().text);

  const std::uint64_t seed = quorate::platform::seed();
  const auto record = recorder(flags->config, arguments, environment(), seed, (*real)->ports());
  if (!record) return refuse(Exit::Configuration, record.error().text);
  quorate::Master master(flags->config, *record ? (*record)->ports() : (*real)->ports(), seed);
  Sink sink(master, record->get());
  const quorate::Now now = quorate::platform::EventLoop::now();
  if (*record) (*record)->started(now);
  master.start(now);
  (*real)->loop().run(sink);
  return 0;
}
