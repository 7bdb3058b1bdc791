#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

std::vector<CoordinationCase> watch_cases() {
  return {
      {"WatchOfGetFiresOnSet", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 1 -> ok ~/x
b get ~/x watch -> ok 1 v0
a set ~/x 2 -> ok v1
b told -> changed ~/x)"},
      {"WatchOfGetFiresOnRemove", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 1 -> ok ~/x
b get ~/x watch -> ok 1 v0
a remove ~/x -> ok
b told -> deleted ~/x)"},
      {"WatchOfExistsFiresOnCreate", R"(
a open -> connected 4s
b open -> connected 4s
b exists ~/x watch -> NoNode
a create ~/x -> ok ~/x
b told -> created ~/x)"},
      {"WatchOfExistsFiresOnSet", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b exists ~/x watch -> ok v0
a set ~/x d -> ok v1
b told -> changed ~/x)"},
      {"WatchOfExistsFiresOnRemove", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b exists ~/x watch -> ok v0
a remove ~/x -> ok
b told -> deleted ~/x)"},
      {"WatchOfChildrenFiresOnCreate", R"(
a open -> connected 4s
b open -> connected 4s
b children ~ watch -> ok []
a create ~/x -> ok ~/x
b told -> children ~)"},
      {"WatchOfChildrenFiresOnRemove", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~ watch -> ok [x]
a remove ~/x -> ok
b told -> children ~)"},
      {"WatchOfChildrenFiresWhenTheParentGoes", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~/x watch -> ok []
a remove ~/x -> ok
b told -> deleted ~/x)"},
      {"WatchOfChildrenDoesNotSeeData", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~/x watch -> ok []
a set ~/x d -> ok v1
b quiet
b children ~ watch -> ok [x]
a set ~/x e -> ok v2
b quiet)"},
      {"WatchOfChildrenDoesNotSeeGrandchildren", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~ watch -> ok [x]
a create ~/x/y -> ok ~/x/y
a remove ~/x/y -> ok
b quiet)"},
      {"WatchOfDataDoesNotSeeChildren", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b get ~/x watch -> ok "" v0
a create ~/x/y -> ok ~/x/y
a remove ~/x/y -> ok
b quiet)"},
      {"WatchFiresOnce", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b get ~/x watch -> ok "" v0
a set ~/x 1 -> ok v1
b told -> changed ~/x
a set ~/x 2 -> ok v2
a remove ~/x -> ok
b quiet)"},
      {"WatchOfChildrenFiresOnce", R"(
a open -> connected 4s
b open -> connected 4s
b children ~ watch -> ok []
a create ~/1 -> ok ~/1
a create ~/2 -> ok ~/2
b told -> children ~
a create ~/3 -> ok ~/3
b quiet
b children ~ watch -> ok [1 2 3]
a remove ~/2 -> ok
b told -> children ~)"},
      {"WatchOfExistsFiresOnce", R"(
a open -> connected 4s
b open -> connected 4s
b exists ~/x watch -> NoNode
a create ~/x -> ok ~/x
b told -> created ~/x
a set ~/x 1 -> ok v1
a remove ~/x -> ok
a create ~/x -> ok ~/x
b quiet)"},
      {"WatchSetAgainFiresAgain", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 0 -> ok ~/x
b get ~/x watch -> ok 0 v0
a set ~/x 1 -> ok v1
b told -> changed ~/x
b get ~/x watch -> ok 1 v1
a set ~/x 2 -> ok v2
b told -> changed ~/x)"},
      {"WatchSetTwiceFiresOnce", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 0 -> ok ~/x
b get ~/x watch -> ok 0 v0
b get ~/x watch -> ok 0 v0
b exists ~/x watch -> ok v0
a set ~/x 1 -> ok v1
b told -> changed ~/x
b quiet)"},
      {"WatchOfGetOnNothingIsNone", R"(
a open -> connected 4s
b open -> connected 4s
b get ~/x watch -> NoNode
a create ~/x -> ok ~/x
a set ~/x 1 -> ok v1
b quiet)"},
      {"WatchOfChildrenOfNothingIsNone", R"(
a open -> connected 4s
b open -> connected 4s
b children ~/x watch -> NoNode
a create ~/x -> ok ~/x
a create ~/x/y -> ok ~/x/y
b quiet)"},
      {"NoWatchNoEvent", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b get ~/x -> ok "" v0
b exists ~/y -> NoNode
b children ~ -> ok [x]
a set ~/x 1 -> ok v1
a create ~/y -> ok ~/y
b quiet)"},
      {"FailedChangesFireNothing", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b get ~/x watch -> ok "" v0
b children ~ watch -> ok [x]
a set ~/x 1 v5 -> BadVersion
a create ~/x -> NodeExists
a remove ~/y -> NoNode
a remove ~/x v3 -> BadVersion
b quiet)"},
      {"SetToTheSameFires", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x d -> ok ~/x
b get ~/x watch -> ok d v0
a set ~/x d -> ok v1
b told -> changed ~/x)"},
      {"OwnWatchFiresBeforeTheAnswer", R"(
a open -> connected 4s
a create ~/x 0 -> ok ~/x
a get ~/x watch -> ok 0 v0
a set ~/x 1 -> changed ~/x; ok v1)"},
      {"OwnWatchOfExistsFiresBeforeTheAnswer", R"(
a open -> connected 4s
a exists ~/x watch -> NoNode
a create ~/x -> created ~/x; ok ~/x)"},
      {"OwnWatchOfChildrenFiresBeforeTheAnswer", R"(
a open -> connected 4s
a children ~ watch -> ok []
a create ~/n_ ephemeral sequential -> children ~; ok ~/n_0000000000)"},
      {"OwnWatchOfRemoveFiresBeforeTheAnswer", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a exists ~/x watch -> ok v0
a children ~ watch -> ok [x]
a remove ~/x -> deleted ~/x; children ~; ok)"},
      {"CreateFiresTheNodeBeforeItsParent", R"(
a open -> connected 4s
b open -> connected 4s
b exists ~/x watch -> NoNode
b children ~ watch -> ok []
a create ~/x -> ok ~/x
b told -> created ~/x; children ~)"},
      {"RemoveFiresTheNodeBeforeItsParent", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~ watch -> ok [x]
b get ~/x watch -> ok "" v0
a remove ~/x -> ok
b told -> deleted ~/x; children ~)"},
      {"DataAndChildrenWatchOfOneNodeAreOneDeletion", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~/x watch -> ok []
b get ~/x watch -> ok "" v0
b exists ~/x watch -> ok v0
a remove ~/x -> ok
b told -> deleted ~/x
b quiet)"},
      {"DataWatchStaysWhenChildrenFire", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~/x watch -> ok []
b get ~/x watch -> ok "" v0
a create ~/x/y -> ok ~/x/y
b told -> children ~/x
a set ~/x 1 -> ok v1
b told -> changed ~/x)"},
      {"ChildrenWatchStaysWhenDataFires", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b children ~/x watch -> ok []
b get ~/x watch -> ok "" v0
a set ~/x 1 -> ok v1
b told -> changed ~/x
a create ~/x/y -> ok ~/x/y
b told -> children ~/x)"},
      {"DeletedAndMadeAnewIsTwoChanges", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
b exists ~/x watch -> ok v0
a remove ~/x -> ok
b told -> deleted ~/x
b exists ~/x watch -> NoNode
a create ~/x -> ok ~/x
b told -> created ~/x)"},
      {"WatchComesBeforeTheAnswerThatShowsTheChange", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 0 -> ok ~/x
b get ~/x watch -> ok 0 v0
a set ~/x 1 -> ok v1
b get ~/x
b told -> changed ~/x; ok 1 v1)"},
      {"ChildrenWatchComesBeforeTheAnswerThatShowsTheChange", R"(
a open -> connected 4s
b open -> connected 4s
b children ~ watch -> ok []
a create ~/n_ ephemeral sequential -> ok ~/n_0000000000
b children ~
b told -> children ~; ok [n_0000000000])"},
      {"WatchesOfSeveralClientsAllFire", R"(
a open -> connected 4s
b open -> connected 4s
c open -> connected 4s
d open -> connected 4s
a create ~/x 0 -> ok ~/x
b get ~/x watch -> ok 0 v0
c exists ~/x watch -> ok v0
d get ~/x watch -> ok 0 v0
a set ~/x 1 -> ok v1
b told -> changed ~/x
c told -> changed ~/x
d told -> changed ~/x)"},
      {"WatchesOfSeveralNodesComeInTheOrderOfTheChanges", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x -> ok ~/x
a create ~/y -> ok ~/y
b get ~/x watch -> ok "" v0
b get ~/y watch -> ok "" v0
b exists ~/z watch -> NoNode
a create ~/z
a set ~/y 1
a remove ~/x
a told -> ok ~/z; ok v1; ok
b told -> created ~/z; changed ~/y; deleted ~/x)"},
      {"WatchOfAnEphemeralNodeFiresWhenItsClientCloses", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/e d ephemeral -> ok ~/e
b get ~/e watch -> ok d v0 of a
b children ~ watch -> ok [e]
a close -> closed
b told -> deleted ~/e; children ~)"},
      {"WatchesDieWithTheirSession", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 0 -> ok ~/x
b get ~/x watch -> ok 0 v0
b close -> closed
b open -> connected 4s
a set ~/x 1 -> ok v1
b quiet)"},
      {"WatchStandsAfterAReconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x 0 -> ok ~/x
a get ~/x watch -> ok 0 v0
a children ~/x watch -> ok []
a exists ~/y watch -> NoNode
a reset -> disconnected; connected 20s
a exists ~ -> ok v0
b create ~/y -> ok ~/y
b create ~/x/z -> ok ~/x/z
b set ~/x 1 -> ok v1
a told -> created ~/y; children ~/x; changed ~/x)"},
      {"WatchTellsOfAChangeDuringADisconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x 0 -> ok ~/x
a get ~/x watch -> ok 0 v0
a refuse -> disconnected
b set ~/x 1 -> ok v1
a join -> connected 20s; changed ~/x
a get ~/x -> ok 1 v1
b set ~/x 2 -> ok v2
a quiet)"},
      {"WatchTellsOfARemovalDuringADisconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x 0 -> ok ~/x
a exists ~/x watch -> ok v0
a refuse -> disconnected
b remove ~/x -> ok
a join -> connected 20s; deleted ~/x)"},
      {"WatchTellsOfACreationDuringADisconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
a exists ~/x watch -> NoNode
a refuse -> disconnected
b create ~/x -> ok ~/x
a join -> connected 20s; created ~/x)"},
      {"WatchTellsOfChildrenDuringADisconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
a children ~ watch -> ok []
a refuse -> disconnected
b create ~/1 -> ok ~/1
b create ~/2 -> ok ~/2
a join -> connected 20s; children ~
a children ~ -> ok [1 2])"},
      {"WatchTellsOfAParentGoneDuringADisconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x -> ok ~/x
a children ~/x watch -> ok []
a get ~/x watch -> ok "" v0
a refuse -> disconnected
b remove ~/x -> ok
a join -> connected 20s; deleted ~/x
a quiet)"},
      {"WatchTellsAReplacedNodeAsAChange", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x 0 -> ok ~/x
a get ~/x watch -> ok 0 v0
a refuse -> disconnected
b remove ~/x -> ok
b create ~/x 0 -> ok ~/x
a join -> connected 20s; changed ~/x)"},
      {"WatchDoesNotTellOfANodeThatCameAndWent", R"(
a open 20s -> connected 20s
b open -> connected 4s
a exists ~/x watch -> NoNode
a refuse -> disconnected
b create ~/x -> ok ~/x
b remove ~/x -> ok
a join -> connected 20s
a quiet
b create ~/x -> ok ~/x
a told -> created ~/x)"},
      {"WatchTellsOfAChildThatCameAndWent", R"(
a open 20s -> connected 20s
b open -> connected 4s
a children ~ watch -> ok []
a refuse -> disconnected
b create ~/x -> ok ~/x
b remove ~/x -> ok
a join -> connected 20s; children ~
a children ~ -> ok [])"},
      {"UntouchedWatchesStaySilentAfterAReconnection", R"(
a open 20s -> connected 20s
b open -> connected 4s
b create ~/x 0 -> ok ~/x
b set ~/x 1 -> ok v1
a get ~/x watch -> ok 1 v1
a children ~ watch -> ok [x]
a exists ~/y watch -> NoNode
a refuse -> disconnected
b create ~/x/deep -> ok ~/x/deep
b set ~ other -> ok v1
a join -> connected 20s
a quiet)"},
      {"WatchStandsAfterARestartOfTheServers", R"(
a open 20s -> connected 20s
b open 20s -> connected 20s
b create ~/x 0 -> ok ~/x
a get ~/x watch -> ok 0 v0
servers stop
a told -> disconnected
b told -> disconnected
k told -> disconnected
servers start
a told -> connected 20s
b told -> connected 20s
k told -> connected 30s
b set ~/x 1 -> ok v1
a told -> changed ~/x)"},
  };
}

}  // namespace quorate::contract
