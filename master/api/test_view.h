#pragma once

#include <string>

#include "master/api/view.h"
#include "master/http/request.h"

// What the tests of this room look at.
namespace quorate::api {

// A master m1 that leads a cluster of its own, and everything that a view of it points to.
struct TestMaster {
  TestMaster() {
    self.id = "6d1e12a6-fc96-42ed-8cfd-a05e4d60e352";
    self.ip = *parse_ipv4("127.0.0.1");
    self.port = 5050;
    self.pid = "master@127.0.0.1:5050";
    self.hostname = "m1";
    self.version = "1.12.0";
    other = self;
    other.id = "11111111-fc96-42ed-8cfd-a05e4d60e352";
    other.hostname = "m2.example";
    other.ip = Ipv4{self.ip.number + 1};
    build = {"1.12.0", "2024-08-23 14:59:00", 1724439540.0, "root", "c1b42f7", {}, {}};
    flags = {{"port", "5050"}, {"quiet", "false"}};
    view.self = view.leader = &self;
    view.leading = view.recovered = view.log_recovered = true;
    view.started = {1'795'353'123'730'158'999};
    view.elected = WallTime{1'795'353'123'731'791'000};
    view.build = &build;
    view.flags = &flags;
    view.metrics = &metrics;
    view.schedule = &schedule;
    view.machines = &machines;
    view.session_state = [] { return std::string("connected"); };
    view.log_state = [] { return std::string("voting"); };
  }
  TestMaster(const TestMaster&) = delete;

  void stand_by() {
    view.leader = &other;
    view.leading = view.recovered = false;
  }
  void lose_the_leader() {
    view.leader = nullptr;
    view.leading = view.recovered = false;
  }

  MasterInfo self, other;
  BuildInfo build;
  std::map<std::string, std::string> flags;
  std::map<std::string, double> metrics{{"master/elected", 1.0}};
  MaintenanceSchedule schedule;
  std::map<MachineId, MachineInfo> machines;
  View view;
};

inline http::Request request_for(std::string method, std::string_view target,
                                 std::string body = {}) {
  http::Request request;
  request.method = std::move(method);
  request.target = target;
  http::Target parsed = *http::parse_target(target);
  request.path = parsed.path;
  request.query = parsed.query;
  request.fragment = parsed.fragment;
  request.body = std::move(body);
  return request;
}

inline http::Request get(std::string_view target) { return request_for("GET", target); }

}  // namespace quorate::api
