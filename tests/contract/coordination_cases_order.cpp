#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

// Calls under way together, of one client and of several.
std::vector<CoordinationCase> order_cases() {
  return {
      {"AnswersComeInTheOrderOfTheCalls", R"(
a open -> connected 4s
a create ~/x 0
a get ~/x
a set ~/x 1 v0
a exists ~/x
a children ~
a set ~/x 2 v0
a remove ~/x v1
a get ~/x
a told -> ok ~/x; ok 0 v0; ok v1; ok v1; ok [x]; BadVersion; ok; NoNode)"},
      {"RefusedPathsAreAnsweredInTheirTurn", R"(
a open -> connected 4s
a get ~
a get bad
a set ~ 1
a create bad
a exists ~
a told -> ok "" v0; BadArguments; ok v1; BadArguments; ok v1)"},
      {"AuthIsAnsweredInItsTurn", R"(
a open -> connected 4s
a get ~
a auth
a create ~/m mine
a get ~/m
a told -> ok "" v0; ok; ok ~/m; ok "" v0)"},
      {"AuthWithoutCredentialsIsAnsweredInItsTurn", R"(
d open -> connected 4s
d get ~
d auth
d set ~ x
d told -> ok "" v0; BadArguments; ok v1)"},
      {"WritesUnderWayTogetherAllCount", R"(
a open -> connected 4s
a create ~/n_ sequential
a create ~/n_ sequential
a create ~/n_ sequential
a children ~
a told -> ok ~/n_*0; ok ~/n_*1; ok ~/n_*2; ok [n_*0 n_*1 n_*2])"},
      {"CreateAndRemoveUnderWayTogether", R"(
a open -> connected 4s
a create ~/x
a create ~/x
a remove ~/x
a remove ~/x
a create ~/x
a told -> ok ~/x; NodeExists; ok; NoNode; ok ~/x)"},
      {"ParentAndChildUnderWayTogether", R"(
a open -> connected 4s
a create ~/x
a create ~/x/y
a remove ~/x
a remove ~/x/y
a remove ~/x
a told -> ok ~/x; ok ~/x/y; NotEmpty; ok; ok)"},
      {"EphemeralParentUnderWay", R"(
a open -> connected 4s
a create ~/e ephemeral
a create ~/e/x
a told -> ok ~/e; NoChildrenForEphemerals)"},
      {"VersionsUnderWayTogether", R"(
a open -> connected 4s
a create ~/x 0
a set ~/x 1 v0
a set ~/x 2 v1
a set ~/x 3 v1
a get ~/x
a told -> ok ~/x; ok v1; ok v2; BadVersion; ok 2 v2)"},
      {"WatchAndChangeUnderWayTogether", R"(
a open -> connected 4s
a create ~/x 0
a get ~/x watch
a set ~/x 1
a set ~/x 2
a told -> ok ~/x; ok 0 v0; changed ~/x; ok v1; ok v2)"},
      {"WatchSetAgainUnderWay", R"(
a open -> connected 4s
a create ~/x 0
a get ~/x watch
a set ~/x 1
a get ~/x watch
a set ~/x 2
a told -> ok ~/x; ok 0 v0; changed ~/x; ok v1; ok 1 v1; changed ~/x; ok v2)"},
      {"ExistsWatchTurnsIntoADataWatchUnderWay", R"(
a open -> connected 4s
a exists ~/x watch
a create ~/x 0
a exists ~/x watch
a set ~/x 1
a exists ~/x watch
a remove ~/x
a told -> NoNode; created ~/x; ok ~/x; ok v0; changed ~/x; ok v1; ok v1; deleted ~/x; ok)"},
      {"ManyCallsUnderWay", R"(
a open -> connected 4s
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a create ~/n_ ephemeral sequential
a told -> *0000; *0001; *0002; *0003; *0004; *0005; *0006; *0007
a remove ~/n_0000000003
a remove ~/n_0000000000
a children ~
a told -> ok; ok; ok [n_*1 n_*2 n_*4 n_*5 n_*6 n_*7])"},
      {"OneOfSeveralMakesTheNode", R"(
a open -> connected 4s
b open -> connected 4s
c open -> connected 4s
a create ~/lock ephemeral -> ok ~/lock
b create ~/lock ephemeral
c create ~/lock ephemeral
b told -> NodeExists
c told -> NodeExists
b exists ~/lock watch -> ok v0 of a
c exists ~/lock watch -> ok v0 of a
a close -> closed
b told -> deleted ~/lock
c told -> deleted ~/lock
c create ~/lock ephemeral -> ok ~/lock
b create ~/lock ephemeral -> NodeExists)"},
      {"ElectionByTheLowestNumber", R"(
a open -> connected 4s
b open -> connected 4s
c open -> connected 4s
a create ~/n_ A ephemeral sequential -> ok ~/n_0000000000
b create ~/n_ B ephemeral sequential -> ok ~/n_0000000001
c create ~/n_ C ephemeral sequential -> ok ~/n_0000000002
b children ~ watch -> ok [n_0000000000 n_0000000001 n_0000000002]
c children ~ watch -> ok [n_0000000000 n_0000000001 n_0000000002]
a close -> closed
b told -> children ~
c told -> children ~
c children ~ -> ok [n_0000000001 n_0000000002]
c get ~/n_0000000001 -> ok B v0 of b)"},
      {"ElectionAfterAnExpiry", R"(
a open 1s -> connected 1s
b open -> connected 4s
a create ~/n_ A ephemeral sequential -> ok ~/n_0000000000
b create ~/n_ B ephemeral sequential -> ok ~/n_0000000001
b children ~ watch -> ok [n_0000000000 n_0000000001]
a cut -> disconnected
b told -> children ~
b children ~ -> ok [n_0000000001]
a join -> expired
a open -> connected 4s
a create ~/n_ A ephemeral sequential -> ok ~/n_0000000002
a children ~ -> ok [n_0000000001 n_0000000002])"},
      {"ALeadersNodeRemovedByHand", R"(
a open -> connected 4s
d open -> connected 4s
a create ~/n_ A ephemeral sequential -> ok ~/n_0000000000
a children ~ watch -> ok [n_0000000000]
a exists ~/n_0000000000 watch -> ok v0 of a
d remove ~/n_0000000000 -> ok
a told -> deleted ~/n_0000000000; children ~
a children ~ -> ok [])"},
      {"ACreateThatIsLostMayHaveHappened", R"(
a open 20s -> connected 20s
b open -> connected 4s
a cut
a create ~/n_ ephemeral sequential
a reset
a told -> disconnected; ConnectionLoss
a join -> connected 20s
a same-session
b children ~ -> ok [*])"},
      {"WritersOfOneNodeInTurn", R"(
a open -> connected 4s
b open -> connected 4s
c open -> connected 4s
a create ~/x 0 -> ok ~/x
a set ~/x a v0 -> ok v1
b set ~/x b v1 -> ok v2
c set ~/x c v2 -> ok v3
a set ~/x a v2 -> BadVersion
b get ~/x -> ok c v3)"},
      {"WritersOfOneNodeAtOnce", R"(
a open -> connected 4s
b open -> connected 4s
k set ~ 0
a create ~/n_ sequential
b create ~/n_ sequential
a create ~/n_ sequential
b create ~/n_ sequential
a told -> ok *; ok *
b told -> ok *; ok *
k told -> ok v1
k children ~ -> ok [n_0000000000 n_0000000001 n_0000000002 n_0000000003])"},
      {"ChildrenSeenByAllAlike", R"(
a open -> connected 4s
b open -> connected 4s
c open -> connected 4s
a create ~/1 ephemeral -> ok ~/1
b create ~/2 ephemeral -> ok ~/2
c create ~/3 ephemeral -> ok ~/3
a children ~ -> ok [1 2 3]
b children ~ -> ok [1 2 3]
c children ~ -> ok [1 2 3]
b close -> closed
a children ~ -> ok [1 3]
c children ~ -> ok [1 3])"},
      {"OneClientsLossIsNotAnothers", R"(
a open 20s -> connected 20s
b open 20s -> connected 20s
a create ~/a ephemeral -> ok ~/a
a refuse -> disconnected
b create ~/b ephemeral -> ok ~/b
b children ~ -> ok [a b]
b quiet
a join -> connected 20s
a children ~ -> ok [a b])"},
      {"TwoSessionsOfOneHost", R"(
a open -> connected 4s
b open 30s -> connected 30s
b create ~/e ephemeral -> ok ~/e
a close -> closed
b exists ~/e -> ok v0 of b
a open -> connected 4s
a exists ~/e -> ok v0 of b)"},
  };
}

}  // namespace quorate::contract
