#include "sim/picture.h"

#include "master/base/check.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kPlaceholder = "__TRACE__";

}  // namespace

std::string json_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (char c : json) {
    if (c == '<') {
      out += "\\u003c";  // "<" stands in JSON only within strings
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string picture_html(std::string_view trace_json) {
  std::string_view page = picture_page();
  std::size_t at = page.find(kPlaceholder);
  CHECK(at != std::string_view::npos);
  std::string out(page.substr(0, at));
  out += json_for_script(trace_json);
  out += page.substr(at + kPlaceholder.size());
  return out;
}

}  // namespace quorate::sim
