#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "master/base/address.h"
#include "master/base/text.h"
#include "master/config.h"
#include "master/master.h"
#include "master/platform/entropy.h"
#include "master/platform/real_ports.h"
#include "master/ports/exit.h"

extern char** environ;

// quorate-master: the real ports under the master. Everything else is in the rooms.

namespace {

using quorate::Error;
using quorate::Exit;
using quorate::Result;

// Hands the loop's events to the master.
class Sink final : public quorate::platform::EventSink {
 public:
  explicit Sink(quorate::Master& master) : master_(master) {}
  void handle(const quorate::Now& now, const quorate::Event& event) override {
    master_.handle(now, event);
  }

 private:
  quorate::Master& master_;
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

  quorate::Master master(flags->config, (*real)->ports(), quorate::platform::seed());
  Sink sink(master);
  master.start(quorate::platform::EventLoop::now());
  (*real)->loop().run(sink);
  return 0;
}
