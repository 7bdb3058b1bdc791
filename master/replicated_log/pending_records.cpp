#include "master/replicated_log/pending_records.h"

#include <algorithm>
#include <utility>

#include "master/replicated_log/record_codec.h"

namespace quorate::replicated_log {

void PendingRecords::add(Mark mark, const paxos::SlotRecord& record) {
  const std::uint64_t before = body_.size();
  ByteWriter out(std::move(body_));
  put_record(out, record);
  body_ = out.take();
  records_.push_back({body_.size() - before, mark, record.slot.position});
  if (!first_) first_ = mark;
}

void PendingRecords::add(const paxos::LearnedRecord& record) {
  if (!records_.empty() && !records_.back().mark) {
    body_.resize(body_.size() - records_.back().bytes);
    records_.pop_back();
  }
  const std::uint64_t before = body_.size();
  ByteWriter out(std::move(body_));
  put_record(out, record);
  body_ = out.take();
  records_.push_back({body_.size() - before, {}, {}});
}

PendingRecords::Taken PendingRecords::take(std::uint64_t fits, std::uint64_t enough) {
  Taken taken;
  std::uint64_t bytes = 0;
  while (!records_.empty()) {
    const Record& next = records_.front();
    if (bytes + next.bytes > fits) break;
    if (bytes > 0 && bytes + next.bytes > enough) break;
    bytes += next.bytes;
    if (!taken.first) taken.first = next.mark;
    taken.highest = std::max(taken.highest, next.position);
    records_.pop_front();
  }
  if (records_.empty()) {
    if (begin_ == 0) {
      taken.body = std::exchange(body_, {});
      body_.reserve(std::min<std::uint64_t>(bytes, 256ull << 10));
    } else {
      taken.body = body_.substr(begin_);
      body_.clear();
    }
    begin_ = 0;
    first_.reset();
    return taken;
  }
  taken.body = body_.substr(begin_, bytes);
  begin_ += bytes;
  if (begin_ > body_.size() / 2) body_.erase(0, std::exchange(begin_, 0));
  const auto waits = std::find_if(records_.begin(), records_.end(),
                                  [](const Record& record) { return record.mark.has_value(); });
  first_ = waits == records_.end() ? std::nullopt : waits->mark;
  return taken;
}

}  // namespace quorate::replicated_log
