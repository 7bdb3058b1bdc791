#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

std::vector<CoordinationCase> node_cases() {
  return {
      {"CreateTellsThePath", R"(
a open -> connected 4s
a create ~/x data -> ok ~/x)"},
      {"CreateNestsAsDeepAsAsked", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/x/y -> ok ~/x/y
a create ~/x/y/z deep -> ok ~/x/y/z
a get ~/x/y/z -> ok deep v0)"},
      {"CreateOfANodeThatIsThere", R"(
a open -> connected 4s
a create ~/x 1 -> ok ~/x
a create ~/x 2 -> NodeExists
a get ~/x -> ok 1 v0)"},
      {"CreateBelowNothing", R"(
a open -> connected 4s
a create ~/x/y -> NoNode
a create ~/x/y/z -> NoNode
a exists ~/x -> NoNode)"},
      {"CreateOfTheRoot", R"(
a open -> connected 4s
a create / -> NodeExists)"},
      {"CreateWithoutData", R"(
a open -> connected 4s
a create ~/x "" -> ok ~/x
a get ~/x -> ok "" v0)"},
      {"CreateOfAnEphemeralNode", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/e data ephemeral -> ok ~/e
a get ~/e -> ok data v0 of a
b exists ~/e -> ok v0 of a)"},
      {"AnEphemeralNodeHasNoChildren", R"(
a open -> connected 4s
a create ~/e data ephemeral -> ok ~/e
a create ~/e/x -> NoChildrenForEphemerals
a create ~/e/x ephemeral -> NoChildrenForEphemerals
a create ~/e/x sequential -> NoChildrenForEphemerals
a children ~/e -> ok [])"},
      {"AnEphemeralNodeIsNotMadeTwice", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/e a ephemeral -> ok ~/e
b create ~/e b ephemeral -> NodeExists
a create ~/e a ephemeral -> NodeExists
b get ~/e -> ok a v0 of a)"},
      {"OthersMayRemoveAnEphemeralNode", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/e a ephemeral -> ok ~/e
b remove ~/e -> ok
b create ~/e b ephemeral -> ok ~/e
a get ~/e -> ok b v0 of b)"},
      {"OthersMaySetAnEphemeralNode", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/e a ephemeral -> ok ~/e
b set ~/e b v0 -> ok v1
a get ~/e -> ok b v1 of a)"},
      {"SequenceBeginsAtZero", R"(
a open -> connected 4s
a create ~/n_ sequential -> ok ~/n_0000000000
a create ~/n_ sequential -> ok ~/n_0000000001
a children ~ -> ok [n_0000000000 n_0000000001])"},
      {"SequenceCountsPlainChildrenToo", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/y ephemeral -> ok ~/y
a create ~/n_ sequential -> ok ~/n_0000000002)"},
      {"SequenceIsOneForAllNames", R"(
a open -> connected 4s
a create ~/json.info_ sequential -> ok ~/json.info_0000000000
a create ~/log_replicas_ sequential -> ok ~/log_replicas_0000000001
a create ~/json.info_ sequential -> ok ~/json.info_0000000002)"},
      {"SequenceDoesNotReuseNumbers", R"(
a open -> connected 4s
a create ~/n_ sequential -> ok ~/n_0000000000
a remove ~/n_0000000000 -> ok
a create ~/n_ sequential -> ok ~/n_0000000001
a remove ~/n_0000000001 -> ok
a create ~/n_ sequential -> ok ~/n_0000000002)"},
      {"SequenceCountsNoFailures", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/x -> NodeExists
a set ~ data -> ok v1
a remove ~/y -> NoNode
a create ~/n_ sequential -> ok ~/n_0000000001)"},
      {"SequenceCountsNoGrandchildren", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/x/1 -> ok ~/x/1
a create ~/x/2 -> ok ~/x/2
a create ~/n_ sequential -> ok ~/n_0000000001
a create ~/x/n_ sequential -> ok ~/x/n_0000000002)"},
      {"SequenceBeginsAnewWithItsParent", R"(
a open -> connected 4s
a create ~/p -> ok ~/p
a create ~/p/n_ sequential -> ok ~/p/n_0000000000
a remove ~/p/n_0000000000 -> ok
a remove ~/p -> ok
a create ~/p -> ok ~/p
a create ~/p/n_ sequential -> ok ~/p/n_0000000000)"},
      {"SequenceMayBeTheWholeName", R"(
a open -> connected 4s
a create ~/ sequential -> ok ~/0000000000
a create ~/ data ephemeral sequential -> ok ~/0000000001)"},
      {"SequenceOfSeveralClientsHasNoDoubles", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/n_ a ephemeral sequential -> ok ~/n_0000000000
b create ~/n_ b ephemeral sequential -> ok ~/n_0000000001
a create ~/n_ a ephemeral sequential -> ok ~/n_0000000002
b get ~/n_0000000001 -> ok b v0 of b)"},
      {"SequentialPathMustHaveAParent", R"(
a open -> connected 4s
a create ~/p/n_ sequential -> NoNode)"},
      {"SequenceMeetsANodeOfThatName", R"(
a open -> connected 4s
a create ~/n_0000000001 mine-not -> ok ~/n_0000000001
a create ~/n_ sequential -> NodeExists
a create ~/x -> ok ~/x
a create ~/n_ sequential -> ok ~/n_0000000002)"},
      {"SequenceOverflows", R"(
a open -> connected 4s
a create /overflow/n_ sequential -> ok /overflow/n_2147483646
a create /overflow/n_ sequential -> ok /overflow/n_2147483647
a create /overflow/n_ sequential -> NodeExists
a create /overflow/m_ sequential -> ok /overflow/m_2147483647
a remove /overflow/n_2147483647 -> ok
a create /overflow/n_ sequential -> ok /overflow/n_2147483647
a create /overflow/n_ sequential -> NodeExists)"},
      {"SequenceBelowTheRoot", R"(
a open -> connected 4s
a create / data ephemeral sequential -> ok /0000*)"},
      {"GetTellsDataAndVersion", R"(
a open -> connected 4s
a create ~/x one -> ok ~/x
a get ~/x -> ok one v0
a set ~/x two -> ok v1
a get ~/x -> ok two v1)"},
      {"GetOfNothing", R"(
a open -> connected 4s
a get ~/x -> NoNode
a get ~/x/y/z -> NoNode)"},
      {"GetOfTheRoot", R"(
a open -> connected 4s
a exists / -> ok v*)"},
      {"ExistsTellsTheVersion", R"(
a open -> connected 4s
a exists ~/x -> NoNode
a create ~/x -> ok ~/x
a exists ~/x -> ok v0
a set ~/x d -> ok v1
a exists ~/x -> ok v1
a remove ~/x -> ok
a exists ~/x -> NoNode)"},
      {"ExistsBelowNothing", R"(
a open -> connected 4s
a exists ~/x/y -> NoNode)"},
      {"ChildrenAreSorted", R"(
a open -> connected 4s
a create ~/b -> ok ~/b
a create ~/c -> ok ~/c
a create ~/a ephemeral -> ok ~/a
a create ~/B -> ok ~/B
a children ~ -> ok [B a b c])"},
      {"ChildrenAreNoGrandchildren", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/x/y -> ok ~/x/y
a children ~ -> ok [x]
a children ~/x -> ok [y]
a children ~/x/y -> ok [])"},
      {"ChildrenOfNothing", R"(
a open -> connected 4s
a children ~/x -> NoNode)"},
      {"ChildrenOfNamesThatBeginAlike", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/xy -> ok ~/xy
a create ~/x/1 -> ok ~/x/1
a create ~/xy/2 -> ok ~/xy/2
a children ~/x -> ok [1]
a remove ~/x -> NotEmpty
a remove ~/x/1 -> ok
a remove ~/x -> ok
a children ~/xy -> ok [2])"},
      {"ZookeeperHasANodeOfItsOwn", R"(
a open -> connected 4s
a children /zookeeper -> ok [config quota]
a create /zookeeper -> NodeExists
a remove /zookeeper -> BadArguments
a remove /zookeeper/quota -> BadArguments)"},
      {"SetCountsVersions", R"(
a open -> connected 4s
a create ~/x 0 -> ok ~/x
a set ~/x 1 v0 -> ok v1
a set ~/x 2 v1 -> ok v2
a set ~/x 3 -> ok v3
a get ~/x -> ok 3 v3)"},
      {"SetWithAnOldOrFutureVersion", R"(
a open -> connected 4s
a create ~/x 0 -> ok ~/x
a set ~/x 1 v1 -> BadVersion
a set ~/x 1 v0 -> ok v1
a set ~/x 2 v0 -> BadVersion
a get ~/x -> ok 1 v1)"},
      {"SetOfNothing", R"(
a open -> connected 4s
a set ~/x d -> NoNode
a set ~/x d v3 -> NoNode)"},
      {"SetToTheSameDataIsAChange", R"(
a open -> connected 4s
a create ~/x d -> ok ~/x
a set ~/x d -> ok v1
a set ~/x d v0 -> BadVersion)"},
      {"SetToNothing", R"(
a open -> connected 4s
a create ~/x d -> ok ~/x
a set ~/x "" -> ok v1
a get ~/x -> ok "" v1)"},
      {"SetLeavesChildrenAlone", R"(
a open -> connected 4s
a create ~/x d -> ok ~/x
a create ~/x/y d -> ok ~/x/y
a set ~/x e -> ok v1
a children ~/x -> ok [y]
a get ~/x/y -> ok d v0)"},
      {"VersionsBeginAnewWithTheNode", R"(
a open -> connected 4s
a create ~/x 0 -> ok ~/x
a set ~/x 1 -> ok v1
a remove ~/x v1 -> ok
a create ~/x 2 -> ok ~/x
a get ~/x -> ok 2 v0)"},
      {"RacingWritersByVersion", R"(
a open -> connected 4s
b open -> connected 4s
a create ~/x 0 -> ok ~/x
a get ~/x -> ok 0 v0
b get ~/x -> ok 0 v0
b set ~/x b v0 -> ok v1
a set ~/x a v0 -> BadVersion
a get ~/x -> ok b v1)"},
      {"RemoveByVersion", R"(
a open -> connected 4s
a create ~/x 0 -> ok ~/x
a remove ~/x v1 -> BadVersion
a remove ~/x v0 -> ok
a remove ~/x v0 -> NoNode
a remove ~/x -> NoNode)"},
      {"RemoveOfANodeWithChildren", R"(
a open -> connected 4s
a create ~/x -> ok ~/x
a create ~/x/y -> ok ~/x/y
a remove ~/x -> NotEmpty
a remove ~/x v0 -> NotEmpty
a remove ~/x v5 -> BadVersion
a remove ~/x/y -> ok
a remove ~/x -> ok)"},
      {"RemoveOfTheRoot", R"(
a open -> connected 4s
a remove / -> BadArguments)"},
      {"RemoveBelowNothing", R"(
a open -> connected 4s
a remove ~/x/y -> NoNode)"},
      {"PathsThatAreNone", R"(
a open -> connected 4s
a create x -> BadArguments
a create "" -> BadArguments
a create ~/x/ -> BadArguments
a create ~//x -> BadArguments
a create // -> BadArguments)"},
      {"DotsInPaths", R"(
a open -> connected 4s
a create ~/. -> BadArguments
a create ~/.. -> BadArguments
a create ~/./x -> BadArguments
a create ~/../x -> BadArguments
a create ~/... -> ok ~/...
a create ~/.x -> ok ~/.x
a create ~/x. -> ok ~/x.
a create ~/..x -> ok ~/..x)"},
      {"ControlCharactersInPaths", R"(
a open -> connected 4s
a create ~/x%01 -> BadArguments
a create ~/x%1e -> BadArguments
a create ~/x%1f -> BadArguments
a create ~/x%7f -> BadArguments
a exists ~/x%1e -> BadArguments
a exists ~/x%1f -> NoNode
a exists ~/x%7f -> NoNode
a set ~/x%7f d -> BadArguments
a remove ~/x%7f -> NoNode)"},
      {"BadPathsInEveryCall", R"(
a open -> connected 4s
a get x -> BadArguments
a exists ~/x/ -> BadArguments
a children ~//x -> BadArguments
a set ~/./x d -> BadArguments
a remove x -> BadArguments
a create x sequential -> BadArguments)"},
      {"SequentialPathsThatAreNone", R"(
a open -> connected 4s
a create ~// sequential -> BadArguments
a create ~/./ sequential -> BadArguments
a create x/ sequential -> BadArguments
a create ~/.. sequential -> ok ~/..0000000000
a create ~/. sequential -> ok ~/.0000000001)"},
      {"AsLargeAsAllowed", R"(
a open 20s -> connected 20s
a create ~/x big:1048509 -> ok ~/x
a set ~/x big:1048536 -> ok v1
a create ~/y big:1048510 -> disconnected; ConnectionLoss; connected 20s
a set ~/x big:1048537 -> disconnected; ConnectionLoss; connected 20s
a auth -> ok
a create ~/z big:1048493 mine -> ok ~/z
a create ~/w big:1048494 mine -> disconnected; ConnectionLoss; connected 20s)"},
      {"LargeDataIsKept", R"(
a open -> connected 4s
a create ~/x big:1000000 -> ok ~/x
a get ~/x -> ok big:1000000 v0
a set ~/x big:900000 -> ok v1
a get ~/x -> ok big:900000 v1)"},
      {"TooLargeDataLosesTheConnection", R"(
a open 20s -> connected 20s
a create ~/x big:1100000
a told -> disconnected; ConnectionLoss; connected 20s
a same-session
a exists ~/x -> NoNode)"},
      {"TooLargeSetLosesTheConnection", R"(
a open 20s -> connected 20s
a create ~/x small -> ok ~/x
a set ~/x big:2000000
a told -> disconnected; ConnectionLoss; connected 20s
a get ~/x -> ok small v0)"},
  };
}

}  // namespace quorate::contract
