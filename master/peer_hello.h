#pragma once

#include <optional>

#include "master/http/request.h"
#include "master/peers/peers.h"

namespace quorate {

// What a master that asks to become a link says of itself (docs/formats/peer-link.md); none if a
// header is missing or malformed, or the path is another one.
std::optional<peers::Hello> hello_of(const http::Request& request);

}  // namespace quorate
