#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "master/base/bytes.h"
#include "master/ports/ids.h"

namespace quorate::platform {

// Makes credentials of HTTP requests illegible before they are recorded: the values of the header
// fields Authorization, Proxy-Authorization and Cookie become as many 'x', also where they go on in
// the next line (obs-fold of RFC 9112, 5.2). Bytes come in pieces, so each connection has a memory.
// Bodies are searched like headers: better one line too many than one too few. After the head of a
// request that asks for an upgrade to `link_token` comes no text, and nothing is masked any more.
class HeaderMask {
 public:
  explicit HeaderMask(std::string link_token) : link_token_(std::move(link_token)) {}

  // The same bytes, but for secrets.
  Bytes mask(ConnectionId connection, std::string_view bytes);
  void forget(ConnectionId connection) { lines_.erase(connection); }
  std::size_t connections() const { return lines_.size(); }

 private:
  struct Line {
    enum class Part { Begin, Name, Value };
    Part part = Part::Begin;
    bool blank = true;      // nothing but the end of the line so far
    std::string name;       // of the field, in lower case; no longer than the longest that counts
    std::string value;      // of an Upgrade field, without white space around it
    bool hides = false;     // the value is secret
    bool upgrades = false;  // the head asked for a link
    bool over = false;      // the connection is one
  };
  char pass(Line& line, char byte) const;
  void end(Line& line) const;
  void name(Line& line, char byte) const;

  std::string link_token_;
  std::map<ConnectionId, Line> lines_;
};

}  // namespace quorate::platform
