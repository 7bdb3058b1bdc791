#include "sim/master_node.h"

#include <utility>

#include "master/config.h"
#include "master/master.h"

namespace quorate::sim {
namespace {

class MasterNode final : public Node {
 public:
  MasterNode(Config config, const Ports& ports, std::uint64_t seed)
      : master_(std::move(config), ports, seed) {}
  void start(Now now) override { master_.start(now); }
  void handle(Now now, const Event& event) override { master_.handle(now, event); }
  Glance glance() const override { return master_.glance(); }

 private:
  Master master_;
};

Result<std::string> no_files(const std::string& path) {
  return failure("the simulated host has no file " + path);
}

}  // namespace

std::unique_ptr<Node> make_master(Config config, const Ports& ports, std::uint64_t seed) {
  return std::make_unique<MasterNode>(std::move(config), ports, seed);
}

std::unique_ptr<Node> MasterFactory::make(const HostSpec& spec, const Ports& ports,
                                          std::uint64_t seed) {
  Result<ParsedFlags> flags = parse_config(spec.flags, {}, &no_files);
  if (!flags) ports.process.fail_fast(Exit::Usage, flags.error().text);
  return make_master(std::move(flags->config), ports, seed);
}

}  // namespace quorate::sim
