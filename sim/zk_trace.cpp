#include "sim/zk_trace.h"

#include <utility>

namespace quorate::sim {
namespace {

std::string_view name(ZkOp op) {
  switch (op) {
    case ZkOp::Connect: return "connect";
    case ZkOp::Ping: return "ping";
    case ZkOp::SetWatches: return "set watches";
    case ZkOp::Auth: return "auth";
    case ZkOp::CloseSession: return "close session";
    case ZkOp::Create: return "create";
    case ZkOp::Get: return "get";
    case ZkOp::Exists: return "exists";
    case ZkOp::Children: return "children";
    case ZkOp::Set: return "set";
    case ZkOp::Remove: return "delete";
    default: return "other";
  }
}

std::string_view name(WatchKind kind) {
  switch (kind) {
    case WatchKind::Created: return "created";
    case WatchKind::Deleted: return "deleted";
    case WatchKind::DataChanged: return "data changed";
    case WatchKind::ChildrenChanged: return "children changed";
  }
  return "?";
}

std::string_view name(CoordinationCode code) {
  switch (code) {
    case CoordinationCode::Ok: return "ok";
    case CoordinationCode::NoNode: return "no node";
    case CoordinationCode::NodeExists: return "node exists";
    case CoordinationCode::BadVersion: return "bad version";
    case CoordinationCode::NotEmpty: return "not empty";
    case CoordinationCode::NoAuth: return "no auth";
    case CoordinationCode::AuthFailed: return "auth failed";
    case CoordinationCode::SessionExpired: return "session expired";
    default: return "error";
  }
}

std::string words(const CoordinationReply& reply) {
  std::string out(name(reply.code));
  if (!reply.path.empty()) out += " " + reply.path;
  if (!reply.children.empty()) {
    out += " [";
    for (const std::string& child : reply.children) out += (out.back() == '[' ? "" : " ") + child;
    out += "]";
  }
  return out;
}

}  // namespace

ZkTrace::ZkTrace(RunTrace& trace, const World& world, Zookeeper& zookeeper)
    : trace_(trace), world_(world), zookeeper_(zookeeper) {
  zookeeper_.tap = this;
}

ZkTrace::~ZkTrace() { zookeeper_.tap = nullptr; }

void ZkTrace::sent(std::deque<RunTrace::Id>& flying, TraceMessage message) {
  message.sent = world_.now();
  flying.push_back(trace_.sent(std::move(message)));
}

void ZkTrace::on_request(ZkConnectionId connection, Place from, Place to,
                         const ZkRequest& request) {
  TraceMessage message;
  message.from = from;
  message.to = to;
  message.kind = request.op == ZkOp::Ping ? TraceMessageKind::ZkPing : TraceMessageKind::ZkRequest;
  if (request.op == ZkOp::Connect || request.op == ZkOp::CloseSession)
    message.kind = TraceMessageKind::ZkSession;
  message.text = name(request.op);
  if (!request.path.empty()) message.text += " " + request.path;
  if (request.watch) message.text += ", watch";
  sent(up_[connection], std::move(message));
}

void ZkTrace::on_message(ZkConnectionId connection, Place from, Place to, const ZkMessage& told) {
  TraceMessage message;
  message.from = from;
  message.to = to;
  switch (told.kind) {
    case ZkMessage::Kind::Connected:
      message.kind = TraceMessageKind::ZkSession;
      message.text = "connected, session 0x" + hex(static_cast<std::uint64_t>(told.session));
      break;
    case ZkMessage::Kind::Expired:
      message.kind = TraceMessageKind::ZkSession;
      message.text = "session expired";
      break;
    case ZkMessage::Kind::SessionClosed:
      message.kind = TraceMessageKind::ZkSession;
      message.text = "session closed";
      break;
    case ZkMessage::Kind::Pong:
      message.kind = TraceMessageKind::ZkPing;
      message.text = "pong";
      break;
    case ZkMessage::Kind::Watch:
      message.kind = TraceMessageKind::ZkWatch;
      message.text = told.watch.path + " " + std::string(name(told.watch.kind));
      break;
    case ZkMessage::Kind::Reply:
      message.kind = TraceMessageKind::ZkReply;
      message.text = words(told.reply);
      break;
    default: message.kind = TraceMessageKind::ZkReply; break;
  }
  sent(down_[connection], std::move(message));
}

void ZkTrace::arrived(Flying& way, ZkConnectionId connection) {
  auto flying = way.find(connection);
  if (flying == way.end() || flying->second.empty()) return;
  trace_.received(flying->second.front(), world_.now());
  flying->second.pop_front();
}

void ZkTrace::on_request_arrived(ZkConnectionId connection) { arrived(up_, connection); }

void ZkTrace::on_message_arrived(ZkConnectionId connection) { arrived(down_, connection); }

}  // namespace quorate::sim
