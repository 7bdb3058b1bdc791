#include "master/config.h"

#include <gtest/gtest.h>

#include "master/flag_table.h"

namespace quorate {
namespace {

using Environment = std::map<std::string, std::string>;

Result<std::string> read_fake_file(const std::string& path) {
  if (path == "/etc/zk") return std::string(" zk://user:se@cret@zk1:2181,zk2:2182/mesos/ \n");
  if (path == "/etc/quorum") return std::string("3\n");
  if (path == "/etc/domain") {
    return std::string(R"({ "fault_domain": {"zone":{"name":"a"}, "region":{"name":"eu"}} })");
  }
  return failure("cannot read " + path + ": no such file");
}

Result<ParsedFlags> parse(std::vector<std::string> arguments, const Environment& environment = {}) {
  return parse_config(arguments, environment, read_fake_file);
}

// A stand-alone master with what it needs, and these flags.
Config good(std::vector<std::string> arguments, const Environment& environment = {}) {
  arguments.push_back("--work_dir=/var/lib/q");
  Result<ParsedFlags> parsed = parse(std::move(arguments), environment);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
  return parsed ? parsed->config : Config{};
}

std::string error_of(std::vector<std::string> arguments, const Environment& environment = {}) {
  arguments.push_back("--work_dir=/var/lib/q");
  Result<ParsedFlags> parsed = parse(std::move(arguments), environment);
  return parsed ? "no error" : parsed.error().text;
}

void expect_error(std::vector<std::string> arguments, const std::string& part,
                  const Environment& environment = {}) {
  std::string error = error_of(std::move(arguments), environment);
  EXPECT_NE(error.find(part), std::string::npos) << "expected " << part << ", found: " << error;
}

TEST(Config, StandsAloneOnPort5050WithNothingButAWorkDir) {
  Config config = good({});

  EXPECT_EQ(config.port, 5050);
  EXPECT_EQ(config.ip, std::nullopt);
  EXPECT_EQ(config.zk, std::nullopt);
  EXPECT_EQ(config.quorum, 1u);
  EXPECT_EQ(config.work_dir, "/var/lib/q");
  EXPECT_EQ(config.registry, RegistryKind::ReplicatedLog);
  EXPECT_EQ(config.http.max_body_size_bytes, 16u << 20);
  EXPECT_TRUE(config.warnings.empty());
}

TEST(Config, ReadsTheFlagsOfAClusterMember) {
  Config config =
      good({"--ip=10.0.0.1", "--port=5051", "--advertise_ip=192.0.2.7", "--advertise_port=80",
            "--hostname=m1", "--no-hostname_lookup", "--zk=zk://zk1:2181,10.0.0.9:2182/a/b/",
            "--quorum=2", "--zk_session_timeout=15secs", "--registry_fetch_timeout=2mins",
            "--registry_store_timeout=1.5secs", "--log_auto_initialize=false", "--cluster=prod",
            "--quiet", "--logging_level=WARNING"});

  EXPECT_EQ(config.ip, parse_ipv4("10.0.0.1"));
  EXPECT_EQ(config.port, 5051);
  EXPECT_EQ(config.advertise_ip, parse_ipv4("192.0.2.7"));
  EXPECT_EQ(config.advertise_port, 80);
  EXPECT_EQ(config.hostname, "m1");
  EXPECT_FALSE(config.hostname_lookup);
  EXPECT_EQ(config.zk, (ZkUrl{{{"zk1", 2181}, {"10.0.0.9", 2182}}, "/a/b", false}));
  EXPECT_EQ(config.quorum, 2u);
  EXPECT_EQ(config.zk_session_timeout, Duration::seconds(15));
  EXPECT_EQ(config.registry_store_timeout, Duration::milliseconds(1500));
  EXPECT_FALSE(config.log_auto_initialize);
  EXPECT_TRUE(config.quiet);
  EXPECT_EQ(config.logging_level, LogLevel::Warning);
}

TEST(Config, NamesAreReadInAnyCaseAndBoolsInAllTheirForms) {
  EXPECT_EQ(good({"--PORT=1"}).port, 1);
  EXPECT_TRUE(good({"--quiet"}).quiet);
  EXPECT_TRUE(good({"--quiet="}).quiet);
  EXPECT_TRUE(good({"--quiet=1"}).quiet);
  EXPECT_FALSE(good({"--quiet=0"}).quiet);
  EXPECT_FALSE(good({"--no-quiet"}).quiet);
  EXPECT_FALSE(good({"--no-quiet="}).quiet);
  expect_error({"--no-quiet=true"}, "--no-quiet: a flag with 'no-' takes no value");
  expect_error({"--quiet=yes"}, "--quiet: 'yes' is not a bool");
  expect_error({"--no-port"}, "--no-port: only flags of type bool");
}

TEST(Config, AValueInTheNextArgumentIsMissing) {
  expect_error({"--port", "5050"}, "--port: a value is missing");
}

TEST(Config, OtherArgumentsAreIgnoredAndTwoDashesEndTheFlags) {
  Config config = good({"start", "-x"});
  ASSERT_EQ(config.warnings.size(), 2u);
  EXPECT_NE(config.warnings[0].find("'start'"), std::string::npos);
  EXPECT_TRUE(parse({"--registry=in_memory", "--", "--nonsense"}).has_value());
}

TEST(Config, UnknownFlagsAreRefusedWithTheNearestKnownOne) {
  expect_error({"--quorun=2"}, "unknown flag --quorun; did you mean --quorum?");
  expect_error({"--zk-session-timeout=2secs"}, "did you mean --zk_session_timeout?");
  expect_error({"--no-such_thing_at_all"}, "unknown flag --no-such_thing_at_all");
  EXPECT_EQ(error_of({"--xyzzy_plugh_frobnicate=1"}), "unknown flag --xyzzy_plugh_frobnicate");
  expect_error({"--=1"}, "unknown flag");
}

TEST(Config, AFlagGivenTwiceIsRefusedUnderEitherName) {
  expect_error({"--port=1", "--port=1"}, "--port is given twice");
  expect_error({"--quiet", "--no-quiet"}, "--quiet and --no-quiet are the same flag");
  expect_error({"--slave_ping_timeout=2secs", "--agent_ping_timeout=2secs"}, "the same flag");
}

TEST(Config, TheEnvironmentCountsWhereTheCommandLineIsSilent) {
  EXPECT_EQ(good({}, {{"MESOS_PORT", "7"}}).port, 7);
  EXPECT_EQ(good({}, {{"MESOS_port", "7"}}).port, 7);
  EXPECT_EQ(good({"--port=8"}, {{"MESOS_PORT", "7"}}).port, 8);
  EXPECT_FALSE(good({"--no-quiet"}, {{"MESOS_QUIET", "1"}}).quiet);
  EXPECT_TRUE(good({}, {{"MESOS_QUIET", ""}}).quiet);
  EXPECT_TRUE(good({}, {{"MESOS_NATIVE_JAVA_LIBRARY", "/x.so"}, {"PORT", "9"}}).warnings.empty());
  expect_error({}, "MESOS_PORT: 'x' is not a whole number", {{"MESOS_PORT", "x"}});
  expect_error({}, "MESOS_ZK: not a URL", {{"MESOS_ZK", ""}});
}

TEST(Config, LibprocessVariablesGiveAddressesThatNoFlagGives) {
  Environment environment{{"LIBPROCESS_IP", "10.0.0.3"},
                          {"LIBPROCESS_ADVERTISE_IP", "10.0.0.4"},
                          {"LIBPROCESS_ADVERTISE_PORT", "99"}};
  Config config = good({"--ip=10.0.0.1"}, environment);

  EXPECT_EQ(config.ip, parse_ipv4("10.0.0.1"));
  EXPECT_EQ(config.advertise_ip, parse_ipv4("10.0.0.4"));
  EXPECT_EQ(config.advertise_port, 99);
  expect_error({}, "LIBPROCESS_IP: 'x'", {{"LIBPROCESS_IP", "x"}});
}

TEST(Config, ValuesAreTakenFromFiles) {
  Result<ParsedFlags> parsed =
      parse({"--work_dir=/w", "--zk=file:///etc/zk", "--quorum=file:///etc/quorum",
             "--domain=/etc/domain", "--credentials=file:///etc/secrets"});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;

  const Config& config = parsed->config;
  EXPECT_EQ(config.zk, (ZkUrl{{{"zk1", 2181}, {"zk2", 2182}}, "/mesos", true}));
  EXPECT_EQ(parsed->secrets.zk_user, "user");
  EXPECT_EQ(parsed->secrets.zk_password, "se@cret");
  EXPECT_EQ(config.shown.at("zk"), "file:///etc/zk");
  EXPECT_EQ(config.quorum, 3u);
  EXPECT_EQ(config.domain_json, R"({"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}})");
  EXPECT_EQ(config.credentials, "/etc/secrets");
  expect_error({"--cluster=file:///nowhere"}, "--cluster: cannot read /nowhere");
}

TEST(Config, NeverShowsThePasswordOfAZkUrl) {
  Config config = good({"--zk=zk://me:hush@zk1:2181/mesos", "--quorum=1"});
  EXPECT_EQ(config.shown.at("zk"), "zk://me:***@zk1:2181/mesos");

  for (const char* url : {"zk://me:hush@zk1/mesos", "zk://me:hush/hush@zk1:2181/mesos",
                          "zk://me:hush@zk1:2181", "zk://hush@zk1:2181/mesos"}) {
    std::string error = error_of({std::string("--zk=") + url, "--quorum=1"});
    EXPECT_NE(error.find("--zk: "), std::string::npos) << error;
    EXPECT_EQ(error.find("hush"), std::string::npos) << error;
  }
}

TEST(Config, ZkUrlsMustBeWhole) {
  const std::pair<const char*, const char*> cases[] = {
      {"zk1:2181/mesos", "form zk://"},          {"zk://zk1:2181", "a path is needed"},
      {"zk://zk1:2181/", "a path is needed"},    {"zk:///mesos", "must be host:port"},
      {"zk://zk1/mesos", "must be host:port"},   {"zk://zk1:2181,/mesos", "must be host:port"},
      {"zk://zk1:0/mesos", "must be host:port"}, {"zk://:2181/mesos", "must be host:port"},
      {"zk://zk1:2181//mesos", "not a path"},    {"zk://zk1:2181/a/../b", "not a path"},
      {"http://zk1:2181/mesos", "form zk://"},
  };
  for (const auto& [url, part] : cases) {
    expect_error({std::string("--zk=") + url, "--quorum=1"}, part);
  }
}

TEST(Config, ShowsEveryFlagThatHasAValueAsMesosDoes) {
  Config config = good({"--registry_fetch_timeout=60secs", "--slave_ping_timeout=10secs",
                        "--http_max_body_size=1024KB"});

  EXPECT_EQ(config.shown.at("registry_fetch_timeout"), "1mins");
  EXPECT_EQ(config.shown.at("slave_ping_timeout"), "10secs");
  EXPECT_FALSE(config.shown.contains("agent_ping_timeout"));
  EXPECT_EQ(config.shown.at("http_max_body_size"), "1MB");
  EXPECT_EQ(config.shown.at("help"), "false");
  EXPECT_EQ(config.shown.at("allocator_agent_recovery_factor"), "0.8");
  EXPECT_EQ(config.shown.at("registry_max_agent_age"), "2weeks");
  EXPECT_EQ(config.shown.at("offer_constraints_re2_max_mem"), "4KB");
  EXPECT_FALSE(config.shown.contains("zk"));
}

TEST(Config, WarnsOnceOfWhatHasNoEffectAndOfOlderNames) {
  Config config = good({"--slave_ping_timeout=10secs"});

  ASSERT_EQ(config.warnings.size(), 2u);
  EXPECT_NE(config.warnings[0].find("use --agent_ping_timeout"), std::string::npos);
  EXPECT_NE(config.warnings[1].find("not acted on"), std::string::npos);
}

TEST(Config, RefusesWhatCannotWork) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{"--zk=zk://a:1/m"}, "--quorum: is needed"},
      {{"--zk=zk://a:1/m", "--quorum=0"}, "--quorum: must be at least 1"},
      {{"--quorum=99999999999"}, "--quorum: '99999999999' is not"},
      {{"--ip=1.2.3.4", "--ip_discovery_command=x"}, "--ip_discovery_command: cannot"},
      {{"--ip=localhost"}, "--ip: 'localhost' is not an IPv4 address"},
      {{"--ip="}, "--ip: '' is not an IPv4 address"},
      {{"--port=65536"}, "--port: '65536'"},
      {{"--advertise_port=0"}, "--advertise_port: must be 1..65535"},
      {{"--advertise_ip=0.0.0.0"}, "--advertise_ip: "},
      {{"--registry=etcd"}, "--registry: 'etcd' is not one of"},
      {{"--registry_strict"}, "--registry_strict: cannot be set to true"},
      {{"--registry_store_timeout=0secs"}, "--registry_store_timeout: must be longer"},
      {{"--registry_store_timeout=20"}, "--registry_store_timeout: '20' is not a duration"},
      {{"--agent_reregister_timeout=9mins"}, "--agent_reregister_timeout: must be at least 10mins"},
      {{"--agent_ping_timeout=16mins"}, "--agent_ping_timeout: 16mins is not within 1secs..15mins"},
      {{"--max_agent_ping_timeouts=0"}, "--max_agent_ping_timeouts: 0 is too small"},
      {{"--agent_removal_rate_limit=fast"}, "--agent_removal_rate_limit: 'fast'"},
      {{"--recovery_agent_removal_limit=101%"}, "--recovery_agent_removal_limit: '101%'"},
      {{"--recovery_agent_removal_limit=50"}, "--recovery_agent_removal_limit: '50'"},
      {{"--logging_level=LOUD"}, "--logging_level: 'LOUD'"},
      {{"--authenticate_http"}, "--authenticate_http_readwrite: needs --credentials"},
      {{"--authenticators=a,b"}, "--authenticators: 'a,b'"},
      {{"--domain={}"}, "--domain: \"fault_domain\""},
      {{"--domain=[]"}, "--domain: not a JSON object"},
      {{"--acls={"}, "--acls: not JSON"},
      {{"--roles=a,b c"}, "--roles: 'b c'"},
      {{"--weights=a=0"}, "--weights: 'a=0'"},
      {{"--weights=a=1,b"}, "--weights: 'b'"},
      {{"--offer_timeout=0ns"}, "--offer_timeout: must be longer"},
      {{"--modules={}", "--modules_dir=/m"}, "--modules: cannot be given together"},
      {{"--master_detector=x"}, "--master_detector: needs --master_contender"},
      {{"--master_detector=x", "--master_contender=y", "--zk=zk://a:1/m", "--quorum=1"},
       "--master_contender: cannot be given together with --zk"},
      {{"--master_detector=x", "--master_contender=y"}, "loads no modules"},
      {{"--min_allocatable_resources=cpus"}, "--min_allocatable_resources: 'cpus'"},
      {{"--fair_sharing_excluded_resource_names=a,a"}, "holds a name twice"},
      {{"--offer_constraints_re2_max_mem=4"}, "--offer_constraints_re2_max_mem: '4'"},
      {{"--max_connections=0"}, "--max_connections: 0 is too small"},
      {{"--role_sorter=best"}, "--role_sorter: 'best'"},
  };
  for (const auto& [arguments, part] : cases) expect_error(arguments, part);

  EXPECT_EQ(parse({}).error().text.substr(0, 11), "--work_dir:");
  EXPECT_TRUE(parse({"--registry=in_memory"}).has_value());
  EXPECT_TRUE(parse({"--registry=in_memory", "--zk=zk://a:1/m"}).has_value());
}

TEST(Config, TheFirstOfSeveralFailuresIsTheAlphabeticallyFirst) {
  expect_error({"--quorum=x", "--port=x"}, "--port: ");
  expect_error({"--registry=x", "--logging_level=x"}, "--logging_level: ");
}

TEST(Config, HelpAndVersionComeFirst) {
  Result<ParsedFlags> help = parse({"--nonsense", "--help"});
  ASSERT_TRUE(help.has_value());
  EXPECT_NE(help->print.find("--registry_store_timeout=<duration>"), std::string::npos);

  Result<ParsedFlags> version = parse({"--version"});
  ASSERT_TRUE(version.has_value());
  EXPECT_NE(version->print.find("mesos 1.12.0"), std::string::npos);
  EXPECT_TRUE(parse({"--registry=in_memory", "--help=false"})->print.empty());
}

TEST(Help, FitsAnEightyColumnTerminal) {
  std::size_t start = 0;
  std::string text = help_text();
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(end - start, 79u) << text.substr(start, end - start);
    start = end + 1;
  }
}

}  // namespace
}  // namespace quorate
