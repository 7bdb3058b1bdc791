#pragma once

#include <string>
#include <string_view>

namespace quorate::sim {

// The page of sim/picture/ with its styles and scripts in it, and a placeholder for the trace. Made
// by CMake (cmake/picture.cmake).
std::string_view picture_page();

// One HTML file that shows a trace (trace_json.h); it needs no other file and no network.
std::string picture_html(std::string_view trace_json);

// JSON that may stand inside <script>: no "<" is left, so that nothing in a text ends the element.
std::string json_for_script(std::string_view json);

}  // namespace quorate::sim
