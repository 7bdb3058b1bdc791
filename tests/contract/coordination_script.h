#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/contract/coordination_world.h"

namespace quorate::contract {

// One case of the contract: what clients ask and what they must be told, as text. A line is a step:
//
//   CLIENT open [TIMEOUT]                          4s if none is given
//   CLIENT auth | close
//   CLIENT create PATH [DATA] [ephemeral] [sequential] [mine]     mine: creator all
//   CLIENT get | exists | children PATH [watch]
//   CLIENT set PATH DATA [vN] | remove PATH [vN]
//   CLIENT cut | join | reset | refuse             its link
//   CLIENT told                                    waits for what is expected
//   CLIENT quiet [TIME]                            it is told nothing in that time
//   CLIENT same-session | new-session              its last two Connected
//   servers stop | start
//   wait TIME
//
// `-> EVENT; EVENT` behind a step: these are the next events of that client, in this order. A step
// without it waits for nothing, so that calls can overtake their answers. What is left unread at
// the end of a case is a mistake. In PATH and EVENT `~` is a node that only this case has, and in
// PATH %1f is the character of that number. DATA is a word, "" or big:BYTES. EVENTs:
//
//   connected 4s | disconnected | expired | auth-failed | closed
//   ok ... or the name of a code:  create "ok PATH", get "ok DATA vN [of CLIENT]", exists "ok vN
//       [of CLIENT]", children "ok [a b]", set "ok vN", others "ok"
//   created PATH | deleted PATH | changed PATH | children PATH          a watch
//
// `*` in an EVENT stands for any text.
struct CoordinationCase {
  std::string_view name;
  std::string_view script;
};

// Carries out one case in one world.
class CoordinationScript {
 public:
  CoordinationScript(CoordinationWorld& world, const CoordinationCase& what);

  // What was not as written, with the line; empty: all was.
  std::vector<std::string> run();
  // All that a client was told, as text.
  std::vector<std::string> told(char client);

 private:
  using Words = std::vector<std::string>;
  struct Client {
    std::uint64_t opened = 0;
    std::size_t read = 0;  // events of the case that were compared
    std::vector<std::int64_t> sessions;
  };

  void make_base();
  void step(std::string_view line);
  void of_servers(const Words& words);
  bool of_link(char name, const std::string& verb);
  void ask(char name, const Words& words);
  void sessions_differ(char name, bool expected);
  void expect(char name, std::string_view events);
  void quiet(char name, Duration time);
  void finish();
  void wait(Duration time);
  void mistake(const std::string& what);

  SessionHandle handle(char name);
  std::vector<const Event*> events(char name) const;
  std::string to_text(const Event& event) const;
  std::string reply_text(const CoordinationReply& reply) const;
  std::string full(std::string text) const;
  std::string brief(const std::string& path) const;
  std::string owner(std::int64_t session) const;

  CoordinationWorld& world_;
  const CoordinationCase& case_;
  std::string base_;
  std::map<char, Client> clients_;
  std::map<CoordinationTicket, std::string> asked_;  // the verb
  CoordinationTicket ticket_;
  std::string line_;
  std::vector<std::string> mistakes_;
};

}  // namespace quorate::contract
