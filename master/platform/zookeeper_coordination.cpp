#include "master/platform/zookeeper_coordination.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "master/base/check.h"
#include "master/platform/zookeeper_log.h"
#include "master/platform/zookeeper_session.h"

namespace quorate::platform {

namespace {

constexpr std::chrono::seconds kCloseTimeout{2};

const ZookeeperCall* call_of(const void* context) {
  return static_cast<const ZookeeperCall*>(context);
}

void take_stat(CoordinationReply& reply, const Stat* stat) {
  if (stat == nullptr) return;
  reply.version = stat->version;
  reply.ephemeral_owner = stat->ephemeralOwner;
}

// The library's kinds of answers.

void finish(const ZookeeperCall* call, CoordinationReply reply) {
  call->session->settle(call, std::move(reply));
  call->session->forget(call);
}

void on_auth(int result, const void* context) {
  const ZookeeperCall* call = call_of(context);
  call->session->settle(call, call->session->reply_to(call, result));
}

void on_void(int result, const void* context) {
  const ZookeeperCall* call = call_of(context);
  finish(call, call->session->reply_to(call, result));
}

void on_created(int result, const char* path, const void* context) {
  const ZookeeperCall* call = call_of(context);
  auto reply = call->session->reply_to(call, result);
  if (result == ZOK && path != nullptr) reply.path = path;
  finish(call, std::move(reply));
}

void on_data(int result, const char* value, int size, const Stat* stat, const void* context) {
  const ZookeeperCall* call = call_of(context);
  auto reply = call->session->reply_to(call, result);
  if (result == ZOK) {
    if (value != nullptr && size > 0) reply.data.assign(value, static_cast<std::size_t>(size));
    take_stat(reply, stat);
  }
  finish(call, std::move(reply));
}

void on_stat(int result, const Stat* stat, const void* context) {
  const ZookeeperCall* call = call_of(context);
  auto reply = call->session->reply_to(call, result);
  if (result == ZOK) take_stat(reply, stat);
  finish(call, std::move(reply));
}

void on_children(int result, const String_vector* names, const void* context) {
  const ZookeeperCall* call = call_of(context);
  auto reply = call->session->reply_to(call, result);
  if (result == ZOK && names != nullptr) {
    reply.children.assign(names->data, names->data + names->count);
    std::sort(reply.children.begin(), reply.children.end());
  }
  finish(call, std::move(reply));
}

int mode_of(CreateMode mode) {
  if (mode.ephemeral) return mode.sequential ? ZOO_EPHEMERAL_SEQUENTIAL : ZOO_EPHEMERAL;
  return mode.sequential ? ZOO_PERSISTENT_SEQUENTIAL : ZOO_PERSISTENT;
}

int create_node(zhandle_t* zh, const std::string& path, const Bytes& data, CreateMode mode,
                const ZookeeperCall* call) {
  std::array<ACL, 2> creator_all{ACL{ZOO_PERM_READ, ZOO_ANYONE_ID_UNSAFE},
                                 ACL{ZOO_PERM_ALL, ZOO_AUTH_IDS}};
  ACL_vector acl = ZOO_OPEN_ACL_UNSAFE;
  if (mode.acl == CoordinationAcl::CreatorAll) {
    acl = {static_cast<std::int32_t>(creator_all.size()), creator_all.data()};
  }
  return zoo_acreate(zh, path.c_str(), data.data(), static_cast<int>(data.size()), &acl,
                     mode_of(mode), on_created, call);
}

}  // namespace

struct ZookeeperCoordination::Impl {
  EventLoop& loop;
  Process& process;
  ZookeeperSettings settings;
  std::map<SessionHandle, std::shared_ptr<ZookeeperSession>> sessions;

  void call(SessionHandle handle, CoordinationTicket ticket, const StartZookeeperCall& start) {
    auto found = sessions.find(handle);
    if (found != sessions.end()) return found->second->call(ticket, start);
    loop.post(ZookeeperSession::refused(handle, ticket, CoordinationCode::Closing));
  }
};

ZookeeperCoordination::ZookeeperCoordination(EventLoop& loop, Process& process,
                                             ZookeeperSettings settings)
    : impl_(new Impl{loop, process, std::move(settings), {}}) {
  route_zookeeper_log(&process);
}

ZookeeperCoordination::~ZookeeperCoordination() {
  for (auto& [handle, session] : impl_->sessions) session->close();  // all at once, then wait
  impl_->sessions.clear();
  if (zookeeper_log_route() == &impl_->process) route_zookeeper_log(nullptr);
}

void ZookeeperCoordination::open(SessionHandle handle, Duration session_timeout) {
  std::erase_if(impl_->sessions, [](const auto& entry) { return entry.second->ended(); });
  auto session = std::make_shared<ZookeeperSession>(impl_->loop, impl_->process, impl_->settings,
                                                    handle, session_timeout);
  CHECK(impl_->sessions.emplace(handle, std::move(session)).second);
}

void ZookeeperCoordination::add_auth(SessionHandle handle, CoordinationTicket ticket) {
  impl_->call(handle, ticket, [this](zhandle_t* zh, const ZookeeperCall* call) {
    const std::string& secret = impl_->settings.credentials;
    if (secret.empty()) return static_cast<int>(ZBADARGUMENTS);
    return zoo_add_auth(zh, "digest", secret.data(), static_cast<int>(secret.size()), on_auth,
                        call);
  });
}

void ZookeeperCoordination::close(SessionHandle handle) {
  auto found = impl_->sessions.find(handle);
  if (found == impl_->sessions.end()) {
    return impl_->loop.post(SessionState{handle, SessionPhase::Closed, 0, {}});
  }
  found->second->close();
  auto timer = std::make_shared<boost::asio::steady_timer>(impl_->loop.io(), kCloseTimeout);
  timer->async_wait([timer, weak = std::weak_ptr(found->second)](boost::system::error_code) {
    if (auto session = weak.lock()) session->tell_closed();
  });
}

void ZookeeperCoordination::create(SessionHandle handle, CoordinationTicket ticket,
                                   const std::string& path, const Bytes& data, CreateMode mode) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return create_node(zh, path, data, mode, call);
  });
}

void ZookeeperCoordination::get(SessionHandle handle, CoordinationTicket ticket,
                                const std::string& path, bool watch) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return zoo_aget(zh, path.c_str(), watch, on_data, call);
  });
}

void ZookeeperCoordination::exists(SessionHandle handle, CoordinationTicket ticket,
                                   const std::string& path, bool watch) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return zoo_aexists(zh, path.c_str(), watch, on_stat, call);
  });
}

void ZookeeperCoordination::children(SessionHandle handle, CoordinationTicket ticket,
                                     const std::string& path, bool watch) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return zoo_aget_children(zh, path.c_str(), watch, on_children, call);
  });
}

void ZookeeperCoordination::set(SessionHandle handle, CoordinationTicket ticket,
                                const std::string& path, const Bytes& data, std::int32_t version) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return zoo_aset(zh, path.c_str(), data.data(), static_cast<int>(data.size()), version, on_stat,
                    call);
  });
}

void ZookeeperCoordination::remove(SessionHandle handle, CoordinationTicket ticket,
                                   const std::string& path, std::int32_t version) {
  impl_->call(handle, ticket, [&](zhandle_t* zh, const ZookeeperCall* call) {
    return zoo_adelete(zh, path.c_str(), version, on_void, call);
  });
}

}  // namespace quorate::platform
