#include "sim/incident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using testing::HasSubstr;

const std::string kBoot =
    R"({"format":1,"version":"0.1","seed":"7","arguments":["--registry=in_memory",)"
    R"("--ip=127.0.0.1","--no-hostname_lookup"],)"
    R"("environment":{}})";

// A stand-alone master that was told the time twice, as --record_dir would have recorded it.
Bytes recorded(const Incident& incident) {
  struct Into final : EffectSink {
    void on_effect(const Bytes& effect) override { out.effect_digest(effect); }
    RecordWriter out;
  } into;
  SilentPorts silent;
  RecordingPorts ports(into, silent.ports());
  IncidentFactory factory(incident);
  auto master = factory.make({}, ports.ports(), incident.seed);
  Now now{MonoTime{1'000'000'000}, WallTime{1'700'000'000'000'000'000}};
  into.out.started(now);
  master->start(now);
  for (const Event& event :
       std::vector<Event>{Listening{{Ipv4{0x7f000001}, 5050}, {}}, Woken{}, Woken{}}) {
    now.mono = now.mono + Duration::seconds(1);
    into.out.event(now, event);
    master->handle(now, event);
  }
  return into.out.take();
}

Incident incident() {
  Result<Incident> read = read_incident(kBoot, {"x"});
  EXPECT_TRUE(read) << read.error().text;
  read->events = recorded(*read);
  return *read;
}

TEST(Incident, IsLivedThroughAgainToItsEnd) {
  const Incident found = incident();
  IncidentFactory factory(found);
  Replay replay(found.events, found.seed, factory, {});
  while (replay.step()) {}
  EXPECT_EQ(replay.difference(), std::nullopt) << *replay.difference();
  EXPECT_EQ(replay.events(), 4u);
}

TEST(Incident, AMasterInAReplayAnswersQuestions) {
  const Incident found = incident();
  IncidentFactory factory(found);
  Replay replay(found.events, found.seed, factory, {});
  while (replay.events() < 3) ASSERT_TRUE(replay.step());
  EXPECT_THAT(ask_for(replay, "/version"), HasSubstr("\"version\":\"1.12.0\""));
}

TEST(Incident, WhatIsCutShortOrOfAnotherBuildIsToldAndNoCrash) {
  Incident found = incident();
  const Bytes whole = found.events;
  IncidentFactory factory(found);
  std::size_t broken = 0;
  for (std::size_t size = 1; size < whole.size(); size += 3) {
    found.events = whole.substr(0, size);
    Replay replay(found.events, found.seed, factory, {});
    while (replay.step()) {}
    if (replay.broken() || replay.difference()) ++broken;
  }
  EXPECT_GT(broken, 10u);
}

struct BadBoot {
  const char* text;
  const char* says;
};

TEST(Incident, ARecordingThatCannotBeReadSaysWhy) {
  for (const BadBoot& bad : {
           BadBoot{"{", "boot.json"},
           BadBoot{"{}", "no recording"},
           BadBoot{R"({"format":2})", "format 2"},
           BadBoot{R"({"format":1,"version":"1"})", "are needed"},
       }) {
    Result<Incident> read = read_incident(bad.text, {"x"});
    ASSERT_FALSE(read) << bad.text;
    EXPECT_THAT(read.error().text, HasSubstr(bad.says));
  }
  EXPECT_FALSE(read_incident(kBoot, {})) << "no events";
}

}  // namespace
}  // namespace quorate::sim
