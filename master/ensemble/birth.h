#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/base/identity.h"
#include "master/ensemble/birth_record.h"
#include "master/ensemble/flags.h"
#include "master/ensemble/refusal.h"
#include "master/paxos/configuration.h"

// How an ensemble is born, once, among exactly the intended masters, and how everybody who comes
// later finds it (protocol.md 30, 31). Pure: what is known goes in, the next action comes out. The
// caller acts and asks again whenever something of what is known changes. Everything that it says
// here may be stale, and any answer of ZooKeeper may be lost: what decides is that the record is
// created only if absent, and changed by compare-and-set only.
//
// clang-format off
//  row | own disk       | record        | and                                     | action
//  ----+----------------+---------------+-----------------------------------------+---------------
//   1  | any            | any           | impossible flags                        | Refuse 78
//   2  | any            | not read yet  |                                         | Wait
//   3  | any            | no access     |                                         | Refuse 78
//   4  | any            | undecodable   |                                         | Refuse 78
//   5  | empty          | any           | not in the own --masters                | Refuse 77
//   6  | empty          | not born      | flags contradict each other, or none    | Refuse 78
//   7  | empty          | absent        | one who would found holds a log already | Wait
//   8  | empty          | absent        | not all are here, or not all agree      | Wait
//   9  | empty          | absent        | all agree; first in the group / another | Create / Wait
//  10  | founding Y     | absent        | all founders of Y are here; first       | Recreate intent
//  11  | born Y         | absent        | a quorum of Y is here; first of them    | Recreate born
//  12  | not empty      | absent        | otherwise                               | Wait
//  13  | empty          | intent X      | the wish is X: all here and agreed      | Found
//  14  | empty          | intent X      | another wish, agreed, and X is hopeless | Replace intent
//  15  | empty          | intent X      | otherwise                               | Wait
//  16  | founding X     | intent X      | the first entry is held by all founders | Replace by born
//  17  | founding X     | intent X      | all founders are here / not             | Found / Wait
//  18  | born X         | intent X      | it knows the members / not              | Replace by born
//      |                |               |                                         | / Wait
//  19  | founding Y     | intent X      |                                         | Refuse 77
//  20  | born Y         | intent X      | two clusters on one path                | Refuse 78
//  21  | of X           | born X        | leads, and its epoch is newer           | Replace born
//  22  | of X           | born X        | otherwise                               | Join
//  23  | of Y           | born X        |                                         | Refuse 77
//  24  | empty          | born X        | somebody here holds X                   | Join
//  25  | empty          | born X        | everybody is here and all are empty     | Refuse 78
//  26  | empty          | born X        | the same, and all have the loss token   | Replace intent
//  27  | empty          | born X        | otherwise                               | Wait
// clang-format on
//
// An intent X is hopeless (row 14) when each of its founders is here and empty, or another, empty
// disk stands at its address, or --masters names it no more. A founder that is merely absent may
// hold votes for X and come back, so it is waited for.

namespace quorate::ensemble {

enum class DiskStage {
  Empty,     // a new or wiped disk: never voted under this id
  Founding,  // has voted for a founding configuration; not known whether the birth was finished
  Born,      // holds an ensemble that is known to be born, as a member or as a learner
};

struct OwnReplica {
  ReplicaId replica;
  std::string address;  // "host:port", as told to others
  DiskStage disk = DiskStage::Empty;
  EnsembleId ensemble;  // unknown: Empty
  // The newest chosen configuration that the disk knows; Founding: the one that it voted for. None:
  // Empty, or a newcomer that has not learned it yet.
  std::optional<paxos::Configuration> configuration;
  // As the founding proposer: every founder has the first entry on its disk.
  bool first_entry_held_by_all = false;
  bool leads = false;
};

// A child of the replica group: what a master says of itself.
struct GroupMember {
  ReplicaId replica;
  std::string address;
  bool empty = true;
  EnsembleId ensemble;              // unknown: empty
  std::vector<ReplicaId> founders;  // that it announces (BirthStep); ascending; none: not yet

  bool operator==(const GroupMember&) const = default;
};

struct RecordNotRead {};
struct RecordAbsent {};
struct RecordRead {
  BirthRecord record;
  std::int64_t version = 0;  // of the node, for compare-and-set
};
struct RecordUndecodable {
  std::string why;  // as parse_birth_record says it
};
struct RecordAccessRefused {
  std::string why;
};
using RecordView =
    std::variant<RecordNotRead, RecordAbsent, RecordRead, RecordUndecodable, RecordAccessRefused>;

struct BirthView {
  OwnReplica self;
  Flags flags;
  // Given by the operator: accepts the loss of what it names (loss_token). Empty: none.
  std::string loss_token;
  // In ZooKeeper's order, oldest node first, with the own node.
  std::vector<GroupMember> group;
  RecordView record;
  // A random id for an ensemble that may be founded by this master; known, never used before.
  EnsembleId fresh;
};

struct Wait {
  std::string reason;  // for the status and the log
  bool operator==(const Wait&) const = default;
};
// Write the record, only if there is none.
struct Create {
  BirthRecord record;
  bool operator==(const Create&) const = default;
};
// The same, for an ensemble that exists and lost its record.
struct Recreate {
  BirthRecord record;
  bool operator==(const Recreate&) const = default;
};
// Write the record, only over this version.
struct Replace {
  BirthRecord record;
  std::int64_t version = 0;
  bool operator==(const Replace&) const = default;
};
// Vote in this configuration, under this ensemble id. Serve no client yet.
struct Found {
  EnsembleId ensemble;
  paxos::Configuration configuration;
  bool operator==(const Found&) const = default;
};
// Serve in it, or ask to be admitted to it.
struct Join {
  EnsembleId ensemble;
  bool operator==(const Join&) const = default;
};
using BirthAction = std::variant<Wait, Create, Recreate, Replace, Found, Join, Refusal>;

struct BirthStep {
  BirthAction action;
  // The founders to announce in the own node of the group; none while they are not all here.
  std::vector<ReplicaId> announce;
};

BirthStep next_birth_step(const BirthView& view);

// What an operator hands to every master to accept that this ensemble is lost and an empty registry
// is started. It names ensemble and epoch, so it fits once.
std::string loss_token(const Born& born);

}  // namespace quorate::ensemble
