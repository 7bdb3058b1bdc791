#include "sim/zk_tree.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using Code = CoordinationCode;

Code make(ZkTree& tree, std::string path, CreateMode mode = {},
          const ZkTree::Caller& who = {1, ""}) {
  return tree.create(who, path, "data", mode);
}

TEST(ZkTree, SequentialNodesCountAllChildrenThatTheParentEverHad) {
  ZkTree tree;
  EXPECT_EQ(make(tree, "/p"), Code::Ok);
  EXPECT_EQ(make(tree, "/p/plain"), Code::Ok);
  std::string path = "/p/n_";
  EXPECT_EQ(tree.create({1, ""}, path, "", {false, true, CoordinationAcl::Open}), Code::Ok);
  EXPECT_EQ(path, "/p/n_0000000001");
  EXPECT_EQ(tree.remove({1, ""}, path, -1), Code::Ok);
  path = "/p/";
  EXPECT_EQ(tree.create({1, ""}, path, "", {false, true, CoordinationAcl::Open}), Code::Ok);
  EXPECT_EQ(path, "/p/0000000002");
}

TEST(ZkTree, CreateChecksPathParentAndName) {
  ZkTree tree;
  EXPECT_EQ(make(tree, "/a/b"), Code::NoNode);
  EXPECT_EQ(make(tree, "/a"), Code::Ok);
  EXPECT_EQ(make(tree, "/a"), Code::NodeExists);
  EXPECT_EQ(make(tree, "/"), Code::NodeExists);
  for (const char* bad : {"", "a", "/a/", "//", "/a//b", "/a/../b", "/."})
    EXPECT_EQ(make(tree, bad), Code::BadArguments) << bad;
}

TEST(ZkTree, EphemeralNodesHaveNoChildrenAndGoWithTheirSession) {
  ZkTree tree;
  EXPECT_EQ(make(tree, "/e", {true, false, CoordinationAcl::Open}, {7, ""}), Code::Ok);
  EXPECT_EQ(make(tree, "/e/c"), Code::NoChildrenForEphemerals);
  EXPECT_EQ(make(tree, "/stays"), Code::Ok);
  tree.end_session(7);
  EXPECT_EQ(tree.find("/e"), nullptr);
  EXPECT_NE(tree.find("/stays"), nullptr);
}

TEST(ZkTree, SetAndRemoveCheckTheVersion) {
  ZkTree tree;
  make(tree, "/a");
  EXPECT_EQ(tree.set({1, ""}, "/a", "x", 3), Code::BadVersion);
  EXPECT_EQ(tree.set({1, ""}, "/a", "x", 0), Code::Ok);
  EXPECT_EQ(tree.find("/a")->version, 1);
  EXPECT_EQ(tree.remove({1, ""}, "/a", 0), Code::BadVersion);
  EXPECT_EQ(tree.remove({1, ""}, "/a", 1), Code::Ok);
  EXPECT_EQ(tree.remove({1, ""}, "/a", -1), Code::NoNode);
  EXPECT_EQ(tree.set({1, ""}, "/a", "x", -1), Code::NoNode);
}

TEST(ZkTree, ANodeWithChildrenIsNotRemoved) {
  ZkTree tree;
  make(tree, "/a");
  make(tree, "/a/b");
  EXPECT_EQ(tree.remove({1, ""}, "/a", -1), Code::NotEmpty);
}

TEST(ZkTree, WhatItsCreatorOwnsNobodyElseChanges) {
  ZkTree tree;
  CreateMode mine{false, false, CoordinationAcl::CreatorAll};
  EXPECT_EQ(make(tree, "/a", mine), Code::InvalidAcl);
  EXPECT_EQ(make(tree, "/a", mine, {1, "us"}), Code::Ok);
  EXPECT_EQ(make(tree, "/a/b", {}, {2, ""}), Code::NoAuth);
  EXPECT_EQ(tree.set({2, "them"}, "/a", "x", -1), Code::NoAuth);
  EXPECT_EQ(make(tree, "/a/b", {}, {2, "us"}), Code::Ok);
}

TEST(ZkTree, ChangesAreTakenInOrderAndOnce) {
  ZkTree tree;
  make(tree, "/a");
  tree.set({1, ""}, "/a", "x", -1);
  tree.remove({1, ""}, "/a", -1);
  EXPECT_EQ(tree.take_changes().size(), 3u);
  EXPECT_TRUE(tree.take_changes().empty());
}

}  // namespace
}  // namespace quorate::sim
