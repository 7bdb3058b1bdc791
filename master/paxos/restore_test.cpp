#include "master/paxos/restore.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"
#include "master/paxos/learner.h"

namespace quorate::paxos::test {
namespace {

struct Disk {
  Acceptor acceptor;
  Table table;
  Result<void> read(const std::vector<Record>& records) {
    for (const Record& record : records)
      if (Result<void> done = restore(record, acceptor, table); !done) return done;
    return {};
  }
};

TEST(Restore, AnAcceptorKeepsItsPromiseAfterACrash) {
  Acceptor before;
  Table empty;
  const Answer promised = before.on(Prepare{ballot(5), pos(1)}, empty);

  Disk after;
  ASSERT_TRUE(after.read(promised.records));

  EXPECT_EQ(after.acceptor, before);
}

TEST(Restore, AnAcceptedSlotIsAPromiseEvenIfThePromiseRecordWasLost) {
  Disk disk;
  ASSERT_TRUE(disk.read({SlotRecord{slot(1, ballot(5), "a"), false}}));

  EXPECT_EQ(disk.acceptor.promised(), ballot(5));
  EXPECT_EQ(disk.table.learned(), pos(0));
}

TEST(Restore, AFetchedSlotIsStillLearned) {
  Disk disk;
  ASSERT_TRUE(disk.read({SlotRecord{slot(1, ballot(5), "a"), false},
                         SlotRecord{slot(2, ballot(5), "old"), false},
                         SlotRecord{slot(3, ballot(5), "above"), false},
                         SlotRecord{slot(2, ballot(9), "new"), true}}));

  EXPECT_EQ(disk.table.learned(), pos(2));
  EXPECT_EQ(disk.table.end(), pos(2));
  EXPECT_EQ(disk.table.learned_chain(), chain_of({"a", "new"}));
  EXPECT_EQ(disk.acceptor.promised(), ballot(5));
}

TEST(Restore, AWholeLogGivesTheTableBack) {
  const Table source = table_of({"a", "b", "c"}, ballot(5), 3);
  Table table;
  Acceptor acceptor;
  std::vector<Record> written;
  const auto write = [&written](const std::vector<Record>& records) {
    written.insert(written.end(), records.begin(), records.end());
  };
  write(acceptor.on(Accept{ballot(3), pos(1), {}, {data("a"), data("x")}, {}, {}}, table).records);
  write(learn(fetch({pos(1), pos(3)}, source, 1000), table).records);
  write(acceptor.on(Accept{ballot(6), pos(4), source.learned_chain(), {data("d")}, {}, {}}, table)
            .records);

  Disk disk;
  ASSERT_TRUE(disk.read(written));

  EXPECT_EQ(disk.table, table);
  EXPECT_EQ(disk.acceptor, acceptor);
}

TEST(Restore, NamesTheRecordThatDoesNotFit) {
  const auto error = [](const std::vector<Record>& records) {
    Disk disk;
    const Result<void> done = disk.read(records);
    return done ? std::string("fits") : done.error().text;
  };
  const SlotRecord one{slot(1, ballot(5), "a"), false};

  EXPECT_NE(error({SlotRecord{slot(2, ballot(5), "b"), false}}).find("position 2"),
            std::string::npos);
  EXPECT_NE(error({one, SlotRecord{slot(1, ballot(4), "b"), false}}).find("position 1"),
            std::string::npos);
  EXPECT_NE(error({one, LearnedRecord{pos(1), chain_of({"x"})}}).find("position 1"),
            std::string::npos);
  EXPECT_NE(error({one, LearnedRecord{pos(2), chain_of({"a", "b"})}}).find("position 2"),
            std::string::npos);
  EXPECT_NE(error({one, LearnedRecord{pos(1), chain_of({"a"})},
                   SlotRecord{slot(1, ballot(9), "x"), false}})
                .find("differs"),
            std::string::npos);
}

}  // namespace
}  // namespace quorate::paxos::test
