#include "master/http/router.h"

#include <gtest/gtest.h>

#include "master/base/random.h"

namespace quorate::http {
namespace {

TEST(Router, TakesAPathWithoutActorForOneOfTheMaster) {
  EXPECT_EQ(route("/state"), (Route{Endpoint::State, "/master/state"}));
  EXPECT_EQ(route("/master/state"), (Route{Endpoint::State, "/master/state"}));
  EXPECT_EQ(route("/api/v1"), (Route{Endpoint::OperatorApi, "/master/api/v1"}));
  EXPECT_EQ(route("/"), (Route{Endpoint::Root, "/master"}));
  EXPECT_EQ(route("/master/"), (Route{Endpoint::Root, "/master"}));
}

TEST(Router, KnowsTheOtherActors) {
  EXPECT_EQ(route("/metrics/snapshot").endpoint, Endpoint::MetricsSnapshot);
  EXPECT_EQ(route("/version").endpoint, Endpoint::Version);
  EXPECT_EQ(route("/system/stats.json").endpoint, Endpoint::SystemStats);
  EXPECT_EQ(route("/logging/toggle").endpoint, Endpoint::LoggingToggle);
  EXPECT_EQ(route("/registrar(1)/registry").endpoint, Endpoint::Registry);
  EXPECT_EQ(route("/help/master/state").endpoint, Endpoint::Help);
  EXPECT_EQ(route("/metrics").endpoint, Endpoint::NotFound);
  EXPECT_EQ(route("/master/version").endpoint, Endpoint::NotFound);
}

TEST(Router, DecodesTheNameOfTheActorOnly) {
  EXPECT_EQ(route("/%6daster/state"), (Route{Endpoint::State, "/master/state"}));
  EXPECT_EQ(route("/registrar%281%29/registry").endpoint, Endpoint::Registry);
  EXPECT_EQ(route("/st%61te").endpoint, Endpoint::NotFound);
}

TEST(Router, PrefersTheLongestKnownPath) {
  EXPECT_EQ(route("/master/state/foo/bar"), (Route{Endpoint::State, "/master/state/foo/bar"}));
  EXPECT_EQ(route("/api/v1/scheduler").endpoint, Endpoint::SchedulerApi);
  EXPECT_EQ(route("/api/v1/executor").endpoint, Endpoint::OperatorApi);
  EXPECT_EQ(route("/quota/dev/web").path, "/master/quota/dev/web");
  EXPECT_EQ(route("/statefull").endpoint, Endpoint::NotFound);
  EXPECT_EQ(route("/maintenance").endpoint, Endpoint::NotFound);
}

TEST(Router, DoesNotMindSlashesTooMany) {
  EXPECT_EQ(route("/master/state/"), (Route{Endpoint::State, "/master/state"}));
  EXPECT_EQ(route("//state//"), (Route{Endpoint::State, "/master/state"}));
}

TEST(Router, HasNoJsonSuffixes) {
  EXPECT_EQ(route("/state.json").endpoint, Endpoint::NotFound);
  EXPECT_EQ(route("/slaves.json").endpoint, Endpoint::NotFound);
}

TEST(Router, RefusesClimbingAndCircles) {
  EXPECT_EQ(route("/..").endpoint, Endpoint::NotFound);
  EXPECT_EQ(route("/master/../state").endpoint, Endpoint::NotFound);
  EXPECT_EQ(route("/redirect").endpoint, Endpoint::Redirect);
  EXPECT_EQ(route("/master/redirect/").endpoint, Endpoint::Redirect);
  EXPECT_EQ(route("/redirect/state").endpoint, Endpoint::NotFound);
}

TEST(Router, CallsDamagedPathsMalformed) {
  for (const char* path : {"", "state", "*", "/%", "/%4", "/state/%zz", "/%g0/state"})
    EXPECT_EQ(route(path).endpoint, Endpoint::Malformed) << path;
}

TEST(Router, BearsAnyBytes) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    RandomStream random(seed, "router");
    constexpr std::string_view kBytes = "/.%mastersive()01 \t\xff";
    std::string path = "/";
    for (std::uint64_t left = random.below(20); left > 0; --left)
      path.push_back(kBytes[random.below(kBytes.size())]);

    Route found = route(path);

    EXPECT_TRUE(found.path.starts_with('/')) << "seed " << seed;
  }
}

}  // namespace
}  // namespace quorate::http
