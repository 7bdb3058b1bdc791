#include "sim/agreement.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "master/paxos/codec.h"
#include "master/replicated_log/read_log.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kFrameHeader = 8;
constexpr std::string_view kUpgrade = "GET /quorate/peer HTTP/1.1\r\n";

}  // namespace

AgreementOracle::AgreementOracle(Cluster& cluster) : cluster_(cluster) {
  cluster_.fabric().add_tap(*this);
}

AgreementOracle::~AgreementOracle() { cluster_.fabric().remove_tap(*this); }

void AgreementOracle::learned(paxos::Position position, const Digest& chain,
                              const std::string& who) {
  auto [known, fresh] = sightings_.try_emplace(position, Sighting{chain, who, {}});
  if (fresh) known->second.at = cluster_.world().now();
  if (fresh || known->second.chain == chain || violation_) return;
  violation_ = "position " + to_text(position) +
               " or one below it is learned with two values: " + known->second.who +
               " had the chain value " + hex(known->second.chain.high) + " at " +
               to_text(known->second.at).text + ", " + who + " has " + hex(chain.high);
}

void AgreementOracle::on_wire(std::uint64_t wire, Place from, Place to, std::string_view bytes) {
  if (from == cluster_.client_place() || to == cluster_.client_place()) return;
  Stream& stream = streams_[{wire, from}];
  if (stream.ignored) return;
  stream.pending.append(bytes);
  if (!stream.upgraded) upgrade(stream);
  if (stream.upgraded) frames(stream, cluster_.links().name(from));
}

void AgreementOracle::upgrade(Stream& stream) const {
  std::size_t known = std::min(stream.pending.size(), kUpgrade.size());
  if (std::string_view(stream.pending).substr(0, known) != kUpgrade.substr(0, known)) {
    stream.ignored = true;
    stream.pending.clear();
    return;
  }
  std::size_t end = stream.pending.find("\r\n\r\n");
  if (end == Bytes::npos) return;
  stream.pending.erase(0, end + 4);
  stream.upgraded = true;
}

void AgreementOracle::frames(Stream& stream, const std::string& from) {
  std::size_t at = 0;
  while (stream.pending.size() - at >= kFrameHeader) {
    ByteReader in(std::string_view(stream.pending).substr(at));
    std::uint32_t size = in.u32();
    in.u32();
    std::string_view payload = in.raw(size);
    if (in.failed()) break;
    message(payload, from);
    at += kFrameHeader + size;
  }
  stream.pending.erase(0, at);
}

void AgreementOracle::message(std::string_view bytes, const std::string& from) {
  Result<paxos::Framed> framed = paxos::decode(bytes);
  if (!framed) return;
  auto tells = [&](paxos::Position position, const Digest& chain) {
    if (position.value == 0) return;
    ++seen_on_wires_;
    learned(position, chain, from);
  };
  std::visit(
      [&](const auto& said) {
        using Said = std::decay_t<decltype(said)>;
        if constexpr (std::is_same_v<Said, paxos::Promise> || std::is_same_v<Said, paxos::Standing>)
          tells(said.learned, said.chain);
        if constexpr (std::is_same_v<Said, paxos::Accept>) tells(said.chosen, said.chosen_chain);
        if constexpr (std::is_same_v<Said, paxos::Learned>) tells(said.chosen, said.chain);
        if constexpr (std::is_same_v<Said, paxos::Fetched>) {
          Digest chain = said.chain_before;
          for (const paxos::Slot& slot : said.slots) {
            chain = chain_after(chain, slot.position, slot.entry);
            tells(slot.position, chain);
          }
        }
      },
      framed->message);
}

void AgreementOracle::look_at_disks() {
  for (const auto& host : cluster_.hosts()) look_at_disk(*host);
}

void AgreementOracle::look_at_disk(const Host& host) {
  std::map<std::string, Bytes> files;
  for (const auto& [name, image] : host.disk().image().files())
    files[name] = image.read(0, std::min(image.size(), image.written_end()));
  if (files.empty()) return;
  replicated_log::LogRead log = replicated_log::read_log(files);
  std::map<paxos::Position, paxos::Entry> held;
  Digest chain = paxos::kChainOrigin;
  paxos::Position below;  // the chain value holds up to here
  std::string who = host.spec().name + "'s disk";
  for (const replicated_log::RecordRead& read : log.records) {
    if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record)) {
      held[slot->slot.position] = slot->slot.entry;
      continue;
    }
    const auto* mark = std::get_if<paxos::LearnedRecord>(&read.record);
    if (mark == nullptr || mark->learned <= below) continue;
    ++seen_on_disks_;
    learned(mark->learned, mark->chain, who);
    // What it holds up to the mark is learned as well, if it holds all of it.
    while (below < mark->learned && held.contains(below.next())) {
      below = below.next();
      chain = chain_after(chain, below, held.at(below));
      learned(below, chain, who);
    }
    if (below < mark->learned) return;
  }
}

}  // namespace quorate::sim
