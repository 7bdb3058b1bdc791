#pragma once

#include <map>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/base/result.h"

namespace quorate::platform {

// The principals and secrets that --credentials names. They never leave this folder.
class Credentials {
 public:
  // {"credentials": [{"principal": "...", "secret": "..."}]}. A principal named twice, an empty
  // one, and anything of another form is an error; it names the entry, never a secret. Empty text:
  // no credentials.
  static Result<Credentials> parse(std::string_view json_text);

  // Takes the same time whatever part of the secret is right.
  bool verify(std::string_view principal, const Bytes& secret) const;
  std::size_t count() const { return digests_.size(); }

 private:
  std::map<std::string, Bytes, std::less<>> digests_;  // principal to SHA-256 of its secret
};

}  // namespace quorate::platform
