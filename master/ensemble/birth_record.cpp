#include "master/ensemble/birth_record.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "master/base/check.h"
#include "master/base/checksum.h"
#include "master/base/json.h"

namespace quorate::ensemble {
namespace {

std::string_view state_of(const BirthRecord& record) {
  return std::holds_alternative<Born>(record) ? "born" : "intent";
}

const std::vector<paxos::Member>& members_of(const BirthRecord& record) {
  if (const auto* born = std::get_if<Born>(&record)) return born->members;
  return std::get<BirthIntent>(record).founders;
}

std::uint64_t epoch_of(const BirthRecord& record) {
  const auto* born = std::get_if<Born>(&record);
  return born != nullptr ? born->epoch : 1;
}

std::string_view members_name(const BirthRecord& record) {
  return std::holds_alternative<Born>(record) ? "members" : "founders";
}

// Everything but the checksum, without the closing brace: what the checksum is over.
std::string unchecked_json(const BirthRecord& record) {
  JsonWriter out;
  out.begin_object();
  out.member_integer("format", kBirthRecordFormat);
  out.member("state", state_of(record));
  out.member("ensemble", quorate::to_text(ensemble_of(record)));
  if (const auto* born = std::get_if<Born>(&record)) out.key("epoch").unsigned_integer(born->epoch);
  out.key(members_name(record)).begin_array();
  for (const paxos::Member& member : members_of(record)) {
    out.begin_object();
    out.member("replica", quorate::to_text(member.replica));
    out.member("address", member.address);
    out.end_object();
  }
  out.end_array().end_object();
  std::string text = out.take();
  text.pop_back();
  return text;
}

std::optional<EnsembleId> parse_ensemble_id(std::string_view text) {
  const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (error != std::errc{} || end != digits.data() + digits.size()) return {};
    return number;
  };
  if (text.size() != 32) return {};
  const std::optional<std::uint64_t> high = half(text.substr(0, 16));
  const std::optional<std::uint64_t> low = half(text.substr(16));
  if (!high || !low) return {};
  return EnsembleId{*high, *low};
}

Error corrupt(std::string_view what) {
  return {fmt::format(
      "the birth record cannot be read: {}. It was damaged or edited by hand. Nothing was changed. "
      "Keep a copy of the node. If the masters hold their logs, delete the node and start them: as "
      "soon as a quorum of them is here, they write it anew. If every log is lost, do not delete "
      "it: restore a backup first",
      what)};
}

std::string text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  const std::string* text = found != nullptr ? found->string() : nullptr;
  return text != nullptr ? *text : std::string();
}

Result<std::vector<paxos::Member>> read_members(const Json& record, std::string_view name) {
  const Json* found = record.find(name);
  const Json::Array* array = found != nullptr ? found->array() : nullptr;
  if (array == nullptr) return tl::unexpected(corrupt(fmt::format("it has no list \"{}\"", name)));
  std::vector<paxos::Member> members;
  for (const Json& item : *array) {
    const std::optional<ReplicaId> replica = parse_replica_id(text_of(item, "replica"));
    if (!replica)
      return tl::unexpected(
          corrupt(fmt::format("\"replica\" of entry {} of \"{}\" is not 16 hexadecimal digits",
                              members.size() + 1, name)));
    members.push_back({*replica, text_of(item, "address")});
  }
  return members;
}

Result<BirthRecord> read_fields(const Json& json) {
  const std::optional<EnsembleId> ensemble = parse_ensemble_id(text_of(json, "ensemble"));
  if (!ensemble) return tl::unexpected(corrupt("\"ensemble\" is not 32 hexadecimal digits"));
  const std::string state = text_of(json, "state");
  if (state == "intent") {
    Result<std::vector<paxos::Member>> founders = read_members(json, "founders");
    if (!founders) return tl::unexpected(founders.error());
    return BirthIntent{*ensemble, std::move(*founders)};
  }
  if (state != "born")
    return tl::unexpected(
        corrupt(fmt::format("\"state\" is '{}', neither intent nor born", state)));
  const Json* epoch = json.find("epoch");
  if (epoch == nullptr || epoch->integer() == nullptr || *epoch->integer() < 1)
    return tl::unexpected(corrupt("\"epoch\" is not a number from 1"));
  Result<std::vector<paxos::Member>> members = read_members(json, "members");
  if (!members) return tl::unexpected(members.error());
  return Born{*ensemble, static_cast<std::uint64_t>(*epoch->integer()), std::move(*members)};
}

// Nothing: the format is ours.
std::optional<Error> other_format(const Json& json) {
  const Json* format = json.find("format");
  if (format == nullptr || format->integer() == nullptr) return corrupt("it has no format number");
  const std::int64_t number = *format->integer();
  if (number == kBirthRecordFormat) return {};
  if (number < 1) return corrupt(fmt::format("its format number is {}", number));
  return Error{fmt::format(
      "the birth record has format {}, and this program knows only format {}: it was written by a "
      "newer release. Nothing was changed. Start this master with that release or a newer one",
      number, kBirthRecordFormat)};
}

}  // namespace

EnsembleId ensemble_of(const BirthRecord& record) {
  return std::visit([](const auto& state) { return state.ensemble; }, record);
}

paxos::Configuration founding_configuration(const BirthIntent& intent) {
  return {.epoch = 1, .members = intent.founders, .retired = {}, .wish = 0};
}

std::optional<std::string> broken(const BirthRecord& record) {
  if (!ensemble_of(record).known()) return "its ensemble id is zero";
  if (epoch_of(record) > INT64_MAX) return "its epoch is too large";
  return paxos::broken({epoch_of(record), members_of(record), {}, 0});
}

std::string to_json(const BirthRecord& record) {
  CHECK(!broken(record));
  const std::string text = unchecked_json(record);
  return fmt::format("{},\"check\":\"{:08x}\"}}", text, crc32c(text));
}

Result<BirthRecord> parse_birth_record(std::string_view text) {
  if (text.empty()) return tl::unexpected(corrupt("it is empty"));
  if (text.size() > kBirthRecordBytesMax)
    return tl::unexpected(
        corrupt(fmt::format("it has {} bytes, {} is the most", text.size(), kBirthRecordBytesMax)));
  Result<Json> json = parse_json(text);
  if (!json) return tl::unexpected(corrupt(json.error().text));
  if (json->object() == nullptr) return tl::unexpected(corrupt("it is not a JSON object"));
  if (std::optional<Error> other = other_format(*json)) return tl::unexpected(*other);

  Result<BirthRecord> record = read_fields(*json);
  if (!record) return record;
  if (std::optional<std::string> fault = broken(*record)) return tl::unexpected(corrupt(*fault));
  if (text_of(*json, "check").empty()) return tl::unexpected(corrupt("it has no \"check\""));
  // Also whatever a reader of JSON would overlook: other members, blanks, a name twice.
  if (to_json(*record) != text)
    return tl::unexpected(corrupt("its checksum or its exact form does not fit its content"));
  return record;
}

}  // namespace quorate::ensemble
