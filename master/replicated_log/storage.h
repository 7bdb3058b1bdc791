#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/base/random.h"
#include "master/paxos/acceptor.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"
#include "master/replicated_log/metadata.h"
#include "master/replicated_log/pending_records.h"
#include "master/replicated_log/recovery.h"
#include "master/replicated_log/snapshot.h"
#include "master/replicated_log/snapshot_file.h"

namespace quorate::replicated_log {

// What an open does with a disk whose votes cannot be trusted any more (protocol.md 12, 17): it
// refuses (65), or gives up the old replica id and its records and is born again, empty.
enum class Repair : std::uint8_t {
  Never,      // refuses always: there is nobody to learn from
  Ambiguous,  // reborn where this replica alone cannot tell a torn batch from a lost one
  Always,     // --log_repair=peers: reborn after damage, missing or regressed files, too
};

struct StorageSettings {
  std::uint64_t segment_bytes = 16ull << 20;  // of new segments; at least 64 KiB
  std::size_t batch_bytes_max = 4ull << 20;   // records beyond this wait for the next batch
  Repair repair = Repair::Never;
};

struct StorageGauges {
  std::uint64_t log_bytes = 0;       // of all segments, as written
  std::uint64_t snapshot_bytes = 0;  // of the snapshot that the log stands on
  std::uint64_t segments = 0;
  std::uint64_t syncs = 0;
  std::uint64_t batches = 0;
};

// The durable half of a replica: a segmented log of records and guarded metadata over one Disk
// (protocol.md 11, 13, 14). Calls are asked in any order once opened; what is durable is told by a
// mark that only rises. One batch is in flight at a time; what is appended meanwhile waits for the
// next and shares its sync. A failed write or sync is final.
class Storage {
 public:
  // `seed` makes the replica id of a new directory, incarnations and salts.
  Storage(StorageSettings settings, Disk& disk, std::uint64_t seed);

  // Starts opening: lock, list, read metadata and segments by streaming reads, judge the tail,
  // write the new segment with its carry, raise the start counter. opened() turns true when all is
  // synced.
  void open();
  bool opened() const;
  // Why it will never open, or why it stopped; at once after the event that showed it.
  const std::optional<Refusal>& refusal() const;

  // Valid once opened.
  const Metadata& metadata() const;
  // The snapshot that the log stands on, read and verified at open; none if the log begins at
  // position 1. Handed out once.
  std::optional<Snapshot> take_snapshot();
  // All records found at open, in the order of writing; handed out once. With a snapshot some may
  // be of positions at or below it; they say nothing any more.
  std::vector<paxos::Record> take_recovered();
  // Lines for the operator about what open found (a torn tail was cut, a slot was repaired).
  std::vector<std::string> take_notes();

  // The largest payload of an entry that can be appended; more is the caller's error.
  std::uint64_t record_bytes_max() const;
  // Queues a record; the returned mark is durable when durable() >= it. PromiseRecords are saved as
  // metadata; LearnedRecords need no sync of their own: they ride with the next batch, and the mark
  // returned for one is the last one before it.
  Mark append(const paxos::Record& record);
  // Queues new guarded metadata (everything but replica and incarnation may differ; a promise never
  // falls). metadata() is the new one from now on, durable or not.
  Mark save(const Metadata& metadata);
  // Puts a snapshot in the place of the present one: its file is written in pieces between batches
  // and synced, then metadata that name it are synced, then segments that hold no slot above
  // info.position and the earlier snapshot are removed. installed() is info.position from the
  // moment at which the metadata are synced. Of several asked, one is under way and the last one
  // asked waits; positions rise. When its file cannot be made (disk full) it is dropped with a
  // note, and the next one asked is tried. Where the snapshot lies beyond the records held here,
  // those above it are appended only once it is installed: a crash before leaves a gap.
  void install(Snapshot snapshot);
  paxos::Position installed() const;
  // One is under way. False again without installed() having risen: the disk is too full for it.
  bool installing() const { return installing_.has_value() || next_snapshot_.has_value(); }
  // No spare segment can be made: nothing more should be appended than what makes room.
  bool short_of_space() const { return spare_failed_; }

  // How far the disk is: the last batch that is synced. Valid once opened.
  paxos::Watermark watermark() const;
  // What was found at open: the watermark of the runs before (none: a new disk). Its start counter
  // is that of the run before.
  paxos::Watermark found_watermark() const;
  // The digest of a batch that this disk holds or held; known at least for the last 1 024 (of
  // earlier ones as far as they were read at open), none otherwise.
  std::optional<Digest> digest_of_batch(std::uint64_t batch) const;
  // What the leader knows of every member, to be stored with the next batch that is written anyway.
  void remember(std::vector<paxos::MemberWatermark> members);
  // The last that were stored or handed in; after an open the last found on disk.
  const std::vector<paxos::MemberWatermark>& remembered() const;
  // Writes a text beside the log as `report-<name>`, for a person to read; the newest of a name
  // stays. Nothing waits for it and its failure is only noted.
  void report(const std::string& name, std::string text);

  // The last mark handed out, and the one up to which everything is on disk.
  Mark last() const;
  Mark durable() const;
  // Writes what was queued, if nothing is in flight. Called once at the end of each event.
  void flush();
  // A batch is on its way to the disk.
  bool writing() const { return writing_.has_value(); }
  // Idle for 20 ms, or a clean stop: writes an empty batch, so that the last one is proven
  // (protocol.md 11). Nothing waits for it.
  void seal();

  // True if the ticket is this storage's.
  bool owns(DiskTicket ticket) const;
  void on(const Listed& listed);
  void on(const ReadDone& read);
  void on(const Synced& synced);

  StorageGauges gauges() const;

 private:
  enum class Phase : std::uint8_t {
    Unopened,
    Listing,
    Reading,
    MakingReport,  // of what was lost, before anything is changed
    WritingReport,
    MakingMetadata,
    MakingSegments,
    WritingSegment,   // header block and carry
    SyncingMetadata,  // what was read may be on its way to the disk only
    WritingFirstMetadata,
    WritingSecondMetadata,
    Open,
  };
  enum class Purpose : std::uint8_t {
    List,
    Read,
    Opening,  // a step of the phase
    MakeSpare,
    Batch,
    Header,  // of the next segment
    SaveMetadata,
    MakeSnapshot,
    WriteSnapshot,
    MakeReport,
    WriteReport,
    Tidy,  // trims and removals
  };
  struct ReadTask {
    std::string file;
    std::uint64_t bytes = 0;
  };
  struct Spare {
    SegmentNumber number;
    std::uint64_t bytes = 0;
  };
  // The segment that is written to.
  struct Current {
    SegmentIdentity where;
    std::uint64_t size_bytes = 0;
    std::uint64_t offset = 0;  // where the next batch goes
    BatchNumber next;
    BatchNumber last;  // of the last batch, in whichever segment
    Digest last_digest;
  };
  // A batch on its way.
  struct Writing {
    std::optional<Mark> first;
  };
  // Metadata on their way, to both files.
  struct Saving {
    std::optional<Mark> first;
    Generation generation;
    SegmentNumber newest;
    SegmentNumber oldest;
    paxos::Position snapshot;
    std::uint32_t outstanding = 0;
  };
  // A snapshot on its way.
  struct Installing {
    SnapshotWriter writer;
    bool naming = false;  // its file is synced; the metadata are to name it
  };
  // The step to the next segment.
  enum class Change : std::uint8_t { None, WaitsForSpare, Header, Naming };

  struct Report {
    std::string file;
    std::string text;
  };

  DiskTicket ticket(Purpose purpose);
  std::optional<Purpose> take_purpose(DiskTicket ticket);
  void refuse(Refusal refusal);
  void refuse_disk(const DiskError& error, const std::string& what);

  // storage_open.cpp
  bool may_be_reborn(Verdict verdict) const;
  void begin_rebirth(const Finding& lost);
  void write_rebirth_report();
  void adopt_found();
  void read_next();
  void take_file();
  void reserve_records();
  void seek_snapshot();
  void finish_reading();
  void begin_birth();
  void make_metadata();
  void make_segments();
  void write_segment();
  void write_metadata_file(std::size_t file);
  void advance();  // every call of this phase was answered
  void finish_opening();
  void tidy();

  // storage.cpp
  void on_opening_step(const Synced& synced);
  void on_saved();
  void start_save();
  MetadataRecord record_now() const;

  // storage_batches.cpp
  void write_batch();
  std::uint16_t put_members(Bytes& body, std::uint64_t fits);
  void on_batch();
  void change_segment();
  void start_change();
  void on_header();
  void make_spare();
  void keep_spares();
  void on_spare(const Synced& synced);
  SegmentNumber mint_segment();
  std::uint64_t batch_bytes_max() const;

  // storage_snapshot.cpp
  void start_install();
  void on_snapshot_made(const Synced& synced);
  void write_snapshot();
  void choose_oldest();
  void remove_what_is_not_named(const Saving& saved);

  // storage_watermarks.cpp
  void note_synced();
  void make_report();
  void on_report_made(const Synced& synced);
  void on_report_written();

  StorageSettings settings_;
  Disk* disk_;
  RandomStream random_;
  Phase phase_ = Phase::Unopened;
  std::optional<Refusal> refusal_;
  std::vector<std::string> notes_;
  std::uint64_t next_ticket_ = 1;
  std::deque<std::pair<DiskTicket, Purpose>> asked_;
  StorageGauges gauges_;

  // While opening.
  std::uint32_t outstanding_ = 0;
  std::deque<ReadTask> to_read_;
  Bytes buffer_;
  DirectoryContent content_;
  std::map<SegmentNumber, std::uint64_t> listed_;
  std::map<paxos::Position, std::uint64_t> listed_snapshots_;
  bool snapshot_sought_ = false;
  bool records_reserved_ = false;
  Recovered found_;
  std::vector<Finding> unreadable_;
  bool reborn_ = false;
  Report rebirth_report_;
  std::size_t first_file_ = 0;  // which metadata file is written first

  Metadata metadata_;
  Generation generation_;          // of the last metadata written
  Generation durable_generation_;  // and synced in both files
  std::array<std::size_t, kMetadataFileCount> next_slot_{};
  SegmentNumber named_;  // the newest that the durable metadata name
  SegmentNumber oldest_;
  bool save_wanted_ = false;
  std::optional<Mark> first_unsaved_;
  std::optional<Saving> saving_;

  Current current_;
  std::deque<Recovered::Kept> kept_;  // the segments before the current one, oldest first
  bool current_binds_ = false;        // a batch of its own is synced
  paxos::Position highest_slot_;      // of all that was written
  paxos::Ballot accepted_;            // the highest of any slot; a promise as well
  std::deque<Spare> spares_;
  std::deque<Spare> making_;  // at most one once opened
  bool spare_failed_ = false;
  SegmentNumber highest_segment_;
  Change change_ = Change::None;
  Current next_current_;  // while Change::Header
  Current full_;          // while Change::Naming: trimmed once the metadata name its successor

  std::optional<Snapshot> found_snapshot_;
  paxos::Position snapshot_;   // that the next metadata name
  paxos::Position installed_;  // that the durable metadata name
  std::uint64_t snapshot_bytes_ = 0;
  std::optional<Installing> installing_;
  std::optional<Snapshot> next_snapshot_;

  paxos::Watermark synced_;
  paxos::Watermark found_watermark_;
  std::deque<BatchDigest> digests_;  // of synced batches, the last ones, by number
  std::vector<paxos::MemberWatermark> members_;
  bool members_stored_ = false;  // in this segment, as they are now
  std::deque<Report> reports_;   // the first is under way

  Mark last_;
  PendingRecords pending_;
  std::optional<Writing> writing_;
  bool seal_wanted_ = false;
  bool sealed_ = false;  // the last batch of this segment needs no proof
};

}  // namespace quorate::replicated_log
