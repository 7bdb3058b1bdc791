#include "master/platform/event_recorder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "master/base/json.h"
#include "master/platform/header_mask.h"
#include "master/platform/worker_thread.h"
#include "master/ports/recording.h"

namespace quorate::platform {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
constexpr std::size_t kFoldersKept = 8;
constexpr int kCompression = 1;  // the fastest: the master goes on beside it
// Room for the effects of the last event and for the last words: a recording that is full says so.
constexpr std::uint64_t kReservedBytes = 64 << 10;

std::string folder_name() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return fmt::format("boot-{}-{}", text, ::getpid());
}

std::string boot_json(const RecorderSettings& settings) {
  JsonWriter json;
  json.begin_object().member_integer("format", 1);
  json.member("version", settings.version);
  json.key("seed").string(fmt::format("{}", settings.seed));
  json.key("arguments").begin_array();
  for (const std::string& argument : settings.arguments) json.string(argument);
  json.end_array().key("environment").begin_object();
  for (const auto& [name, value] : settings.environment) json.member(name, value);
  json.end_object().end_object();
  return json.take();
}

// Names sort by time.
void remove_old_folders(const std::string& directory) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().filename().string().starts_with("boot-")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  while (folders.size() >= kFoldersKept) {
    fs::remove_all(folders.front(), error);
    folders.erase(folders.begin());
  }
}

// Gives the size of the compressed file; nothing: it stays as it is.
std::optional<std::uint64_t> compress(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const Bytes bytes(std::istreambuf_iterator<char>(in), {});
  const std::string temporary = file + ".tmp";
  gzFile out = ::gzopen(temporary.c_str(), fmt::format("wb{}", kCompression).c_str());
  if (out == nullptr) return {};
  const int size = static_cast<int>(bytes.size());
  const bool written = ::gzwrite(out, bytes.data(), static_cast<unsigned>(size)) == size;
  const bool closed = ::gzclose(out) == Z_OK;
  std::error_code error;
  if (written && closed) fs::rename(temporary, file + ".gz", error);
  if (!written || !closed || error) {
    fs::remove(temporary, error);
    return {};
  }
  fs::remove(file, error);
  return fs::file_size(file + ".gz", error);
}

}  // namespace

struct EventRecorder::Impl final : EffectSink {
  Impl(RecorderSettings s, const Ports& inner_ports)
      : settings(std::move(s)),
        process(inner_ports.process),
        taps(*this, inner_ports),
        mask(settings.link_token) {}
  ~Impl() override {
    if (fd >= 0) ::close(fd);
  }

  RecorderSettings settings;
  Process& process;
  RecordingPorts taps;
  std::string folder;
  HeaderMask mask;
  RecordWriter pending;
  int fd = -1;
  std::uint64_t piece = 0;        // number of the file that is written
  std::uint64_t piece_bytes = 0;  // in it
  // On the disk besides it. The thread makes it smaller.
  std::atomic<std::uint64_t> earlier_bytes = 0;
  WorkerThread compressor;

  std::string piece_file() const { return fmt::format("{}/events-{:06}", folder, piece); }

  bool begin_piece() {
    ++piece;
    piece_bytes = 0;
    fd = ::open(piece_file().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0;
  }

  void end_piece() {
    ::close(std::exchange(fd, -1));
    const std::uint64_t before = piece_bytes;
    earlier_bytes += before;
    compressor.run([this, before, file = piece_file()] {
      if (const auto after = compress(file)) earlier_bytes -= before - std::min(before, *after);
    });
  }

  // Behind the effects of the last event that was recorded.
  void stop_full() {
    const std::string why = fmt::format("it is full ({} bytes)", settings.bytes_max);
    pending.ended(why);
    (void)put();
    stop(why);
  }

  // Nothing more is written: what the disk refused may stand there in part, and ends the recording.
  void stop(const std::string& why) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
    process.log(LogLevel::Warning,
                "the recording of events in " + folder + " ends: " + why + "; the master goes on");
  }

  // What waits goes to the page cache. False: the disk refused.
  bool put() {
    const Bytes bytes = pending.take();
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const ssize_t written = ::write(fd, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    piece_bytes += bytes.size();
    return true;
  }

  void flush() {
    if (!put()) return stop(std::string("the disk refused: ") + std::strerror(errno));
    if (piece_bytes < kPieceBytes) return;
    end_piece();
    if (!begin_piece()) stop(std::string("no new file: ") + std::strerror(errno));
  }

  void on_effect(const Bytes& effect) override {
    if (fd < 0) return;
    pending.effect_digest(effect);
    const auto kind = static_cast<EffectKind>(effect.front());
    if (kind == EffectKind::Close) {
      ByteReader fields(std::string_view(effect).substr(1));
      mask.forget(ConnectionId(fields.u64()));
    }
    // Nothing comes after these.
    if (kind == EffectKind::FailFast || kind == EffectKind::Exit) flush();
  }

  void event(const Now& now, const Event& event) {
    RecordWriter one;
    if (const auto* received = std::get_if<Received>(&event)) {
      one.event(now,
                Received{received->connection, mask.mask(received->connection, received->bytes)});
    } else {
      if (const auto* closed = std::get_if<Closed>(&event)) mask.forget(closed->connection);
      one.event(now, event);
    }
    const std::uint64_t more = pending.size() + one.size();
    if (earlier_bytes + piece_bytes + more + kReservedBytes > settings.bytes_max)
      return stop_full();
    pending.append(one);
    flush();
  }
};

Result<std::unique_ptr<EventRecorder>> EventRecorder::make(const RecorderSettings& settings,
                                                           const Ports& inner) {
  auto impl = std::make_unique<Impl>(settings, inner);
  std::error_code error;
  fs::create_directories(settings.directory, error);
  if (error)
    return failure("--record_dir: cannot make the directory " + settings.directory + ": " +
                   error.message());
  remove_old_folders(settings.directory);
  impl->folder = settings.directory + "/" + folder_name();
  // Requests are in it, and what they write: for its owner only, whatever the umask.
  if (::mkdir(impl->folder.c_str(), 0700) != 0) error.assign(errno, std::generic_category());
  std::ofstream(impl->folder + "/boot.json") << boot_json(settings);
  if (error || !impl->begin_piece())
    return failure("--record_dir: cannot write in " + impl->folder + ": " +
                   (error ? error.message() : std::strerror(errno)));
  return std::unique_ptr<EventRecorder>(new EventRecorder(std::move(impl)));
}

EventRecorder::EventRecorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventRecorder::~EventRecorder() = default;

Ports EventRecorder::ports() { return impl_->taps.ports(); }

void EventRecorder::started(const Now& now) {
  if (!recording()) return;
  impl_->pending.started(now);
  impl_->flush();
}

void EventRecorder::event(const Now& now, const Event& event) {
  if (recording()) impl_->event(now, event);
}
bool EventRecorder::recording() const { return impl_->fd >= 0; }
const std::string& EventRecorder::folder() const { return impl_->folder; }

}  // namespace quorate::platform
