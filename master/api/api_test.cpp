#include "master/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/api/test_view.h"
#include "master/base/json.h"
#include "master/base/random.h"

namespace quorate::api {
namespace {

using http::Request;
using http::Response;
using testing::HasSubstr;

constexpr const char* kLeaderOnly[] = {"/state",
                                       "/state-summary",
                                       "/slaves",
                                       "/frameworks",
                                       "/tasks",
                                       "/roles",
                                       "/weights",
                                       "/quota",
                                       "/machine/down",
                                       "/machine/up",
                                       "/api/v1",
                                       "/maintenance/schedule",
                                       "/maintenance/status",
                                       "/teardown",
                                       "/reserve",
                                       "/unreserve",
                                       "/api/v1/scheduler"};
constexpr const char* kForAll[] = {"/health",      "/flags",          "/version",
                                   "/livez",       "/help",           "/",
                                   "/files/debug", "/logging/toggle", "/__processes__"};

Response answer(const Request& request, const View& view) {
  Answer result = handle(request, view);
  EXPECT_TRUE(std::holds_alternative<Response>(result)) << request.target;
  return std::holds_alternative<Response>(result) ? std::get<Response>(result) : Response{};
}

std::string header(const Response& response, std::string_view name) {
  const std::string* value = response.headers.find(name);
  return value == nullptr ? "" : *value;
}

TEST(Api, AnswersEachReadUnderBothOfItsPaths) {
  TestMaster master;
  for (const char* path : {"/state", "/state-summary", "/slaves", "/frameworks", "/tasks", "/roles",
                           "/weights", "/quota", "/flags", "/health", "/livez", "/readyz"}) {
    Response response = answer(get(path), master.view);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(answer(get("/master" + std::string(path)), master.view), response) << path;
    EXPECT_EQ(answer(get(std::string(path) + "/"), master.view), response) << path;
  }
}

TEST(Api, SendsClientsOfAStandbyToTheLeader) {
  TestMaster master;
  master.stand_by();
  for (const std::string path : kLeaderOnly) {
    Response response = answer(get(path), master.view);
    EXPECT_EQ(response.status, 307) << path;
    EXPECT_EQ(header(response, "Location"), "//m2.example:5050/master" + path);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(answer(request_for("POST", path, "{}"), master.view).status, 307) << path;
  }
  for (const char* path : kForAll) EXPECT_EQ(answer(get(path), master.view).status, 200) << path;
}

TEST(Api, KeepsPathAndQueryInARedirect) {
  TestMaster master;
  master.stand_by();
  auto location = [&](std::string_view target) {
    return header(answer(get(target), master.view), "Location");
  };
  EXPECT_EQ(location("/master/state?jsonp=a.b&x"), "//m2.example:5050/master/state?jsonp=a.b&x");
  EXPECT_EQ(location("/tasks?task_id=a%20b"), "//m2.example:5050/master/tasks?task_id=a%20b");
  EXPECT_EQ(location("/quota/dev/web"), "//m2.example:5050/master/quota/dev/web");
  EXPECT_EQ(location("/state#tail"), "//m2.example:5050/master/state#tail");
  master.other.hostname.clear();
  EXPECT_EQ(location("/state"), "//127.0.0.2:5050/master/state");
}

TEST(Api, SaysSoWhenThereIsNoLeader) {
  TestMaster master;
  master.lose_the_leader();
  for (const char* path : kLeaderOnly) {
    EXPECT_EQ(answer(get(path), master.view), http::text(503, "No leader elected")) << path;
  }
  EXPECT_EQ(answer(get("/redirect"), master.view).status, 503);
  for (const char* path : kForAll) EXPECT_EQ(answer(get(path), master.view).status, 200) << path;
}

TEST(Api, RedirectsToTheLeaderItselfIncluded) {
  TestMaster master;
  EXPECT_EQ(header(answer(get("/redirect"), master.view), "Location"), "//m1:5050");
  master.stand_by();
  Response response = answer(get("/master/redirect"), master.view);
  EXPECT_EQ(response.status, 307);
  EXPECT_EQ(header(response, "Location"), "//m2.example:5050");
  EXPECT_EQ(answer(get("/redirect/state"), master.view), http::text(404, "404 Not Found."));
}

TEST(Api, ItsOwnEarlierRunIsNoLeaderToPointTo) {
  TestMaster master;
  master.stand_by();
  master.other.hostname = master.self.hostname;
  for (const char* path : kLeaderOnly)
    EXPECT_EQ(answer(get(path), master.view), http::text(503, "No leader elected")) << path;
  EXPECT_EQ(answer(get("/redirect"), master.view).status, 503);
}

// Found by `quorate-sim search --profile=coordination`, seed 38: the resolver was gone after a
// restart, so this run knows itself by its address and its earlier one by its name.
TEST(Api, ItsOwnEarlierRunIsKnownByItsAddressWhenItHasNoName) {
  TestMaster master;
  master.stand_by();
  master.other.ip = master.self.ip;
  master.other.port = master.self.port;
  EXPECT_EQ(answer(get("/redirect"), master.view).status, 503);
}

TEST(Api, DoesNotTouchTheRegistryBeforeItIsRead) {
  TestMaster master;
  master.view.recovered = false;
  for (const char* path :
       {"/maintenance/schedule", "/maintenance/status", "/api/v1", "/machine/down", "/machine/up"})
    EXPECT_EQ(answer(get(path), master.view).status, 503) << path;
  EXPECT_EQ(answer(get("/state"), master.view).status, 200);
}

TEST(Api, ReadsMaintenanceBehindABarrier) {
  TestMaster master;
  master.schedule.windows = {{{MachineId{"m1", {}}}, {5, {}}}};
  master.machines = {{MachineId{"m1", {}}, {MachineMode::Down, {}}}};
  auto confirmed = [&](const char* path) {
    EXPECT_TRUE(std::holds_alternative<NeedsReadBarrier>(handle(get(path), master.view))) << path;
    return handle_confirmed(get(path), master.view);
  };
  EXPECT_THAT(confirmed("/maintenance/schedule").body, HasSubstr("\"nanoseconds\":5"));
  EXPECT_EQ(confirmed("/master/maintenance/status?jsonp=cb").body,
            R"(cb({"down_machines":[{"hostname":"m1"}]}))");
  EXPECT_EQ(not_confirmed().status, 503);

  master.stand_by();
  EXPECT_EQ(handle_confirmed(get("/maintenance/status"), master.view).status, 307);
}

TEST(Api, TurnsMaintenanceCallsIntoOperations) {
  TestMaster master;
  auto operation = [&](const char* path, const char* body) {
    return std::get<RegistryOperation>(handle(request_for("POST", path, body), master.view));
  };
  std::vector<MachineId> m1{MachineId{"m1", {}}};

  EXPECT_TRUE(
      std::get<UpdateSchedule>(operation("/maintenance/schedule", "{}")).schedule.windows.empty());
  EXPECT_EQ(std::get<MachinesDown>(operation("/machine/down", R"([{"hostname":"m1"}])")).ids, m1);
  EXPECT_EQ(std::get<MachinesUp>(operation("/master/machine/up", R"([{"hostname":"m1"}])")).ids,
            m1);
  for (const char* path : {"/maintenance/schedule", "/machine/down", "/machine/up"}) {
    Response response = answer(request_for("POST", path, "not json"), master.view);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("not valid JSON at byte"));
  }
}

TEST(Api, RefusesMethodsAndSaysWhichAreTaken) {
  TestMaster master;
  auto allowed = [&](std::string method, const char* path) {
    Response response = answer(request_for(std::move(method), path), master.view);
    EXPECT_EQ(response.status, 405) << path;
    return header(response, "Allow");
  };
  EXPECT_EQ(allowed("GET", "/machine/down"), "POST");
  EXPECT_EQ(allowed("PUT", "/machine/up"), "POST");
  EXPECT_EQ(allowed("DELETE", "/maintenance/schedule"), "GET, POST");
  EXPECT_EQ(allowed("POST", "/maintenance/status"), "GET");
  EXPECT_EQ(allowed("POST", "/weights"), "GET, PUT");
  EXPECT_EQ(allowed("PUT", "/quota"), "GET, POST, DELETE");
  EXPECT_EQ(allowed("GET", "/api/v1"), "POST");
  EXPECT_EQ(allowed("GET", "/teardown"), "POST");
  EXPECT_EQ(answer(request_for("POST", "/state"), master.view).status, 200);
}

TEST(Api, RendersWhatBecameOfAnOperation) {
  EXPECT_EQ(finish(Applied{}), http::empty(200));
  EXPECT_EQ(finish(Rejected{"twice"}), http::text(400, "twice"));
  EXPECT_EQ(finish(Busy{"full"}).status, 503);
  EXPECT_EQ(finish(NotLeading{}).status, 503);
  Response unknown = finish(OutcomeUnknown{"leadership was lost"});
  EXPECT_EQ(unknown.status, 500);
  EXPECT_THAT(unknown.body, HasSubstr("unknown: leadership was lost"));
}

TEST(Api, SaysClearlyWhatIsNotBuilt) {
  TestMaster master;
  for (const char* path : {"/api/v1", "/api/v1/scheduler"}) {
    Request request = request_for("POST", path, "{}");
    EXPECT_EQ(answer(request, master.view).status, 400) << path;
    request.headers.add("Content-Type", "application/json");
    EXPECT_EQ(answer(request, master.view).status, 501) << path;
    Request other = request_for("POST", path, "{}");
    other.headers.add("Content-Type", "application/json; charset=utf-8");
    EXPECT_EQ(answer(other, master.view).status, 415) << path;
  }
  EXPECT_EQ(answer(request_for("PUT", "/weights", "[]"), master.view).status, 501);
  EXPECT_EQ(answer(request_for("DELETE", "/quota/dev"), master.view).status, 501);
  EXPECT_EQ(answer(request_for("POST", "/teardown", "frameworkId=x"), master.view).status, 400);
}

TEST(Api, AnswersLibprocessMessagesWithAClear501) {
  TestMaster master;
  Request request = request_for("POST", "/master/mesos.internal.RegisterSlaveMessage", "x");
  EXPECT_EQ(answer(request, master.view).status, 404);
  request.headers.add("User-Agent", "libprocess/slave(1)@10.0.0.1:5051");
  EXPECT_EQ(answer(request, master.view).status, 501);
  Request newer = request_for("POST", "/master/x");
  newer.headers.add("Libprocess-From", "slave(1)@10.0.0.1:5051");
  EXPECT_EQ(answer(newer, master.view).status, 501);
}

TEST(Api, WaitsForTheHostNoLongerThanAsked) {
  TestMaster master;
  auto patience = [&](const char* target) {
    return std::get<NeedsHostStats>(handle(get(target), master.view)).patience;
  };
  EXPECT_EQ(patience("/metrics/snapshot"), Duration::seconds(5));
  EXPECT_EQ(patience("/metrics/snapshot?timeout=10ms"), Duration::milliseconds(10));
  EXPECT_EQ(patience("/metrics/snapshot?timeout=0secs"), Duration::seconds(0));
  EXPECT_EQ(patience("/metrics/snapshot?timeout=100weeks"), Duration::seconds(5));
  EXPECT_EQ(patience("/system/stats.json"), Duration::seconds(5));
  Response bad = answer(get("/metrics/snapshot?timeout=5"), master.view);
  EXPECT_EQ(bad.status, 400);
  EXPECT_TRUE(bad.body.ends_with("\n"));

  EXPECT_EQ(render(get("/metrics/snapshot"), master.view).body, R"({"master/elected":1.0})");
  EXPECT_EQ(render(get("/system/stats.json"), master.view).body, "{}");
}

TEST(Api, ChangesTheVerbosityForAWhile) {
  TestMaster master;
  master.view.log_verbosity = 2;
  master.view.log_verbosity_at_start = 1;
  EXPECT_EQ(answer(get("/logging/toggle"), master.view).body, "2\n");

  SetLogLevel set =
      std::get<SetLogLevel>(handle(get("/logging/toggle?level=3&duration=10mins"), master.view));
  EXPECT_EQ(set.level, 3);
  EXPECT_EQ(set.duration, Duration::minutes(10));
  EXPECT_EQ(set.response, http::empty(200));

  for (const char* query :
       {"level=3", "duration=1secs", "level=x&duration=1secs", "level=-1&duration=1secs",
        "level=0&duration=1secs", "level=3&duration=1"}) {
    Response response = answer(get("/logging/toggle?" + std::string(query)), master.view);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_TRUE(response.body.ends_with("\n")) << query;
  }
}

TEST(Api, CallsOnlyFunctionsForJsonp) {
  TestMaster master;
  Response response = answer(get("/state?jsonp=angular.callbacks._0"), master.view);
  EXPECT_THAT(response.body, HasSubstr("angular.callbacks._0({"));
  EXPECT_EQ(header(response, "Content-Type"), "text/javascript");
  EXPECT_EQ(answer(get("/state?jsonp=alert(1)//"), master.view).status, 400);
}

TEST(Api, TellsWhetherItIsReady) {
  TestMaster master;
  auto status = [&] { return answer(get("/readyz"), master.view).status; };
  EXPECT_EQ(status(), 200);
  master.stand_by();
  EXPECT_EQ(status(), 200);
  EXPECT_THAT(answer(get("/readyz"), master.view).body, HasSubstr("m2.example:5050 leads"));
  master.view.log_recovered = false;
  EXPECT_EQ(status(), 503);
  master.view.log_recovered = true;
  master.lose_the_leader();
  EXPECT_EQ(status(), 503);
  EXPECT_EQ(answer(get("/livez"), master.view).status, 200);
}

TEST(Api, KnowsNoFilesYet) {
  TestMaster master;
  EXPECT_EQ(answer(get("/files/browse"), master.view).status, 400);
  EXPECT_EQ(answer(get("/files/read?path=/master/log"), master.view), http::empty(404));
  EXPECT_EQ(answer(get("/files/download?path=/etc/passwd"), master.view), http::standard(404));
  EXPECT_EQ(answer(get("/files/debug"), master.view).body, "{}");
}

TEST(Api, NeverTakesNamesForMarkup) {
  TestMaster master;
  master.other.hostname = "<script>\"'&";
  master.stand_by();
  std::string page = answer(get("/"), master.view).body;
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;&quot;&#39;&amp;"));
}

TEST(Api, AnswersAnyRequestInAnyState) {
  TestMaster master;
  constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "BREW"};
  constexpr std::string_view kBodies[] = {"",    "{}", "[]", "null", "[{\"hostname\":\"m1\"}]",
                                          "\xff"};
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed) {
    RandomStream random(seed, "api");
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::uint64_t state = random.below(3);
    TestMaster each;
    if (state == 1) each.stand_by();
    if (state == 2) each.lose_the_leader();
    std::string path = kLeaderOnly[random.below(std::size(kLeaderOnly))];
    if (random.chance_ppm(300'000)) path.insert(random.below(path.size() + 1), 1, '/');
    if (random.chance_ppm(300'000))
      path[random.below(path.size())] = static_cast<char>(random.below(256));
    Request request = get("/");
    request.method = kMethods[random.below(std::size(kMethods))];
    request.body = kBodies[random.below(std::size(kBodies))];
    request.path = path;

    Answer result = handle(request, each.view);

    if (std::holds_alternative<NeedsReadBarrier>(result)) {
      EXPECT_EQ(handle_confirmed(request, each.view).status, 200);
    }
  }
}

}  // namespace
}  // namespace quorate::api
