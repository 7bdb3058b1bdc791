#pragma once

#include <string>

#include "master/api/view.h"

namespace quorate::api {

// The page at "/": who this master is, who leads, the state of its parts, and links.
std::string start_page(const View& view);

// The text at /help: each endpoint in one line.
std::string help_text();

}  // namespace quorate::api
