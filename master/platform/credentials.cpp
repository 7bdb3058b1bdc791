#include "master/platform/credentials.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "master/base/json.h"
#include "master/base/text.h"

namespace quorate::platform {

namespace {

Bytes digest(std::string_view secret) {
  Bytes out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

const std::string* text_member(const Json& entry, std::string_view name) {
  const Json* member = entry.find(name);
  return member == nullptr ? nullptr : member->string();
}

}  // namespace

Result<Credentials> Credentials::parse(std::string_view json_text) {
  Credentials credentials;
  if (trim(json_text).empty()) return credentials;
  auto json = parse_json(json_text);
  if (!json) return failure("credentials: " + json.error().text);
  const Json* list = json->find("credentials");
  if (list == nullptr || list->array() == nullptr) {
    return failure("credentials: expected {\"credentials\": [...]}");
  }
  std::size_t index = 0;
  for (const Json& entry : *list->array()) {
    std::string where = "credentials: entry " + std::to_string(index++);
    const std::string* principal = text_member(entry, "principal");
    if (principal == nullptr || principal->empty()) {
      return failure(where + " has no \"principal\" (a string that is not empty)");
    }
    const std::string* secret = text_member(entry, "secret");
    if (secret == nullptr) {
      return failure(where + " ('" + *principal + "') has no \"secret\" (a string)");
    }
    if (!credentials.digests_.emplace(*principal, digest(*secret)).second) {
      return failure(where + ": principal '" + *principal + "' is named twice");
    }
  }
  return credentials;
}

bool Credentials::verify(std::string_view principal, const Bytes& secret) const {
  auto known = digests_.find(principal);
  // A principal that is not known costs the same comparison.
  const Bytes expected =
      known == digests_.end() ? Bytes(SHA256_DIGEST_LENGTH, '\0') : known->second;
  Bytes offered = digest(secret);
  bool equal = CRYPTO_memcmp(expected.data(), offered.data(), expected.size()) == 0;
  return equal && known != digests_.end();
}

}  // namespace quorate::platform
