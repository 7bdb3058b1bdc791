#include "sim/host.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/ports/event_codec.h"

namespace quorate::sim {
namespace {

// 2026-01-01 00:00:00 UTC. Monotonic clocks start elsewhere on each host, so that nobody compares
// them.
constexpr std::int64_t kWallStart = 1'767'225'600'000'000'000;
constexpr std::int64_t kMonoSpread = Duration::minutes(60).ns;
constexpr std::int64_t kWallSpread = Duration::milliseconds(50).ns;

HostClock draw_clock(const World& world, const std::string& name) {
  RandomStream random = world.stream("clock/" + name);
  HostClock clock;
  clock.mono_offset_ns = random.between(Duration::minutes(1).ns, kMonoSpread);
  clock.wall_offset_ns = kWallStart + random.between(-kWallSpread, kWallSpread);
  return clock;
}

}  // namespace

Host::Host(HostWorld world, HostSpec spec, Place place, HostOptions options)
    : in_(world),
      spec_(std::move(spec)),
      place_(place),
      options_(options),
      clock_(draw_clock(world.world, spec_.name)),
      boots_(world.world.stream("boot/" + spec_.name)),
      disk_(world.world, world.profile, *this, spec_.name),
      coordination_(world.world, world.zookeeper, clock_, *this, {spec_.name, place, "quorate"}),
      ports_(world.world, clock_, world.names, spec_, *this),
      endpoint_(world.fabric.add(*this, place, spec_.ip)),
      network_(world.fabric, endpoint_),
      disk_port_(disk_),
      coordination_port_(coordination_) {}

Host::~Host() = default;

void Host::start() {
  if (state_ == State::Running || state_ == State::Paused) return;
  boot();
}

void Host::boot() {
  incarnation_ += 1;
  state_ = State::Running;
  recording_.emplace(boots_.next());
  Ports real{ports_, network_, ports_, disk_port_, ports_, coordination_port_, ports_};
  taps_ = std::make_unique<RecordingPorts>(*this, real);
  Now now = clock_.read(in_.world.now());
  if (in_.world.trace != nullptr) in_.world.trace->line(in_.world.now(), spec_.name, "starts");
  if (tap != nullptr) tap->on_start(*this);
  try {
    node_ = in_.factory.make(spec_, taps_->ports(), recording_->seed());
    recording_->started(now);
    node_->start(now);
  } catch (const ProcessEnded& end) { ended(code(end.exit), end.why, false); }
}

void Host::on_answer(Event event) {
  if (state_ == State::Paused || (state_ == State::Running && busy())) {
    held_.push_back(std::move(event));
  } else if (state_ == State::Running) {
    handle(event);
  }
}

// A slow processor takes up what waited, one after another.
void Host::take_next() {
  if (state_ != State::Running || in_.world.now() < busy_until_) return;
  if (held_.empty()) return in_.fabric.resumed(endpoint_);
  Event event = std::move(held_.front());
  held_.pop_front();
  const std::uint64_t before = incarnation_;
  handle(event);
  if (state_ == State::Running && incarnation_ == before && in_.world.now() >= busy_until_)
    in_.world.after(Duration{0}, *this, {kFree, incarnation_, 0});
}

void Host::handle(const Event& event) {
  Now now = clock_.read(in_.world.now());
  if (!options_.replay_check) recording_->forget();
  in_.world.hash(place_.value, recording_->event(now, event));
  in_.world.count_event();
  if (in_.world.trace != nullptr)
    in_.world.trace->line(in_.world.now(), spec_.name, event_name(event));
  if (tap != nullptr) tap->on_event(*this, event);
  if (event_cost_.ns > 0) {
    in_.world.felt(faults::FaultKind::SlowCpu);
    busy_until_ = in_.world.now() + event_cost_;
    in_.world.at(busy_until_, *this, {kFree, incarnation_, 0});
  }
  try {
    node_->handle(now, event);
  } catch (const ProcessEnded& end) { ended(code(end.exit), end.why, false); }
}

void Host::on_effect(const Bytes& effect) {
  if (options_.hash_effects) in_.world.hash(place_.value, effect);
  recording_->effect(effect);
  if (tap != nullptr) tap->on_call(*this, effect);
}

void Host::stop() {
  if (state_ == State::Running || state_ == State::Paused) return on_answer(StopRequested{});
  state_ = State::Down;
}

void Host::kill() {
  if (state_ == State::Running || state_ == State::Paused)
    ended(ExitRecord::kKilled, "killed", false);
  state_ = State::Down;
}

void Host::lose_power() {
  if (state_ == State::Running || state_ == State::Paused) {
    ended(ExitRecord::kKilled, "power lost", true);
  } else {
    disk_.lose_power();
  }
  state_ = State::Down;
}

void Host::pause() {
  if (state_ != State::Running) return;
  state_ = State::Paused;
  if (tap != nullptr) tap->on_pause(*this, true);
  coordination_.pause();
}

void Host::resume() {
  if (state_ != State::Paused) return;
  state_ = State::Running;
  if (tap != nullptr) tap->on_pause(*this, false);
  std::uint64_t before = incarnation_;
  while (!held_.empty()) {
    if (event_cost_.ns > 0) {
      coordination_.resume();
      return in_.world.after(Duration{0}, *this, {kFree, incarnation_, 0});
    }
    Event event = std::move(held_.front());
    held_.pop_front();
    handle(event);
    if (state_ != State::Running || incarnation_ != before) return;
  }
  coordination_.resume();
  if (state_ == State::Running && incarnation_ == before) in_.fabric.resumed(endpoint_);
}

// First the world forgets the process, then what is not synced is decided, then the node goes.
void Host::ended(int code, const std::string& why, bool power_lost) {
  state_ = State::Down;
  in_.fabric.end_process(endpoint_);
  coordination_.end_process();
  ports_.end_process();
  if (power_lost) {
    disk_.lose_power();
  } else {
    disk_.end_process();
  }
  held_.clear();
  busy_until_ = {};
  node_.reset();
  taps_.reset();
  exits_.push_back({in_.world.now(), incarnation_, code, why});
  if (in_.world.trace != nullptr)
    in_.world.trace->line(in_.world.now(), spec_.name,
                          "exits with " + std::to_string(code) + ": " + why);
  if (tap != nullptr) tap->on_end(*this, exits_.back());
  check_recording();
  if (restart_with_) {
    set_flags(*std::exchange(restart_with_, std::nullopt));
    state_ = State::Restarting;
    in_.world.after(Duration::milliseconds(100), *this, {kReboot, incarnation_, 0});
  } else {
    supervise(code);
  }
  in_.watcher.on_exit(*this, exits_.back());
}

void Host::supervise(int code) {
  if (!options_.supervised) return;
  Duration delay;
  switch (code) {
    case 69: delay = Duration::milliseconds(200); break;
    case 74: delay = Duration::seconds(30); break;
    case 75: delay = Duration::seconds(5); break;
    default: return;  // asked, or a person must look
  }
  state_ = State::Restarting;
  in_.world.after(delay, *this, {kReboot, incarnation_, 0});
}

void Host::act(const Task& task) {
  if (task.kind == kFree) {
    if (task.a == incarnation_) take_next();
    return;
  }
  if (state_ == State::Restarting && task.a == incarnation_) boot();
}

void Host::check_recording() {
  if (options_.replay_check && recording_) {
    if (auto difference = replay_difference(*recording_, in_.factory, spec_))
      in_.watcher.on_replay_difference(*this, *difference);
  }
  recording_.reset();
}

void Host::finish() {
  if (state_ != State::Running && state_ != State::Paused) return;
  state_ = State::Down;
  node_.reset();
  check_recording();
}

}  // namespace quorate::sim
