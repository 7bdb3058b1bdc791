// Bytes from peers, disks, recordings, znodes and clients through every decoder. The first byte
// names the decoder. None may abort, and what one accepts it must write again as it came.

#include <cstdint>
#include <string_view>
#include <variant>

#include "master/base/check.h"
#include "master/base/json.h"
#include "master/paxos/codec.h"
#include "master/peers/frames.h"
#include "master/ports/event_codec.h"
#include "master/registry/entry_codec.h"
#include "master/registry/snapshot_codec.h"
#include "master/values/master_info.h"

namespace {

using namespace quorate;

void decode_all(std::uint8_t kind, std::string_view bytes) {
  switch (kind % 7) {
    case 0: {
      const auto framed = paxos::decode(bytes);
      if (framed) CHECK(paxos::encode(framed->header, framed->message) == bytes);
      return;
    }
    case 1: {
      const auto decoded = registry::decode_entry(bytes);
      const auto* entry = std::get_if<registry::Entry>(&decoded);
      if (entry) CHECK(registry::encode_entry(*entry) == bytes);
      return;
    }
    case 2: {
      const auto decoded = registry::decode_snapshot(bytes);
      const auto* state = std::get_if<registry::Registry>(&decoded);
      if (state) CHECK(registry::encode_snapshot(*state) == bytes);
      return;
    }
    case 3: {
      const auto event = decode_event(bytes);
      if (event) CHECK(encode_event(*event) == bytes);
      return;
    }
    case 4: {
      const auto info = parse_master_info(bytes);
      if (info) CHECK(parse_master_info(to_json(*info)) == info);
      return;
    }
    case 5: {
      peers::FrameReader reader;
      reader.receive(bytes);
      while (reader.next()) continue;
      return;
    }
    default: (void)parse_json(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) decode_all(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
