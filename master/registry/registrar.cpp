#include "master/registry/registrar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/registry/entry_codec.h"
#include "master/registry/snapshot_codec.h"
#include "master/registry/validate.h"

namespace quorate::registry {

std::optional<Refusal> Registrar::refusal(const OperationId& id) const {
  if (applied_.recent_operations.contains(id)) {
    probe(Probe::OperationRepeated);
    return Refusal{Refusal::Kind::Repeated, "Operation " + to_text(id) + " is applied already"};
  }
  if (speculative_.recent_operations.contains(id)) {
    return Refusal{Refusal::Kind::Busy,
                   "Operation " + to_text(id) + " is already on its way; wait for its outcome"};
  }
  if (in_flight_.size() < window_) return std::nullopt;
  probe(Probe::WindowFull);
  return Refusal{Refusal::Kind::Busy,
                 "The registry has " + std::to_string(in_flight_.size()) +
                     " operations in flight, as many as it allows; retry later"};
}

tl::expected<Submitted, Refusal> Registrar::submit(const Operation& operation) {
  if (auto refused = refusal(operation.id)) return tl::unexpected(std::move(*refused));
  auto entry = validate(speculative_, operation);
  if (!entry) return tl::unexpected(Refusal{Refusal::Kind::Invalid, entry.error().text});

  Bytes encoded = encode_entry(*entry);
  if (encoded.size() > entry_bytes_max_)
    return tl::unexpected(Refusal{
        Refusal::Kind::Invalid,
        fmt::format("The change takes {} bytes in the log, which takes at most {} at once; make it "
                    "in several steps.",
                    encoded.size(), entry_bytes_max_)});

  Effect effect = fold(speculative_, *entry);
  CHECK(effect == Effect::Applied);
  last_request_ = last_request_.next();
  Submitted submitted{last_request_, std::move(encoded)};
  in_flight_.push_back({last_request_, std::move(*entry)});
  return submitted;
}

ApplyOutcome Registrar::apply(Position position, std::string_view bytes) {
  if (applied_position_) CHECK(position > *applied_position_);
  Decoded<Entry> decoded = decode_entry(bytes);
  if (auto* newer = std::get_if<Newer>(&decoded)) return std::move(*newer);
  if (auto* malformed = std::get_if<Malformed>(&decoded)) return std::move(*malformed);

  const Entry& entry = std::get<Entry>(decoded);
  Effect effect = fold(applied_, entry);
  applied_position_ = position;
  state_size_bytes_.reset();
  return Folded{effect, settle(entry, bytes)};
}

// Keeps the speculative state what it is: the applied state, then the entries in flight.
std::optional<RequestNumber> Registrar::settle(const Entry& entry, std::string_view bytes) {
  if (in_flight_.empty()) {
    // A standby folds twice instead of copying the registry for each entry.
    fold(speculative_, entry);
    return std::nullopt;
  }
  auto own = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const InFlight& candidate) {
    return candidate.entry.operation == entry.operation;
  });
  std::optional<RequestNumber> request;
  bool as_foreseen = own == in_flight_.begin() && encode_entry(own->entry) == bytes;
  if (own != in_flight_.end()) {
    request = own->request;
    in_flight_.erase(own);
  }
  if (as_foreseen) return request;
  probe(Probe::NotAsForeseen);
  respeculate();
  return request;
}

void Registrar::respeculate() {
  speculative_ = applied_;
  for (const InFlight& operation : in_flight_) fold(speculative_, operation.entry);
}

std::vector<RequestNumber> Registrar::abandon() {
  std::vector<RequestNumber> unknown;
  for (const InFlight& operation : in_flight_) unknown.push_back(operation.request);
  in_flight_.clear();
  respeculate();
  return unknown;
}

Bytes Registrar::snapshot() const { return encode_snapshot(applied_); }

Decoded<std::monostate> Registrar::restore(Position position, std::string_view snapshot) {
  CHECK(in_flight_.empty());
  if (applied_position_) CHECK(position >= *applied_position_);
  Decoded<Registry> decoded = decode_snapshot(snapshot);
  if (auto* newer = std::get_if<Newer>(&decoded)) return std::move(*newer);
  if (auto* malformed = std::get_if<Malformed>(&decoded)) return std::move(*malformed);

  applied_ = std::move(std::get<Registry>(decoded));
  speculative_ = applied_;
  applied_position_ = position;
  state_size_bytes_ = snapshot.size();
  return std::monostate{};
}

std::size_t Registrar::state_size_bytes() {
  if (!state_size_bytes_) state_size_bytes_ = snapshot_size_bytes(applied_);
  return *state_size_bytes_;
}

}  // namespace quorate::registry
