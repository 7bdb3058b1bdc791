#include "master/api/state_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "master/api/maintenance_json.h"
#include "master/api/test_view.h"
#include "master/base/json.h"

namespace quorate::api {
namespace {

using testing::HasSubstr;
using testing::Not;

// The JSON body of a recorded answer of a real master; nothing if there is no such record here.
std::optional<Json> captured(const std::string& name) {
  std::ifstream file("/work/shared/captures/master-no-agents/" + name + ".http");
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  std::string all = text.str();
  std::size_t body = all.find("\r\n\r\n", all.find("HTTP/1.1"));
  Result<Json> json = parse_json(all.substr(body));
  EXPECT_TRUE(json.has_value()) << name << ": " << json.error().text;
  return *json;
}

// Every path in a document with the type of what stands there: "leader_info.port integer".
void shape(const Json& json, const std::string& path, std::set<std::string>& out) {
  std::string type = json.boolean()   ? "boolean"
                     : json.integer() ? "integer"
                     : json.real()    ? "real"
                     : json.string()  ? "string"
                     : json.array()   ? "array"
                     : json.object()  ? "object"
                                      : "null";
  out.insert(path + " " + type);
  if (json.object())
    for (const auto& [name, value] : *json.object()) shape(value, path + "." + name, out);
  if (json.array())
    for (const Json& value : *json.array()) shape(value, path + "[]", out);
}

std::set<std::string> shape(const Json& json) {
  std::set<std::string> result;
  shape(json, "", result);
  return result;
}

TEST(ReadEndpoints, HaveTheSchemasOfARealMaster) {
  if (!captured("state")) GTEST_SKIP() << "no captures of a real master on this machine";
  TestMaster master;
  // Which flags there are is not the concern of this room.
  master.flags.clear();
  Json recorded_flags = *captured("flags");
  for (const auto& [name, value] : *recorded_flags.find("flags")->object())
    master.flags[name] = *value.string();
  View view = master.view;
  view.host = HostNumbers{0.5, 0.25, 0.125, 2, 1000, 500};

  std::map<std::string, std::string> ours = {{"state", state_json(view)},
                                             {"state-summary", state_summary_json(view)},
                                             {"slaves", slaves_json()},
                                             {"frameworks", frameworks_json()},
                                             {"tasks", tasks_json()},
                                             {"roles", roles_json(view)},
                                             {"flags", flags_json(view)},
                                             {"version", version_json(*view.build)},
                                             {"system_stats", system_stats_json(view)}};
  for (const auto& [name, text] : ours)
    EXPECT_EQ(shape(*parse_json(text)), shape(*captured(name))) << name << ": " << text;
}

TEST(ReadEndpoints, WriteAMaintenanceScheduleAsARealMaster) {
  std::optional<Json> recorded = captured("maint_sched_after");
  if (!recorded) GTEST_SKIP() << "no captures of a real master on this machine";
  std::string text = json_text(*recorded);

  EXPECT_EQ(schedule_json(*parse_schedule(text)), text);
}

TEST(State, TellsWhoThisMasterIsAndWhoLeads) {
  TestMaster master;

  Json state = *parse_json(state_json(master.view));

  EXPECT_EQ(*state.find("id")->string(), master.self.id);
  EXPECT_EQ(*state.find("pid")->string(), "master@127.0.0.1:5050");
  EXPECT_EQ(*state.find("leader")->string(), "master@127.0.0.1:5050");
  EXPECT_EQ(*state.find("leader_info")->find("hostname")->string(), "m1");
  EXPECT_EQ(*state.find("leader_info")->find("port")->integer(), 5050);
  EXPECT_EQ(state.find("capabilities")->array()->size(), 3u);
  EXPECT_EQ(*state.find("flags")->find("port")->string(), "5050");
}

TEST(State, WritesNumbersAsMesosDoes) {
  TestMaster master;

  std::string text = state_json(master.view);

  EXPECT_THAT(text, HasSubstr("\"start_time\":1795353123.730158,"));
  EXPECT_THAT(text, HasSubstr("\"build_time\":1724439540.0,"));
  EXPECT_THAT(text, HasSubstr("\"activated_slaves\":0.0,"));
  EXPECT_THAT(text, HasSubstr("\"port\":5050,"));
}

TEST(State, LeavesOutWhatIsNotSet) {
  TestMaster master;
  master.lose_the_leader();
  master.view.elected.reset();

  std::string text = state_json(master.view);

  for (const char* name : {"elected_time", "leader", "cluster", "log_dir", "domain", "git_tag"})
    EXPECT_THAT(text, Not(HasSubstr("\"" + std::string(name) + "\""))) << name;
}

TEST(State, ShowsClusterAndDomainIfTheyAreSet) {
  TestMaster master;
  master.flags["cluster"] = "east \"1\"";
  master.self.domain_json = R"({"fault_domain":{"region":{"name":"r"},"zone":{"name":"z"}}})";

  Json state = *parse_json(state_json(master.view));

  EXPECT_EQ(*state.find("cluster")->string(), "east \"1\"");
  EXPECT_EQ(json_text(*state.find("domain")), master.self.domain_json);
  EXPECT_EQ(json_text(*state.find("leader_info")->find("domain")), master.self.domain_json);
  EXPECT_THAT(state_summary_json(master.view), HasSubstr("\"cluster\":"));
}

TEST(Roles, AreThoseOfTheWhitelistWithTheirAncestors) {
  TestMaster master;
  EXPECT_EQ(roles_json(master.view), R"({"roles":[]})");

  master.flags["roles"] = "web/eu/b, dev";

  std::vector<std::string> names;
  Json roles = *parse_json(roles_json(master.view));
  for (const Json& role : *roles.find("roles")->array())
    names.push_back(*role.find("name")->string());
  EXPECT_EQ(names, (std::vector<std::string>{"*", "dev", "web", "web/eu", "web/eu/b"}));
  std::optional<Json> recorded = captured("roles_after");
  if (recorded) { EXPECT_EQ(shape(roles), shape(*recorded)); }
}

TEST(Metrics, AreDoublesByName) {
  TestMaster master;
  master.metrics = {{"b", 2.0}, {"a", 0.5}};
  EXPECT_EQ(metrics_json(master.view), R"({"a":0.5,"b":2.0})");

  master.view.host = HostNumbers{0.5, 0.25, 0.125, 2, 1000, 500};

  std::string text = metrics_json(master.view);
  EXPECT_THAT(text, HasSubstr("\"system/cpus_total\":2.0"));
  EXPECT_THAT(text, HasSubstr("\"system/mem_free_bytes\":500.0"));
}

TEST(SystemStats, LeaveOutWhatDidNotCome) {
  TestMaster master;
  EXPECT_EQ(system_stats_json(master.view), "{}");
}

}  // namespace
}  // namespace quorate::api
