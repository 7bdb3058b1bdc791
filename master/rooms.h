#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/addresses.h"
#include "master/api/api.h"
#include "master/base/random.h"
#include "master/base/text.h"
#include "master/config.h"
#include "master/election/election.h"
#include "master/http_front.h"
#include "master/master.h"
#include "master/peers/peers.h"
#include "master/ports/ports.h"
#include "master/registry/registrar.h"
#include "master/replicated_log/replicated_log.h"
#include "master/values/master_info.h"

namespace quorate {

// The version that other Mesos tools compare; it stands in MasterInfo and /version.
inline constexpr std::string_view kMesosVersion = "1.12.0";

// The rooms of one master and what joins them. No room knows another; what one gives is carried to
// the next here. The parts: master.cpp (events to rooms, pump), leadership.cpp (who leads),
// serving.cpp (requests), view.cpp (what requests are shown).
struct Master::Rooms {
  Rooms(Config config_given, const Ports& ports_given, std::uint64_t seed);

  // master.cpp
  void start(Now now);
  void handle(Now now, const Event& event);
  void route(Now now, const Event& event);
  void on_time(Now now);
  void pump(Now now);
  bool carry_messages(Now now);
  bool carry_log_results(Now now);
  bool carry_requests(Now now);
  void carry_notes();
  void set_alarm();
  [[noreturn]] void fail_fast(Exit exit, const std::string& why);
  void log_line(LogLevel level, const std::string& line);

  // leadership.cpp
  void advance_addresses(Now now);
  void address_known(Now now, const OwnAddress& own);
  bool join_replica_group(Now now);
  bool contend_when_ready(Now now);
  bool carry_election(Now now);
  void on_outcome(Now now, const election::LeaderChanged& changed);
  void on_outcome(Now now, const election::ReplicasChanged& changed);
  void on_outcome(Now now, const election::ForeignLeader& foreign);
  void on_outcome(Now now, const election::Ended& ended);
  void on_outcome(Now now, const election::Withdrawn& withdrawn);
  void on_outcome(Now now, const election::SessionClosed& closed);
  void on_outcome(Now now, const election::Noted& noted);
  void elected_now(Now now);
  void recovered_now(Now now, const std::string& how);
  void on_log_event(Now now, const replicated_log::LogEvent& event);
  void leave(Now now, Exit exit, const std::string& why);
  void check_limits(Now now);
  void stop(Now now);
  bool uses_log() const { return config.registry == RegistryKind::ReplicatedLog; }

  // serving.cpp
  void serve(Now now, const FrontRequest& request);
  void settle(Now now, const RequestKey& key, api::Answer answer);
  void submit(Now now, const RequestKey& key, const api::RegistryOperation& wish);
  void apply(Now now, const replicated_log::ChosenEntry& entry);
  void restore_state(Now now, registry::Position position, std::string_view bytes);
  void apply_entry(Now now, registry::Position position, std::string_view bytes);
  void answer_write(Now now, registry::RequestNumber number, registry::Effect effect);
  void abandon_writes(Now now, const std::string& why);
  void release_barrier(Now now, replicated_log::BarrierNumber number);
  http::Response render_stats(Now now, const http::Request& request);
  void on_host_stats(Now now, const HostStats& stats);
  void upgrade(Now now, const FrontUpgrade& upgrade);

  // view.cpp
  api::View view() const;
  std::string session_text() const;
  std::string log_text() const;
  Glance glance() const;
  std::map<std::string, double> metrics(Now now);

  struct Ending {
    Exit exit;
    std::string why;
  };
  struct WaitingRead {
    RequestKey key;
    http::Request request;
  };
  struct WaitingStats {
    RequestKey key;
    http::Request request;
    MonoTime until;
  };
  struct WaitingWrite {
    RequestKey key;
    MonoTime submitted_at;
  };

  const Config config;
  Ports ports;
  RandomStream random;
  std::string master_id;

  HttpFront front;
  peers::Peers peers;
  std::optional<election::Election> election;
  std::optional<replicated_log::ReplicatedLog> log;
  registry::Registrar registrar;

  // Own address.
  std::optional<SocketAddress> bound;
  AddressAnswers address_answers;
  ResolveTicket last_resolve;
  enum class Asked : std::uint8_t {
    Nothing,
    OwnName,
    OwnIp,
    ReverseName
  } address_asked = Asked::Nothing;
  std::optional<MasterInfo> own;

  // Leadership.
  std::optional<MasterInfo> leader;
  bool joined_group = false;
  std::vector<std::string> member_lines;  // the replica group, for people
  bool elected = false;                   // ZooKeeper says that this master leads
  bool recovered = false;                 // and its registry is complete
  MonoTime fetch_deadline = MonoTime::never();
  MonoTime stop_at = MonoTime::never();
  bool stopping = false;         // asked to, by a signal
  std::optional<Ending> ending;  // the session is being closed before this end
  MonoTime fetch_started;

  // Serving.
  std::map<replicated_log::BarrierNumber, std::vector<WaitingRead>> reads;
  std::vector<WaitingStats> stats_waiting;
  std::map<registry::RequestNumber, WaitingWrite> writes;
  std::uint64_t in_memory_position = 0;
  MonoTime level_reset_at = MonoTime::never();
  LogLevel level = LogLevel::Info;
  std::int64_t verbosity = 0;  // of /logging/toggle

  Now started;
  WallTime elected_at;
  std::optional<HostStats> host_stats;
  std::optional<Duration> last_fetch, last_store;
  MonoTime alarm = MonoTime::never();
};

}  // namespace quorate
