#include "master/ports/event_codec.h"

#include <gtest/gtest.h>

#include <vector>

namespace quorate {
namespace {

std::vector<Event> one_of_each() {
  SocketAddress address{Ipv4{0x0a000001}, 5050};
  DiskError error{DiskErrorKind::Full, "write a: disk full"};
  return {
      Woken{},
      Listening{address, std::nullopt},
      Listening{address, "in use"},
      Opened{ConnectionId(7), address},
      Refused{ConnectionId(8), "refused"},
      Received{ConnectionId(9), Bytes("a\0b", 3)},
      Writable{ConnectionId(10)},
      Closed{ConnectionId(11), "reset"},
      Resolved{ResolveTicket(1), {Ipv4{1}, Ipv4{2}}, "m1", std::nullopt},
      Listed{DiskTicket(2), {{"a", 1}, {"b", 2}}, error},
      ReadDone{DiskTicket(3), "bytes", std::nullopt},
      Synced{DiskTicket(4), error},
      FileRead{FileTicket(5), "x", 9, "missing"},
      FileChanged{"/etc/whitelist"},
      CoordinationReply{SessionHandle(1),
                        CoordinationTicket(2),
                        CoordinationCode::NoAuth,
                        "/p",
                        "d",
                        -3,
                        1LL << 40,
                        {"a", "b"}},
      WatchFired{SessionHandle(1), WatchKind::ChildrenChanged, "/p"},
      SessionState{SessionHandle(1), SessionPhase::Closed, -5, Duration::seconds(10)},
      StopRequested{},
      Reload{},
      HostStats{0.5, 1.25, -0.0, 4, 5, 6},
      Verified{VerifyTicket(3), true},
  };
}

TEST(EventCodec, EveryEventReadsBackAsItWas) {
  for (const Event& event : one_of_each()) {
    Result<Event> back = decode_event(encode_event(event));
    ASSERT_TRUE(back.has_value()) << event_name(event) << ": " << back.error().text;
    EXPECT_EQ(*back, event) << event_name(event);
  }
}

TEST(EventCodec, EveryKindIsTested) {
  std::vector<bool> seen(std::variant_size_v<Event>);
  for (const Event& event : one_of_each()) seen[event.index()] = true;
  for (bool kind : seen) EXPECT_TRUE(kind);
}

TEST(EventCodec, EveryShortenedOrLengthenedEncodingIsRefused) {
  for (const Event& event : one_of_each()) {
    Bytes bytes = encode_event(event);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decode_event(std::string_view(bytes).substr(0, size)).has_value());
    EXPECT_FALSE(decode_event(bytes + "x").has_value());
  }
}

TEST(EventCodec, HostileBytesAreAnErrorOrAnEventWithThatOneEncoding) {
  for (const Event& event : one_of_each()) {
    Bytes bytes = encode_event(event);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (int value : {0, 1, 2, 0x7f, 0x80, 0xff}) {
        Bytes changed = bytes;
        changed[at] = static_cast<char>(value);
        Result<Event> back = decode_event(changed);
        if (back) { EXPECT_EQ(encode_event(*back), changed); }
      }
  }
}

TEST(EventCodec, AnotherVersionIsRefusedByItsNumber) {
  Bytes bytes = encode_event(Event(Woken{}));
  bytes[0] = 9;
  EXPECT_EQ(decode_event(bytes).error().text,
            "an event in version 9; this program reads version 1");
}

TEST(EventCodec, AnUnknownKindIsRefusedByItsNumber) {
  EXPECT_EQ(decode_event(Bytes("\x01\x63", 2)).error().text, "an event of unknown kind 99");
}

}  // namespace
}  // namespace quorate
