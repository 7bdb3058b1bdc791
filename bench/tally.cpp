#include "bench/tally.h"

#include "master/base/check.h"

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

Bytes encode(const Tally& tally) {
  ByteWriter out;
  out.u64(tally.entries);
  out.u64(tally.digest.high);
  out.u64(tally.digest.low);
  return out.take();
}

Tally decode_tally(std::string_view bytes) {
  ByteReader in(bytes);
  Tally tally;
  tally.entries = in.u64();
  tally.digest.high = in.u64();
  tally.digest.low = in.u64();
  CHECK(in.done());  // our own bytes, of a digest that the log verified
  return tally;
}

}  // namespace quorate::bench
