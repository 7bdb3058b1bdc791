#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

// `a` and `b` have ann's credentials, `c` has bob's, `d` has none.
std::vector<CoordinationCase> access_cases() {
  return {
      {"AuthIsAnswered", R"(
a open -> connected 4s
a auth -> ok)"},
      {"AuthWithoutCredentials", R"(
d open -> connected 4s
d auth -> BadArguments
d get ~ -> ok "" v0)"},
      {"AuthTwice", R"(
a open -> connected 4s
a auth -> ok
a auth -> ok
a create ~/m mine -> ok ~/m)"},
      {"MineNeedsAuth", R"(
a open -> connected 4s
a create ~/m mine -> InvalidAcl
a create ~/none/m mine -> InvalidAcl
a exists ~/m -> NoNode)"},
      {"MineIsReadByEverybody", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
d get ~/m -> ok data v0
d exists ~/m -> ok v0
d children ~/m -> ok [])"},
      {"MineIsWatchedByEverybody", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
d get ~/m watch -> ok data v0
a set ~/m new -> ok v1
d told -> changed ~/m)"},
      {"MineIsNotSetByOthers", R"(
a open -> connected 4s
c open -> connected 4s
d open -> connected 4s
a auth -> ok
c auth -> ok
a create ~/m data mine -> ok ~/m
c set ~/m bob -> NoAuth
d set ~/m nobody -> NoAuth
d set ~/m nobody v7 -> NoAuth
a get ~/m -> ok data v0)"},
      {"MineIsSetByTheOwner", R"(
a open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
a set ~/m new v0 -> ok v1)"},
      {"MineIsOfTheCredentialsNotOfTheSession", R"(
a open -> connected 4s
b open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
b set ~/m early -> NoAuth
b auth -> ok
b set ~/m late -> ok v1)"},
      {"MineHasNoChildrenOfOthers", R"(
a open -> connected 4s
c open -> connected 4s
a auth -> ok
c auth -> ok
a create ~/m mine -> ok ~/m
c create ~/m/x -> NoAuth
c create ~/m/n_ sequential -> NoAuth
c create ~/m/n_ ephemeral sequential mine -> NoAuth
a create ~/m/x -> ok ~/m/x
c create ~/m/x -> NoAuth)"},
      {"MineDoesNotProtectItselfFromItsParent", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m mine -> ok ~/m
d remove ~/m -> ok)"},
      {"ChildrenOfMineAreNotRemovedByOthers", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m mine -> ok ~/m
a create ~/m/x -> ok ~/m/x
d remove ~/m/x -> NoAuth
d set ~/m/x theirs -> ok v1
a remove ~/m/x -> ok)"},
      {"MissingChildrenOfMineAreNotToldToOthers", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m mine -> ok ~/m
d remove ~/m/none -> NoAuth
d set ~/m/none x -> NoNode
a remove ~/m/none -> NoNode)"},
      {"AccessIsCheckedBeforeVersions", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m mine -> ok ~/m
a create ~/m/x -> ok ~/m/x
a create ~/m/x/y -> ok ~/m/x/y
d remove ~/m/x v9 -> NoAuth
a remove ~/m/x v9 -> BadVersion
a remove ~/m/x -> NotEmpty)"},
      {"FailedAccessFiresNothing", R"(
a open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
a get ~/m watch -> ok data v0
a children ~/m watch -> ok []
d set ~/m x -> NoAuth
d create ~/m/x -> NoAuth
a quiet)"},
      {"EphemeralMineGoesWithItsSession", R"(
a open -> connected 4s
b open -> connected 4s
a auth -> ok
a create ~/m mine -> ok ~/m
a create ~/m/json.info_ {} ephemeral sequential mine -> ok ~/m/json.info_0000000000
b get ~/m/json.info_0000000000 -> ok {} v0 of a
a close -> closed
b children ~/m -> ok [])"},
      {"AuthOutlivesAReconnection", R"(
a open 20s -> connected 20s
a auth -> ok
a create ~/m data mine -> ok ~/m
a reset -> disconnected; connected 20s
a set ~/m new -> ok v1
a create ~/m/x mine -> ok ~/m/x)"},
      {"AuthOutlivesARestartOfTheServers", R"(
a open 20s -> connected 20s
a auth -> ok
a create ~/m data mine -> ok ~/m
servers stop
a told -> disconnected
k told -> disconnected
servers start
a told -> connected 20s
k told -> connected 30s
a set ~/m new -> ok v1)"},
      {"AuthDiesWithTheSession", R"(
a open -> connected 4s
a auth -> ok
a create ~/m data mine -> ok ~/m
a close -> closed
a open -> connected 4s
a set ~/m new -> NoAuth
a auth -> ok
a set ~/m new -> ok v1)"},
      {"OpenNodesAreForEverybody", R"(
a open -> connected 4s
c open -> connected 4s
d open -> connected 4s
a auth -> ok
a create ~/o 0 -> ok ~/o
c set ~/o 1 -> ok v1
d create ~/o/x -> ok ~/o/x
c remove ~/o/x -> ok
d remove ~/o -> ok)"},
  };
}

}  // namespace quorate::contract
