#pragma once

// Every probe: where it lies, its name, and what the rare state is and why it matters. The place is
// the room, and for the larger rooms the part of it. Kept in the order of the rooms.

// clang-format off
#define QUORATE_PROBES(PROBE) \
  PROBE(paxos, PrepareRefused, "a Prepare came below the promise: two proposers contend") \
  PROBE(paxos, PromiseRepeated, \
        "the promised ballot was asked again: the same promise, and no second record") \
  PROBE(paxos, PrepareBelowSnapshot, \
        "phase 1 asked below a snapshot: \"nothing accepted\" would be a lie") \
  PROBE(paxos, RoundLeapRefused, \
        "a round too far above all seen: one damaged message must not use the ballots up") \
  PROBE(paxos, PromiseReportsVotes, \
        "a promise reports votes that may be chosen: the proposer must finish them") \
  PROBE(paxos, AcceptRefused, "an Accept came below the promise: its sender was outbid") \
  PROBE(paxos, AcceptBelowSnapshot, "an Accept for positions that are in a snapshot here") \
  PROBE(paxos, AcceptContradicted, \
        "an Accept differs from what is learned here, or from its own ballot's word") \
  PROBE(paxos, AcceptOutOfOrder, \
        "an Accept came before the one below it: taken, it would make a hole") \
  PROBE(paxos, AcceptRaisedThePromise, \
        "an Accept was the first word of its ballot: taking it is a promise (N1)") \
  PROBE(paxos, AcceptRepeated, "an entry was held already: answered again, recorded once") \
  PROBE(paxos, PrepareSuperseded, \
        "a Prepare of an older epoch: its sender must learn the newer configuration first") \
  PROBE(paxos, AcceptSuperseded, "an Accept of an older epoch came after its configuration ended") \
  PROBE(paxos, ConfigurationRefused, \
        "a configuration above another chain, or not the next one: no vote for it (rule 21)") \
  PROBE(paxos, NewerEpochHeard, \
        "a newer epoch was heard: no vote in it before its configuration is learned (rule 22)") \
  PROBE(paxos, ChangeFree, \
        "a quorum of the old members holds no trace of a change: it was not chosen (step 16)") \
  PROBE(paxos, ChangeOvertaken, \
        "a change was proposed above another history than the one that stands (step 17)") \
  PROBE(paxos, ChangeUnknownToNext, \
        "a quorum of the new members holds no trace of a change: it was not chosen (step 18)") \
  PROBE(paxos, ChangeCompleted, "a new leader completes the change that an earlier one began") \
  PROBE(paxos, ChangeChosen, "a configuration got both quorums: the next epoch begins") \
  PROBE(paxos, NewFirst, "old members are not asked before enough of the new ones (rule 23)") \
  PROBE(paxos, TermSuperseded, "a term ended because its epoch had: no rival was needed") \
  PROBE(paxos, VoteReplaced, "a vote gave way to one of a higher ballot") \
  PROBE(paxos, ConfirmRefused, \
        "a leader asked to confirm a ballot below the promise: its reads would be old") \
  PROBE(paxos, LateAnswerIgnored, "an answer to another term, another ballot, or from no member") \
  PROBE(paxos, PromiseOfNonVoter, "a promise of a member that does not vote counts for nothing") \
  PROBE(paxos, ImplausiblePromise, "a promise with holes or slots below the question was dropped") \
  PROBE(paxos, PromisesOfTwoBallots, \
        "promises report votes of two ballots at a position: the highest binds") \
  PROBE(paxos, LearnedBeatsVote, "one promise had learned what another had only accepted") \
  PROBE(paxos, VotesFinished, "a new leader proposes again what an earlier one had begun") \
  PROBE(paxos, GenesisProposed, "the log was empty for a quorum: a log is born") \
  PROBE(paxos, DeposedByRejection, "a rejection named a higher ballot: the term ends") \
  PROBE(paxos, RejectionDeposesNobody, \
        "a rejection without a higher ballot: one replica contradicts, nobody is deposed") \
  PROBE(paxos, MissingRewound, "a follower missed entries: its window is sent again from there") \
  PROBE(paxos, MissingRepeated, "the second Missing for one gap: it is filled once") \
  PROBE(paxos, MissingBeyondTail, \
        "a follower misses what is not kept for it any more: it must fetch") \
  PROBE(paxos, TermEndedBySnapshot, \
        "phase 1 was answered by a snapshot: this replica may not lead yet") \
  PROBE(paxos, EndedInFlight, "a term ended with entries in flight: their outcome is unknown") \
  PROBE(paxos, ConfirmationTooOld, \
        "an answer to an older question does not count for a younger read barrier") \
  PROBE(paxos, AcceptsSentAgain, \
        "a follower was silent since the last time: its window is sent again") \
  PROBE(paxos, PrepareSentAgain, "a Prepare was not answered in time and was sent again") \
  PROBE(paxos, LearnedByChain, \
        "a watermark taught votes of another ballot, because the chain value fits") \
  PROBE(paxos, WatermarkNeedsFetch, \
        "a watermark spoke of entries that are not held here, or differ") \
  PROBE(paxos, ChosenReplacedVote, "a learned entry took the place of a vote that had lost") \
  PROBE(paxos, VotesAboveDropped, \
        "votes above a replaced one were dropped: none of them can be chosen") \
  PROBE(paxos, LearnedContradiction, \
        "a chain value differs from the learned one: one log is corrupt") \
  PROBE(paxos, FetchedContradiction, \
        "a fetched entry differs from the learned one: one log is corrupt") \
  PROBE(paxos, FetchBeyondLearned, "a replica was asked for entries that it has not learned") \
  PROBE(paxos, RestoredBehindSnapshot, \
        "a record read back lies behind the snapshot: only its promise counts") \
  PROBE(paxos, RestoredOverVote, "a position was read back twice: the later vote counts") \
  PROBE(paxos, RestoredLearnedAgain, "a record read back repeats what was learned already") \
  PROBE(paxos, VotesAboveInstalled, \
        "votes stayed above a snapshot that was installed: they may be chosen") \
  PROBE(replicated_log, ChangeTimedOut, \
        "a change was not chosen in time: the leader ends, the next one finds out") \
  PROBE(replicated_log, Retired, "a replica that was left out ends, as enough others know of it") \
  PROBE(replicated_log, ForeignEnsemble, \
        "a message of another ensemble was dropped: two clusters share a path") \
  PROBE(replicated_log, AbsurdRound, \
        "a message with an absurd round was dropped before anybody saw it") \
  PROBE(replicated_log, UnjudgedCandidate, \
        "a candidate was given nothing: it had not told how far it saw this disk") \
  PROBE(replicated_log, LostVotesTold, \
        "a peer saw this disk further than it is: the votes are void") \
  PROBE(replicated_log, ContradictionNoted, \
        "a replica whose log differs counts towards no quorum any more") \
  PROBE(replicated_log, ContradictedByQuorum, \
        "a quorum contradicts this log: this replica is the corrupt one") \
  PROBE(replicated_log, ContradictionForgotten, \
        "a replica that contradicted was restarted: it may have been repaired") \
  PROBE(replicated_log, StateDiffers, \
        "the state at a Cut is not the one that the leader proposed") \
  PROBE(replicated_log, CheckpointWithoutCut, \
        "a Checkpoint was agreed on of which this replica has no copy") \
  PROBE(replicated_log, CheckpointDuringInstall, \
        "a Checkpoint was agreed on while another snapshot was being written") \
  PROBE(replicated_log, InstallFailed, \
        "a snapshot could not be written: the next Cut tries again") \
  PROBE(replicated_log, SnapshotFromPeer, \
        "a replica was too far behind for entries and got the whole state") \
  PROBE(replicated_log, SnapshotOvertaken, \
        "a snapshot arrived whole, but the entries were learned meanwhile") \
  PROBE(replicated_log, SnapshotDamaged, \
        "a snapshot did not have the digest that it names: asked for again") \
  PROBE(replicated_log, TransferStartedOver, \
        "another snapshot began before the one under way was whole") \
  PROBE(replicated_log, PieceOutOfPlace, "a piece of a snapshot came twice, or not at its place") \
  PROBE(replicated_log, TruncatedPeer, \
        "a peer said that only its snapshot has what is missing here") \
  PROBE(replicated_log, FetchBelowSnapshot, \
        "a replica asked for entries that are in a snapshot here") \
  PROBE(replicated_log, SnapshotGone, \
        "a piece of a snapshot was asked for that another one has replaced") \
  PROBE(replicated_log, EntrySkipped, \
        "a chosen entry is skipped: its predecessor is not the one it assumed") \
  PROBE(replicated_log, SavedBySuccessor, \
        "a deposed leader's append was chosen by its successor, so it seems") \
  PROBE(replicated_log, AppendOvertaken, "another entry was chosen in the place of an own append") \
  PROBE(replicated_log, AppendOutcomeUnknown, \
        "leadership ended with appends in flight: nobody knows their outcome") \
  PROBE(replicated_log, DeposedWhileLeading, \
        "an established leader was outbid: all in flight is unknown") \
  PROBE(replicated_log, OutbidBeforeLeading, \
        "a candidate was outbid before it led: it tries again above") \
  PROBE(replicated_log, OutbidByOwnAcceptor, \
        "a proposer saw a higher ballot before anybody rejected it") \
  PROBE(replicated_log, QuorumSilent, "a leader heard no quorum for too long and ends") \
  PROBE(replicated_log, JoinsExistingLog, \
        "an empty replica found others at work: it learns before it votes") \
  PROBE(replicated_log, LeftoverOfBirth, \
        "an interrupted start met others that went on without it (X3)") \
  PROBE(replicated_log, AdmittedWithPromise, \
        "a newcomer votes from a leader's ballot on: it promises that first") \
  PROBE(replicated_log, ElectedTooEarly, \
        "ZooKeeper chose a replica that may not lead yet: it waits") \
  PROBE(replicated_log, AppendRefusedForSpace, \
        "an append was refused, for the disk is all but full") \
  PROBE(replicated_log, ToldByItself, "what was chosen had to be told by a message of its own") \
  PROBE(storage, WaitsForSpare, "a segment was full before the next one was made: batches wait") \
  PROBE(storage, RecordsWaitForSegment, "records waited while one segment followed another") \
  PROBE(storage, SpareFailed, \
        "no spare segment could be made: the log goes on until this one is full") \
  PROBE(storage, SpareFailedTwice, \
        "the segment is full and no other can be made: the master ends") \
  PROBE(storage, SpareAfterFailure, "room for a segment came back before the last one was full") \
  PROBE(storage, BatchSplit, "more waited than one batch takes") \
  PROBE(storage, SaveWaitsForSave, "a promise waited for the save of an earlier one") \
  PROBE(storage, SegmentWaitsForSave, \
        "a new segment waits to be named until the save under way is done") \
  PROBE(storage, MembersDidNotFit, "what is known of other disks did not fit into a batch") \
  PROBE(storage, SnapshotQueued, "a snapshot waited until an earlier one was written") \
  PROBE(storage, SegmentsRemoved, "segments behind a snapshot were removed") \
  PROBE(storage, SegmentKeptForTail, \
        "a segment behind the snapshot stays, for nothing after it binds yet") \
  PROBE(storage, ReportFailed, "a report could not be written for want of space") \
  PROBE(storage, ReadFailed, "a file could not be read at the start: judged as garbage") \
  PROBE(recovery, TornTailCut, \
        "a batch that was never acknowledged was torn by a crash, and is cut") \
  PROBE(recovery, AmbiguousTail, "a damaged last batch: lost data cannot be told from a torn one") \
  PROBE(recovery, AmbiguityResolved, \
        "a damaged last batch was proven torn by the segment after it") \
  PROBE(recovery, ProvenLoss, "something that stands proves that a missing batch had been synced") \
  PROBE(recovery, CarryTaken, \
        "the last batch was lost in its own segment and found in the next one's carry") \
  PROBE(recovery, UnboundSegment, \
        "a segment was begun and holds no batch of its own: an open was interrupted") \
  PROBE(recovery, MetadataCopyServed, \
        "a slot or file of the metadata is damaged: another copy serves") \
  PROBE(recovery, MetadataWriteLost, "one metadata file is behind: a write to it was lost") \
  PROBE(recovery, LeftoverSegment, "a segment that the metadata do not count any more") \
  PROBE(recovery, LeftoverSnapshot, "a snapshot that the metadata do not name") \
  PROBE(recovery, SegmentMissing, "a segment that the log names is missing or empty") \
  PROBE(recovery, PromisesRegressed, "segments are newer than the metadata: promises are lost") \
  PROBE(recovery, SegmentMisplaced, \
        "a segment is another replica's, or not the file it should be") \
  PROBE(recovery, SnapshotLost, \
        "the snapshot that the metadata name is missing, damaged or another's") \
  PROBE(recovery, BirthInterrupted, "a directory was made, but never opened: it is made again") \
  PROBE(recovery, StatusLost, "an earlier run gave its votes up: this one begins again") \
  PROBE(recovery, Rebirth, "a replica gave up its identity and begins again, empty") \
  PROBE(recovery, RebirthWithoutVotes, "the identity that was given up had never voted") \
  PROBE(election, LeaseEnded, "a leader's own clock ended its lease: it leaves before it acts") \
  PROBE(election, ExpiredWhileLeading, "the session of a leader ended: it leaves") \
  PROBE(election, ExpiredAsStandby, "the session of a standby ended: it opens another one") \
  PROBE(election, SessionGivenUp, \
        "no connection within the session timeout: given up by the own clock") \
  PROBE(election, OwnNodeGone, "the own node vanished from the group") \
  PROBE(election, OwnOldNodeLeads, "a node of an earlier session of this master stands first") \
  PROBE(election, LateAnswerLeadsNobody, \
        "it stands first, but the answer came after its lease ended") \
  PROBE(election, ForeignLeader, "the first node is no master's that can be followed") \
  PROBE(election, NodeAdopted, \
        "a node was found whose creation was never confirmed: adopted, not made again") \
  PROBE(election, StrayRemoved, "a node of an earlier session, or a second one, is removed") \
  PROBE(election, EffectUnknown, \
        "the answer to a call on an own node was lost: it looks before it acts") \
  PROBE(election, SearchedDuringCall, \
        "the own nodes must be searched again while a call is under way") \
  PROBE(election, NodeVanished, "a node vanished between the list and the look at it") \
  PROBE(election, ReplicaTwiceInGroup, "one replica stands in the group twice for a while") \
  PROBE(election, DirectoryVanished, "the directory of a group was removed by somebody") \
  PROBE(election, DirectoryRaced, "two masters made one directory at the same time") \
  PROBE(election, AnswerOfOldSession, "an answer came to a session that is over") \
  PROBE(peers, LinkBrokenInFrame, "a link broke while a frame was half read: the half is dropped") \
  PROBE(peers, LinkSilent, "nothing was acknowledged for too long: the link is dialled again") \
  PROBE(peers, OverloadDropped, "a slow peer has too much under way: the message is dropped") \
  PROBE(peers, SentWithoutLink, \
        "a message for a peer without a link is dropped: the protocol asks again") \
  PROBE(peers, LinkReplaced, \
        "a peer dialled again before its old connection was known to be dead") \
  PROBE(peers, HelloForAnother, "a peer expected another replica at this address") \
  PROBE(peers, HelloBeforeOpen, "a peer dialled before the log was open") \
  PROBE(peers, PeerRestarted, "a new incarnation stands at an address that is still connected") \
  PROBE(peers, UpgradeRefused, "a peer refused the upgrade to frames") \
  PROBE(peers, DamagedFrame, "a frame did not have its checksum: the link is closed") \
  PROBE(peers, AcknowledgementSplit, "an acknowledgement came in two pieces") \
  PROBE(registry, OperationRepeated, "an operation that is applied already was asked again") \
  PROBE(registry, WindowFull, "as many operations are in flight as the registry allows") \
  PROBE(registry, NotAsForeseen, \
        "an entry of another leader came between own ones: the rest is judged anew") \
  PROBE(registry, FoldedTwice, "an entry whose operation was applied before changes nothing") \
  PROBE(registry, EntryUnfitting, \
        "a chosen entry does not fit the registry any more and changes nothing") \
  PROBE(serving, AskedTooEarly, "a request came before the master knew its own name") \
  PROBE(serving, ReadRefused, "a read came to a leader that cannot confirm yet") \
  PROBE(serving, ReadLostItsLeader, "a read waited at a barrier when leadership ended") \
  PROBE(serving, WriteLostItsLeader, "a client was told that the outcome of its write is unknown") \
  PROBE(serving, WriteRefusedForSpace, "a write was refused, for the disk is all but full") \
  PROBE(serving, StoreTimedOut, "a write was not chosen in time: the leader leaves") \
  PROBE(serving, FetchTimedOut, "the registry was not recovered in time: the leader leaves") \
  PROBE(serving, AnswerWithoutClient, "an answer was ready after its client had gone") \
  PROBE(serving, DeposedInTerm, "the log deposed a leader that ZooKeeper still names") \
  PROBE(serving, OlderIncarnationInGroup, \
        "an earlier incarnation's node still stands beside the new one") \
  PROBE(serving, StoppedWhileLeading, "a leader was asked to stop")
// clang-format on
