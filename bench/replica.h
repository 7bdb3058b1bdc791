#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/line.h"
#include "bench/load.h"
#include "bench/options.h"
#include "bench/tally.h"
#include "bench/usage.h"
#include "master/http_front.h"
#include "master/peers/peers.h"
#include "master/platform/event_loop.h"
#include "master/ports/ports.h"
#include "master/replicated_log/replicated_log.h"

namespace quorate::bench {

// One replica of the log: the rooms of a master that a log needs, joined as master/master.cpp joins
// them, with the bench in the place of ZooKeeper (it says who the members are and who leads) and a
// load in the place of requests. Commands and reports are lines; commands come as FileRead events.
//
//   members list=ID/INCARNATION/ADDRESS,...   replaces the member list
//   lead                                      -> established prepare_ns= at_ns=
//   load depth= size= count=                  -> loaded, when count is reached or after `quiet`
//   quiet
//   mark                                      -> marked; counts start anew
//   measure                                   -> measured, what happened since
//   watch learned=                            -> reached, as soon as so much is learned
//   state                                     -> stands, what it holds
//   leave                                     seals the log and ends
//
// Unasked: `opened` once the log is open and the port listens, `voting`. Times are CLOCK_MONOTONIC.
class Replica final : public platform::EventSink {
 public:
  Replica(const ReplicaOptions& options, const Ports& ports, std::uint64_t seed);

  void start(Now now);
  void handle(const Now& now, const Event& event) override;

 private:
  void route(Now now, const Event& event);
  void route_connection(Now now, const Event& event);
  void pump(Now now);
  bool carry_messages(Now now);
  bool carry_upgrades(Now now);
  bool carry_results();
  void carry_event(const replicated_log::LogEvent& event);
  void carry_notes();
  void introduce();
  void notice_prepare(const replicated_log::Envelope& envelope);
  void set_alarm();

  void obey(Now now, const Line& command);
  void set_members(Now now, const std::string& list);
  void measure();
  void stand();

  ReplicaOptions options_;
  Ports ports_;
  HttpFront front_;
  peers::Peers peers_;
  replicated_log::ReplicatedLog log_;
  Load load_;
  Tally tally_;

  MonoTime started_;
  std::optional<SocketAddress> bound_;
  bool introduced_ = false;
  bool loading_ = false;
  std::uint64_t log_bytes_max_ = 0;     // that the log ever had, as written
  std::optional<MonoTime> lead_at_;     // until established
  std::optional<MonoTime> prepare_at_;  // the first Prepare left
  std::optional<std::uint64_t> watched_;
  MonoTime leave_at_ = MonoTime::never();

  // At the last mark.
  MonoTime marked_at_;
  Usage marked_usage_;
  std::uint64_t marked_syncs_ = 0;
};

// The process around it: real ports, stdin and stdout. Gives the exit code.
int run_replica(const ReplicaOptions& options);

}  // namespace quorate::bench
