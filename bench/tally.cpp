#include "bench/tally.h"

namespace quorate::bench {

void Tally::apply(paxos::Position position, std::string_view payload) {
  const Digest content = xxh3_128(payload);
  ByteWriter link;
  link.u64(digest.high);
  link.u64(digest.low);
  link.u64(position.value);
  link.u64(content.high);
  link.u64(content.low);
  digest = xxh3_128(link.bytes());
  ++entries;
}

}  // namespace quorate::bench
