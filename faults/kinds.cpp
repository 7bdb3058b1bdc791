#include "faults/fault.h"

// The table of all kinds of faults, in the order of FaultKind.

namespace quorate::faults {
namespace {

using F = Family;
using K = FaultKind;
using T = Targets;

constexpr Cost kFree = Cost::Nothing;
constexpr std::uint32_t kDiskParameters = kIn | kAfter;
constexpr std::uint32_t kNone = 0;

constexpr FaultDescription kKinds[] = {
    {K::Start, F::Programs, "start", "start", "start NAME...",
     "Starts programs that are down, ZooKeeper servers too.", T::Programs, kNone, kNone, kFree,
     true, true},
    {K::Stop, F::Programs, "stop", "stop", "stop NAME...", "Asks programs to end (SIGTERM).",
     T::Programs, kNone, kNone, kFree, true, true},
    {K::Kill, F::Programs, "kill", "kill", "kill NAME... [after N]",
     "Kills programs (SIGKILL), at once or before a later operation of the disk. They stay down "
     "until they are started.",
     T::Programs, kNone, kAfter, kFree, true, true},
    {K::PowerLoss, F::Programs, "power-loss", "power-loss", "power-loss NAME... [after N]",
     "Kills programs, at once or before a later operation of the disk, and what their disks had "
     "not synced is partly lost: each sector of 512 bytes is new or old.",
     T::Masters, kNone, kAfter, kFree, true, true},
    {K::Pause, F::Programs, "pause", "pause", "pause NAME...", "Halts programs (SIGSTOP).",
     T::Masters, kNone, kNone, kFree, true, true},
    {K::Resume, F::Programs, "resume", "resume", "resume NAME...",
     "Lets halted programs go on (SIGCONT).", T::Masters, kNone, kNone, kFree, true, true},
    {K::Cut, F::Links, "cut", "cut", "cut {NAME...} | {NAME...} or cut {NAME...} -> {NAME...}",
     "Nothing passes between the sides; with -> nothing passes from the first to the second.",
     T::Sides, kNone, kNone, kFree, true, true},
    {K::Heal, F::Links, "heal", "heal", "heal or heal {NAME...} | {NAME...}",
     "Links are as they should be: all of them, or what is named.", T::SidesOrNothing, kNone, kNone,
     kFree, true, true},
    {K::TornWrite, F::Disks, "torn-write", "torn-write", "torn-write NAME... [in CLASS] [after N]",
     "The power goes during a write: each sector of it is new or old, and one is half written.",
     T::Masters, kNone, kDiskParameters, Cost::Replica, true, true},
    {K::LostWrite, F::Disks, "lost-write", "lost-write", "lost-write NAME... [in CLASS] [after N]",
     "A write never reaches the disk, though its sync is answered without an error.", T::Masters,
     kNone, kDiskParameters, Cost::OldReplica, true, true},
    {K::MisdirectedWrite, F::Disks, "misdirected-write", "misdirected-write",
     "misdirected-write NAME... [in CLASS] [after N]",
     "A write lands at another 4 KiB block of the same or of another file.", T::Masters, kNone,
     kDiskParameters, Cost::OldReplica, true, true},
    {K::BitRot, F::Disks, "bit-rot", "bit-rot", "bit-rot NAME... [in CLASS] [after N]",
     "One bit of a file changes, in the page cache and on the disk.", T::Masters, kNone,
     kDiskParameters, Cost::Replica, true, true},
    {K::FailedSync, F::Disks, "failed-sync", "failed-sync",
     "failed-sync NAME... [in CLASS] [after N]",
     "A sync is answered EIO. What it should have made durable stays in the page cache, counts as "
     "clean, and is gone when the power goes.",
     T::Masters, kNone, kDiskParameters, kFree, true, true},
    {K::SlowSync, F::Disks, "slow-sync", "slow-sync",
     "slow-sync NAME... [in CLASS] [after N] by TIME", "One sync takes so much longer.", T::Masters,
     kBy, kDiskParameters, kFree, true, true},
    {K::DiskFull, F::Disks, "disk-full", "disk-full", "disk-full NAME... [after N]",
     "No file is made and none grows (ENOSPC), until the disk is freed.", T::Masters, kNone, kAfter,
     kFree, true, true},
    {K::DiskFreed, F::Disks, "disk-freed", "disk-freed", "disk-freed NAME... [after N]",
     "A full disk has room again.", T::Masters, kNone, kAfter, kFree, true, true},
    {K::SaveCopy, F::Disks, "save-copy", "save-copy", "save-copy NAME... [after N]",
     "What is on the disk now is kept aside, as a backup or an image of the machine.", T::Masters,
     kNone, kAfter, kFree, true, true},
    {K::RestoreCopy, F::Disks, "restore-copy", "restore-copy", "restore-copy NAME... [after N]",
     "The power goes, and the copy that was kept takes the place of the directory.", T::Masters,
     kNone, kAfter, Cost::OldReplica, true, true},
    {K::Wipe, F::Disks, "wipe", "wipe", "wipe NAME... [after N]",
     "The power goes, and the directory is empty.", T::Masters, kNone, kAfter, Cost::Replica, true,
     true},
    {K::LoseMessages, F::Messages, "lose-messages", "lose-messages", "lose-messages PPM",
     "So many of a million messages between masters are lost, from now on, and with each its "
     "connection. 0 ends it.",
     T::None, kPpm, kNone, kFree, true, true},
    {K::DuplicateMessages, F::Messages, "duplicate-messages", "duplicate-messages",
     "duplicate-messages PPM",
     "So many of a million messages come, and the connection ends before the sender knows that "
     "they did, so it sends them again. In the log's world they come twice. 0 ends it.",
     T::None, kPpm, kNone, kFree, true, true},
    {K::DelayMessages, F::Messages, "delay-messages", "delay-messages",
     "delay-messages PPM by TIME",
     "So many of a million messages come up to so much later. 0 ends it.", T::None, kPpm, kBy,
     kFree, true, true},
    {K::MutateMessages, F::Messages, "mutate-messages", "mutate-messages", "mutate-messages PPM",
     "So many of a million messages come with changed bytes, as if a link had no checksum. In the "
     "log's world the right one follows. 0 ends it.",
     T::None, kPpm, kNone, kFree, true, true},
    {K::TwoLeaders, F::Coordination, "two-leaders", "two-leaders", "two-leaders NAME",
     "This one is told that it leads, while the leader goes on without hearing of it.",
     T::OneMaster, kNone, kNone, kFree, false, true},
    {K::SlowCpu, F::Programs, "slow-cpu", "slow-cpu", "slow-cpu NAME... by TIME",
     "Each event costs the program so much time more, from now on; meanwhile others wait. 0s ends "
     "it.",
     T::Masters, kBy},
    {K::Restart, F::Operators, "restart", "restart", "restart NAME... [with FLAG=VALUE...]",
     "Asks masters to end (SIGTERM) and starts them again when they did, with these flags from now "
     "on.",
     T::Masters, kNone, kWith},
    {K::StartWith, F::Operators, "start-with", "start", "start NAME... with FLAG=VALUE...",
     "Starts masters that are down with these flags from now on, right or wrong.", T::Masters,
     kWith},
    {K::StartExtra, F::Operators, "start-extra", "start-extra",
     "start-extra NAME [with FLAG=VALUE...]",
     "Starts a master that nobody planned, with the flags of the others and these.", T::NewMaster,
     kNone, kWith},
    {K::LoseNames, F::Programs, "lose-names", "lose-names", "lose-names NAME...",
     "The resolver of these hosts answers every question with an error, until all is healed.",
     T::Masters},
    {K::SlowNames, F::Programs, "slow-names", "slow-names", "slow-names NAME... by TIME",
     "The resolver of these hosts takes so much longer, from now on. 0s ends it.", T::Masters, kBy},
    {K::ClockRate, F::Clocks, "clock-rate", "clock", "clock NAME... rate=1.02",
     "Both clocks of these hosts run so much faster or slower than true time, from now on.",
     T::Masters, kRate},
    {K::WallRate, F::Clocks, "clock-wall-rate", "clock", "clock NAME... wall-rate=0.98",
     "The wall clock alone drifts so, as while it is slewed.", T::Masters, kWallRate},
    {K::ClockForward, F::Clocks, "clock-forward", "clock", "clock NAME... jump=+TIME",
     "The wall clock jumps forwards.", T::Masters, kForward},
    {K::ClockBackward, F::Clocks, "clock-backward", "clock", "clock NAME... jump=-TIME",
     "The wall clock jumps backwards.", T::Masters, kBackward},
    {K::ClockLeap, F::Clocks, "clock-leap", "clock", "clock NAME... leap=TIME",
     "Both clocks leap ahead, as after a machine was suspended.", T::Masters, kLeap},
    {K::SlowLink, F::Links, "slow-link", "link",
     "link {NAME...} | {NAME...} delay=TIME [jitter=TIME]",
     "All that passes takes so much longer, and up to the jitter more, until it is healed.",
     T::Sides, kDelay, kJitter},
    {K::NarrowLink, F::Links, "narrow-link", "link", "link {NAME...} | {NAME...} bandwidth=BYTES",
     "So many bytes a second pass in each direction, until it is healed.", T::Sides, kBandwidth},
    {K::Clog, F::Links, "clog", "clog", "clog {NAME...} | {NAME...} for TIME",
     "What is sent in this time arrives after it, all at once.", T::Sides, kFor},
    {K::Reset, F::Links, "reset", "reset", "reset {NAME...} | {NAME...}",
     "Connections between the sides are reset.", T::HostSides},
    {K::Refuse, F::Links, "refuse", "refuse", "refuse {NAME...} -> {NAME...}",
     "New connections are refused, until it is healed.", T::HostSides},
    {K::DropDials, F::Links, "drop-dials", "drop-dials", "drop-dials {NAME...} -> {NAME...}",
     "New connections get no answer, until it is healed; those that exist go on.", T::HostSides},
    {K::HalfOpen, F::Links, "half-open", "half-open", "half-open {NAME...} -> {NAME...}",
     "The first side has lost its connections with the second, which is never told.", T::HostSides},
    {K::Shred, F::Links, "shred", "shred", "shred {NAME...} | {NAME...}",
     "The bytes at the head of whatever is written arrive a few at a time, until it is healed.",
     T::HostSides},
    {K::FailedRead, F::Disks, "failed-read", "failed-read",
     "failed-read NAME... [in CLASS] [after N]", "A read is answered EIO, once.", T::Masters, kNone,
     kDiskParameters},
    {K::FailedWrite, F::Disks, "failed-write", "failed-write",
     "failed-write NAME... [in CLASS] [after N]",
     "A write fails with EIO; the next answer of the disk tells.", T::Masters, kNone,
     kDiskParameters},
    {K::SlowDisk, F::Disks, "slow-disk", "slow-disk", "slow-disk NAME... [after N] by TIME",
     "Every operation takes so much longer, from now on. 0s ends it.", T::Masters, kBy, kAfter},
    {K::HungDisk, F::Disks, "hung-disk", "hung-disk", "hung-disk NAME... [after N] for TIME",
     "No operation is done in this time.", T::Masters, kFor, kAfter},
    {K::LoseFile, F::Disks, "lose-file", "lose-file", "lose-file NAME... [in CLASS] [after N]",
     "The power goes, and a file of the directory is gone.", T::Masters, kNone, kDiskParameters,
     Cost::OldReplica},
    {K::CutFile, F::Disks, "cut-file", "cut-file", "cut-file NAME... [in CLASS] [after N]",
     "The power goes, and a file of the directory ends earlier, as after a repair of the file "
     "system.",
     T::Masters, kNone, kDiskParameters, Cost::OldReplica},
    {K::CloneDisk, F::Disks, "clone-disk", "clone-disk", "clone-disk FROM TO",
     "The power of the second goes, and what is on the disk of the first takes the place of its "
     "directory.",
     T::FromTo, kNone, kNone, Cost::OldReplica},
    {K::ExpireSession, F::Coordination, "expire", "expire", "expire NAME...",
     "ZooKeeper ends the sessions of these hosts, as if a person had done it.", T::Masters},
    {K::DeleteNode, F::Coordination, "delete-node", "delete-node", "delete-node NAME...",
     "A person removes the ephemeral nodes of these hosts; their sessions go on.", T::Masters},
    {K::LagServer, F::Coordination, "lag", "lag", "lag NAME... by TIME",
     "These ZooKeeper servers learn of each change so much later, from now on: who reads there "
     "sees "
     "the past. 0s ends it.",
     T::Servers, kBy},
    {K::LoseAccess, F::Coordination, "lose-access", "lose-access", "lose-access for TIME",
     "Nobody may create, set or remove nodes in this time, as after a person changed who may.",
     T::None, kFor},
};

constexpr bool in_order() {
  std::size_t place = 0;
  for (const FaultDescription& kind : kKinds)
    if (static_cast<std::size_t>(kind.kind) != place++) return false;
  return true;
}
static_assert(in_order(), "the rows are in the order of FaultKind");

}  // namespace

std::span<const FaultDescription> fault_kinds() { return kKinds; }

}  // namespace quorate::faults
