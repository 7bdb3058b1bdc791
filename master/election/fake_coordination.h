#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "master/ports/coordination.h"
#include "master/ports/event.h"

// For the tests of this folder only: one tree of nodes in memory, and any number of clients on it
// that answer in order and at once, unless they are told to lose an answer.

namespace quorate::election {

class FakeClient;

struct FakeNode {
  Bytes data;
  std::int64_t owner = 0;
  std::int32_t next_sequence = 0;
  CoordinationAcl acl = CoordinationAcl::Open;
};

class FakeTree {
 public:
  std::map<std::string, FakeNode> nodes;
  std::vector<FakeClient*> clients;
  std::int64_t last_session = 0x100;
  Duration timeout = Duration::seconds(10);

  std::vector<std::string> children(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& [name, node] : nodes) {
      if (name.starts_with(path + "/") && name.find('/', path.size() + 1) == std::string::npos) {
        names.push_back(name.substr(path.size() + 1));
      }
    }
    return names;
  }
  static std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
  inline void put(const std::string& path, const Bytes& data, std::int64_t owner = 0);
  inline void erase(const std::string& path);
  inline void end_session(std::int64_t session);
  inline void changed(WatchKind kind, const std::string& path);
};

// What is to go wrong with the next call of one kind.
struct Fault {
  std::string call;  // "create", "get", ...
  CoordinationCode code = CoordinationCode::ConnectionLoss;
  bool applied = false;
};

class FakeClient final : public Coordination {
 public:
  explicit FakeClient(FakeTree& tree) : tree_(tree) { tree.clients.push_back(this); }

  std::deque<Event> events;  // not delivered yet
  std::deque<Fault> faults;  // each meets the next call of its kind
  std::vector<std::string> calls;
  bool reachable = true;     // a server can be reached
  std::int64_t session = 0;  // 0: none
  SessionHandle handle;
  int opened = 0;
  bool authorized = false;

  void open(SessionHandle new_handle, Duration) override {
    handle = new_handle;
    session = 0;
    connected_ = false;
    opened += 1;
    watches_.clear();
    missed_.clear();
    if (reachable) connect();
  }
  void close(SessionHandle closed) override {
    calls.push_back("close");
    if (closed == handle && session != 0) tree_.end_session(session);
    events.push_back(SessionState{closed, SessionPhase::Closed, 0, {}});
  }
  void add_auth(SessionHandle h, CoordinationTicket ticket) override {
    begin("add_auth", "", h, ticket);
    if (!lost_) authorized = true;
    answer(CoordinationCode::Ok);
  }
  void create(SessionHandle h, CoordinationTicket ticket, const std::string& path,
              const Bytes& data, CreateMode mode) override {
    begin("create", path, h, ticket);
    std::string parent = FakeTree::parent(path);
    if (!parent.empty() && !tree_.nodes.contains(parent)) return answer(CoordinationCode::NoNode);
    if (!mode.sequential && tree_.nodes.contains(path)) return answer(CoordinationCode::NodeExists);
    std::string made = path;
    if (!lost_ && mode.sequential) {
      made += fmt::format("{:010}", tree_.nodes[parent].next_sequence++);
    }
    reply_.path = made;
    if (!lost_) {
      tree_.put(made, data, mode.ephemeral ? session : 0);
      tree_.nodes[made].acl = mode.acl;
    }
    answer(CoordinationCode::Ok);
  }
  void get(SessionHandle h, CoordinationTicket ticket, const std::string& path,
           bool watch) override {
    begin("get", path, h, ticket);
    look(path, watch, "data ");
  }
  void exists(SessionHandle h, CoordinationTicket ticket, const std::string& path,
              bool watch) override {
    begin("exists", path, h, ticket);
    look(path, watch, "data ");
  }
  void children(SessionHandle h, CoordinationTicket ticket, const std::string& path,
                bool watch) override {
    begin("children", path, h, ticket);
    reply_.children = tree_.children(path);
    look(path, watch, "children ");
  }
  void set(SessionHandle h, CoordinationTicket ticket, const std::string& path, const Bytes&,
           std::int32_t) override {
    begin("set", path, h, ticket);
    answer(CoordinationCode::Other);
  }
  void remove(SessionHandle h, CoordinationTicket ticket, const std::string& path,
              std::int32_t) override {
    begin("remove", path, h, ticket);
    if (!tree_.nodes.contains(path)) return answer(CoordinationCode::NoNode);
    if (!lost_) tree_.erase(path);
    answer(CoordinationCode::Ok);
  }

  void disconnect() {
    connected_ = false;
    reachable = false;
    events.push_back(SessionState{handle, SessionPhase::Disconnected, session, {}});
  }
  void connect() {
    reachable = true;
    connected_ = true;
    if (session == 0) session = ++tree_.last_session;
    events.push_back(SessionState{handle, SessionPhase::Connected, session, tree_.timeout});
    for (const Event& event : missed_) events.push_back(event);
    missed_.clear();
  }
  // The servers end the session; the client hears of it at once.
  void expire() {
    tree_.end_session(session);
    session = 0;
    connected_ = false;
    reachable = true;
    events.push_back(SessionState{handle, SessionPhase::Expired, 0, {}});
  }
  void changed(WatchKind kind, const std::string& path) {
    std::string key = (kind == WatchKind::ChildrenChanged ? "children " : "data ") + path;
    bool whole = kind == WatchKind::Deleted && watches_.erase("children " + path) > 0;
    if (watches_.erase(key) == 0 && !whole) return;
    (connected_ ? events : missed_).push_back(WatchFired{handle, kind, path});
  }

 private:
  void begin(const std::string& call, const std::string& path, SessionHandle h,
             CoordinationTicket ticket) {
    calls.push_back(call + " " + path);
    reply_ = {};
    reply_.handle = h;
    reply_.ticket = ticket;
    fault_.reset();
    if (!connected_ || h != handle) {
      fault_ = Fault{call, CoordinationCode::ConnectionLoss, false};
    } else if (auto it = find_fault(call); it != faults.end()) {
      fault_ = *it;
      faults.erase(it);
    }
    lost_ = fault_ && !fault_->applied;
  }
  std::deque<Fault>::iterator find_fault(const std::string& call) {
    auto it = faults.begin();
    while (it != faults.end() && it->call != call) ++it;
    return it;
  }
  void look(const std::string& path, bool watch, const std::string& kind) {
    auto found = tree_.nodes.find(path);
    if (watch && !lost_) watches_.insert(kind + path);
    if (found == tree_.nodes.end()) return answer(CoordinationCode::NoNode);
    reply_.data = found->second.data;
    reply_.ephemeral_owner = found->second.owner;
    answer(CoordinationCode::Ok);
  }
  void answer(CoordinationCode code) {
    reply_.code = fault_ ? fault_->code : code;
    if (fault_) reply_ = {reply_.handle, reply_.ticket, fault_->code, {}, {}, 0, 0, {}};
    events.push_back(reply_);
  }

  FakeTree& tree_;
  bool connected_ = false;
  bool lost_ = false;
  std::optional<Fault> fault_;
  CoordinationReply reply_;
  std::set<std::string> watches_;
  std::deque<Event> missed_;
};

void FakeTree::changed(WatchKind kind, const std::string& path) {
  for (FakeClient* client : clients) client->changed(kind, path);
}

void FakeTree::put(const std::string& path, const Bytes& data, std::int64_t owner) {
  bool fresh = !nodes.contains(path);
  nodes[path].data = data;
  nodes[path].owner = owner;
  changed(fresh ? WatchKind::Created : WatchKind::DataChanged, path);
  if (fresh) changed(WatchKind::ChildrenChanged, parent(path));
}

void FakeTree::erase(const std::string& path) {
  if (nodes.erase(path) == 0) return;
  changed(WatchKind::Deleted, path);
  changed(WatchKind::ChildrenChanged, parent(path));
}

void FakeTree::end_session(std::int64_t session) {
  std::vector<std::string> gone;
  for (const auto& [path, node] : nodes) {
    if (session != 0 && node.owner == session) gone.push_back(path);
  }
  for (const std::string& path : gone) erase(path);
}

}  // namespace quorate::election
