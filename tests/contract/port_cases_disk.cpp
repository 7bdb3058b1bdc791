#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/port_world.h"

namespace quorate::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kWhole = 1 << 20;

// Asks for one thing after the other and waits for each answer.
class Asking {
 public:
  explicit Asking(PortWorld& world) : world_(world) {}

  Listed open() {
    world_.disk().open(ticket());
    return answer<Listed>();
  }
  Bytes read(const std::string& file, std::uint64_t offset = 0, std::uint64_t size = kWhole) {
    world_.disk().read(ticket(), file, offset, size);
    const ReadDone done = answer<ReadDone>();
    EXPECT_FALSE(done.error) << done.error->text;
    return done.bytes;
  }
  void create(const std::string& file, std::uint64_t size) {
    world_.disk().create(ticket(), file, size);
    good();
  }
  void replace(const std::string& file, const Bytes& bytes) {
    world_.disk().replace(ticket(), file, bytes);
    good();
  }
  void sync(const std::string& file) {
    world_.disk().sync(ticket(), file);
    good();
  }
  void truncate(const std::string& file, std::uint64_t size) {
    world_.disk().truncate(ticket(), file, size);
    good();
  }
  void remove(const std::string& file) {
    world_.disk().remove(ticket(), file);
    good();
  }
  DiskTicket ticket() { return last_ = last_.next(); }

  template <typename E>
  E answer() {
    E found;
    EXPECT_TRUE(world_.run_until([&] {
      for (const E& one : world_.all<E>())
        if (one.ticket == last_) found = one;
      return found.ticket == last_;
    }));
    return found;
  }

 private:
  void good() {
    const Synced synced = answer<Synced>();
    EXPECT_FALSE(synced.error) << synced.error->text;
  }

  PortWorld& world_;
  DiskTicket last_;
};

void opens_an_empty_directory(PortWorld& world) {
  const Listed listed = Asking(world).open();
  EXPECT_FALSE(listed.error);
  EXPECT_THAT(listed.files, IsEmpty());
}

void lists_files_by_name_with_sizes(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("b", "12");
  ask.create("c", 5000);
  ask.replace("a", "1");
  world.next_process();
  EXPECT_THAT(ask.open().files,
              ElementsAre(DiskFile{"a", 1}, DiskFile{"b", 2}, DiskFile{"c", 5000}));
}

void a_created_file_is_zeros(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 70'000);
  EXPECT_EQ(ask.read("s"), Bytes(70'000, '\0'));
}

void what_is_written_is_read_before_any_sync(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 8192);
  world.disk().write("s", 4096, "hello");
  EXPECT_EQ(ask.read("s", 4095, 7), Bytes("\0hello\0", 7));
}

void a_file_grows_and_the_gap_is_zeros(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("f", "abc");
  world.disk().write("f", 10, "xyz");
  EXPECT_EQ(ask.read("f"), Bytes("abc\0\0\0\0\0\0\0xyz", 13));
}

void a_whole_block_is_written_in_place(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 3 * 4096);
  world.disk().write("s", 4096, Bytes(4096, 'b'));
  ask.sync("s");
  EXPECT_EQ(ask.read("s"), Bytes(4096, '\0') + Bytes(4096, 'b') + Bytes(4096, '\0'));
}

void the_last_of_two_writes_counts(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 8192);
  world.disk().write("s", 0, Bytes(4096, 'a'));
  world.disk().write("s", 2, "zz");
  world.disk().write("s", 0, "y");
  EXPECT_EQ(ask.read("s", 0, 5), "yazza");
}

void reading_past_the_end_gives_less(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("f", "abcdef");
  EXPECT_EQ(ask.read("f", 4, 100), "ef");
  EXPECT_EQ(ask.read("f", 6, 100), "");
  EXPECT_EQ(ask.read("f", 1000, 1), "");
  EXPECT_EQ(ask.read("f", 2, 0), "");
}

void reading_a_missing_file_is_an_error(PortWorld& world) {
  Asking ask(world);
  ask.open();
  world.disk().read(ask.ticket(), "none", 0, 10);
  const ReadDone done = ask.answer<ReadDone>();
  ASSERT_TRUE(done.error);
  EXPECT_EQ(done.error->kind, DiskErrorKind::Missing) << done.error->text;
  EXPECT_NE(done.error->text.find("none"), Bytes::npos) << done.error->text;
}

void replace_makes_and_replaces_whole_files(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("f", "a long first content");
  EXPECT_EQ(ask.read("f"), "a long first content");
  ask.replace("f", "short");
  EXPECT_EQ(ask.read("f"), "short");
  ask.replace("f", "");
  EXPECT_EQ(ask.read("f"), "");
}

void truncate_shortens(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("f", "abcdef");
  ask.truncate("f", 4);
  EXPECT_EQ(ask.read("f"), "abcd");
  ask.truncate("f", 0);
  EXPECT_EQ(ask.read("f"), "");
}

void a_removed_file_is_gone(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.replace("f", "abc");
  ask.remove("f");
  world.next_process();
  EXPECT_THAT(ask.open().files, IsEmpty());
}

void removing_what_is_missing_is_no_error(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.remove("none");
}

void answers_come_in_the_order_asked(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 65'536);
  world.events.clear();
  for (std::uint64_t i = 1; i <= 30; ++i) {
    world.disk().write("s", i * 512, Bytes(512, 'x'));
    if (i % 3 == 0)
      world.disk().read(DiskTicket(1000 + i), "s", 0, 65'536);
    else
      world.disk().sync(DiskTicket(1000 + i), "s");
  }
  ASSERT_TRUE(world.run_until_count<ReadDone>(10));
  std::uint64_t expected = 1001;
  for (const Event& event : world.events) {
    const auto* read = std::get_if<ReadDone>(&event);
    const DiskTicket found = read != nullptr ? read->ticket : std::get<Synced>(event).ticket;
    EXPECT_EQ(found, DiskTicket(expected++));
  }
}

void each_read_sees_just_the_writes_before_it(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 4096);
  world.events.clear();
  for (char c : {'a', 'b', 'c'}) {
    world.disk().write("s", 0, Bytes(1, c));
    world.disk().read(ask.ticket(), "s", 0, 1);
  }
  ASSERT_TRUE(world.run_until_count<ReadDone>(3));
  Bytes seen;
  for (const ReadDone& read : world.all<ReadDone>()) seen += read.bytes;
  EXPECT_EQ(seen, "abc");
}

void a_killed_process_loses_nothing_that_was_synced(PortWorld& world) {
  Asking ask(world);
  ask.open();
  ask.create("s", 8192);
  world.disk().write("s", 100, "kept");
  ask.sync("s");
  world.next_process();
  ask.open();
  EXPECT_EQ(ask.read("s", 100, 4), "kept");
}

void the_lock_is_free_for_the_next_process(PortWorld& world) {
  Asking ask(world);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(ask.open().error);
    world.next_process();
  }
}

}  // namespace

std::vector<PortCase> disk_cases() {
  return {
      {"opens_an_empty_directory", &opens_an_empty_directory},
      {"lists_files_by_name_with_sizes", &lists_files_by_name_with_sizes},
      {"a_created_file_is_zeros", &a_created_file_is_zeros},
      {"what_is_written_is_read_before_any_sync", &what_is_written_is_read_before_any_sync},
      {"a_file_grows_and_the_gap_is_zeros", &a_file_grows_and_the_gap_is_zeros},
      {"a_whole_block_is_written_in_place", &a_whole_block_is_written_in_place},
      {"the_last_of_two_writes_counts", &the_last_of_two_writes_counts},
      {"reading_past_the_end_gives_less", &reading_past_the_end_gives_less},
      {"reading_a_missing_file_is_an_error", &reading_a_missing_file_is_an_error},
      {"replace_makes_and_replaces_whole_files", &replace_makes_and_replaces_whole_files},
      {"truncate_shortens", &truncate_shortens},
      {"a_removed_file_is_gone", &a_removed_file_is_gone},
      {"removing_what_is_missing_is_no_error", &removing_what_is_missing_is_no_error},
      {"answers_come_in_the_order_asked", &answers_come_in_the_order_asked},
      {"each_read_sees_just_the_writes_before_it", &each_read_sees_just_the_writes_before_it},
      {"a_killed_process_loses_nothing_that_was_synced",
       &a_killed_process_loses_nothing_that_was_synced},
      {"the_lock_is_free_for_the_next_process", &the_lock_is_free_for_the_next_process},
  };
}

}  // namespace quorate::contract
