#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

std::vector<CoordinationCase> session_cases() {
  return {
      {"TheTimeoutIsAsAsked", R"(
a open 7s -> connected 7s)"},
      {"ATooShortTimeoutIsRaised", R"(
a open 200ms -> connected 1s)"},
      {"ATooLongTimeoutIsLowered", R"(
a open 600s -> connected 60s)"},
      {"AnOddTimeoutStays", R"(
a open 4321ms -> connected 4321ms)"},
      {"SessionsDiffer", R"(
a open -> connected 4s
a close -> closed
a open -> connected 4s
a new-session)"},
      {"AnIdleSessionLives", R"(
a open 1s -> connected 1s
a create ~/e d ephemeral -> ok ~/e
wait 3s
a get ~/e -> ok d v0 of a)"},
      {"CloseRemovesEphemeralNodesAtOnce", R"(
a open 30s -> connected 30s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
a create ~/n_ ephemeral sequential -> ok ~/n_0000000001
a create ~/p -> ok ~/p
a close -> closed
b children ~ -> ok [p])"},
      {"CloseLeavesNodesOfOthers", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/a ephemeral -> ok ~/a
b create ~/b ephemeral -> ok ~/b
a close -> closed
b children ~ -> ok [b])"},
      {"CloseTellsTheUnansweredCalls", R"(
a open -> connected 4s
a create ~/x
a get ~/x
a close
a told -> Closing; Closing; closed)"},
      {"CloseIsToldOnce", R"(
a open -> connected 4s
a close
a close
a told -> closed
a quiet 2500ms)"},
      {"CallsOnAClosedSession", R"(
a open -> connected 4s
a close -> closed
a get ~ -> Closing
a create ~/x -> Closing
a auth -> Closing)"},
      {"CallsWhileClosing", R"(
a open -> connected 4s
a close
a get ~
a told -> *; *
a get ~ -> Closing)"},
      {"CallsOnAHandleThatWasNeverOpened", R"(
a get ~ -> Closing
a create ~/x -> Closing
a auth -> Closing)"},
      {"CloseOfAHandleThatWasNeverOpened", R"(
a close -> closed)"},
      {"CallsBeforeTheConnection", R"(
a refuse
a open 20s
a get ~ -> ConnectionLoss
a create ~/x -> ConnectionLoss
a join -> connected 20s
a exists ~/x -> NoNode)"},
      {"NobodyIsToldDisconnectedBeforeTheFirstConnection", R"(
a refuse
a open 20s
a quiet 1s
a join -> connected 20s)"},
      {"CloseBeforeTheConnection", R"(
a refuse
a open
a close -> closed
a get ~ -> Closing)"},
      {"CloseWithoutAnAnswerIsDoneAfterTwoSeconds", R"(
a open 20s -> connected 20s
a cut
a close
wait 1500ms
a told -> closed
a get ~ -> Closing
a join)"},
      {"CloseWhileDisconnected", R"(
a open 20s -> connected 20s
a refuse -> disconnected
a close -> closed)"},
      {"CloseWhileDisconnectedLeavesEphemeralNodesToExpire", R"(
a open 2s -> connected 2s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
a close -> closed
b quiet 500ms
b told -> deleted ~/e)"},
      {"AResetKeepsTheSession", R"(
a open 20s -> connected 20s
a create ~/e d ephemeral -> ok ~/e
a reset -> disconnected; connected 20s
a same-session
a get ~/e -> ok d v0 of a)"},
      {"ManyResetsKeepTheSession", R"(
a open 20s -> connected 20s
a create ~/e d ephemeral -> ok ~/e
a reset -> disconnected; connected 20s
a reset -> disconnected; connected 20s
a reset -> disconnected; connected 20s
a same-session
a get ~/e -> ok d v0 of a)"},
      {"AShortCutIsNotNoticed", R"(
a open 10s -> connected 10s
a create ~/e d ephemeral -> ok ~/e
a cut
a get ~/e
a quiet 500ms
a join
a told -> ok d v0 of a)"},
      {"ACutLosesUnansweredCallsAsATimeOut", R"(
a open 2s -> connected 2s
a cut
a get ~
a exists ~
a told -> disconnected; OperationTimeout; OperationTimeout
a join
a told -> connected 2s
a same-session)"},
      {"ACutIsNoticedWithinTheTimeout", R"(
a open 3s -> connected 3s
a cut
a quiet 800ms
wait 1700ms
a told -> disconnected
a join
a told -> *)"},
      {"CallsWhileDisconnected", R"(
a open 20s -> connected 20s
a refuse -> disconnected
a get ~ -> ConnectionLoss
a create ~/x -> ConnectionLoss
a set ~ d -> ConnectionLoss
a remove ~/x -> ConnectionLoss
a children ~ -> ConnectionLoss
a exists ~ -> ConnectionLoss
a auth -> ConnectionLoss
a join -> connected 20s
a exists ~/x -> NoNode)"},
      {"BadPathsWhileDisconnected", R"(
a open 20s -> connected 20s
a refuse -> disconnected
a get x -> ConnectionLoss
a join -> connected 20s)"},
      {"AResetLosesUnansweredCalls", R"(
a open 20s -> connected 20s
a cut
a get ~
a children ~
a reset
a told -> disconnected; ConnectionLoss; ConnectionLoss
a join -> connected 20s
a same-session)"},
      {"SilenceExpiresTheSession", R"(
a open 1s -> connected 1s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a cut -> disconnected
b told -> deleted ~/e
a quiet
a join -> expired
a get ~ -> SessionExpired)"},
      {"SilenceDoesNotExpireTheSessionTooEarly", R"(
a open 3s -> connected 3s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
b quiet 1900ms
b told -> deleted ~/e
a join -> expired)"},
      {"AnExpiredSessionKeepsPersistentNodes", R"(
a open 1s -> connected 1s
b open -> connected 4s
a create ~/p -> ok ~/p
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
b told -> deleted ~/e
b children ~ -> ok [p]
a join -> expired)"},
      {"AnExpiredHandleIsClosedLikeAnyOther", R"(
a open 1s -> connected 1s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
b told -> deleted ~/e
a join -> expired
a close -> closed
a get ~ -> Closing)"},
      {"AfterExpiryANewSessionIsAnother", R"(
a open 1s -> connected 1s
b open -> connected 4s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
b told -> deleted ~/e
a join -> expired
a open -> connected 4s
a new-session
a exists ~/e -> NoNode
a create ~/e ephemeral -> ok ~/e
b exists ~/e -> ok v0 of a)"},
      {"WatchesDieWithAnExpiredSession", R"(
a open 1s -> connected 1s
b open -> connected 4s
b create ~/x -> ok ~/x
a create ~/e ephemeral -> ok ~/e
a get ~/x watch -> ok "" v0
b exists ~/e watch -> ok v0 of a
a refuse -> disconnected
b told -> deleted ~/e
b set ~/x 1 -> ok v1
a join -> expired
a quiet)"},
      {"ABusyClientIsNotExpiredByAnother", R"(
a open 1s -> connected 1s
b open 1s -> connected 1s
a create ~/a ephemeral -> ok ~/a
b create ~/b ephemeral -> ok ~/b
b exists ~/a watch -> ok v0 of a
a refuse -> disconnected
b told -> deleted ~/a
b exists ~/b -> ok v0 of b
a join -> expired)"},
      {"ARestartOfTheServersKeepsTheSession", R"(
a open 20s -> connected 20s
a create ~/e d ephemeral -> ok ~/e
a create ~/n_ sequential -> ok ~/n_0000000001
servers stop
a told -> disconnected
k told -> disconnected
a get ~ -> ConnectionLoss
servers start
a told -> connected 20s
k told -> connected 30s
a same-session
a get ~/e -> ok d v0 of a
a create ~/n_ sequential -> ok ~/n_0000000002)"},
      {"SessionsDoNotExpireWhileTheServersAreAway", R"(
a open 2s -> connected 2s
a create ~/e d ephemeral -> ok ~/e
servers stop
a told -> disconnected
k told -> disconnected
wait 4s
servers start
a told -> connected 2s
k told -> connected 30s
a same-session
a get ~/e -> ok d v0 of a)"},
      {"ADeadClientExpiresAfterARestartOfTheServers", R"(
a open 1s -> connected 1s
b open 20s -> connected 20s
a create ~/e ephemeral -> ok ~/e
b exists ~/e watch -> ok v0 of a
servers stop
a told -> disconnected
b told -> disconnected
k told -> disconnected
a refuse
servers start
b told -> connected 20s; deleted ~/e
k told -> connected 30s
a join -> expired)"},
  };
}

}  // namespace quorate::contract
