#pragma once

#include <map>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/ports/ids.h"

namespace quorate::platform {

// Makes credentials of HTTP requests illegible before they are recorded: the values of the header
// fields Authorization, Proxy-Authorization and Cookie become as many 'x'. Bytes come in pieces, so
// each connection has a memory. A connection that was upgraded carries no fields any more.
class HeaderMask {
 public:
  // The same bytes, but for secrets.
  Bytes mask(ConnectionId connection, std::string_view bytes);
  void forget(ConnectionId connection) { lines_.erase(connection); }
  std::size_t connections() const { return lines_.size(); }

 private:
  struct Line {
    std::string begin;   // of the line that is under way, in lower case; at most a name long
    bool hides = false;  // its value is secret
    bool over = false;   // the connection was upgraded
  };
  static char pass(Line& line, char byte);

  std::map<ConnectionId, Line> lines_;
};

}  // namespace quorate::platform
