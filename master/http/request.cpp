#include "master/http/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "master/base/text.h"

namespace quorate::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kPlain = "-._~";
  std::string result;
  for (char c : text) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      result.push_back(c);
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

Result<std::string> query_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equals_ignoring_case(key, name)) return &value;
  return nullptr;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t found = 0;
  for (const auto& field : fields_)
    if (equals_ignoring_case(field.first, name)) ++found;
  return found;
}

const std::string* Request::query_value(std::string_view name) const {
  auto at = query.find(name);
  return at == query.end() ? nullptr : &at->second;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
    int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return failure(
          fmt::format("'{}': the '%' at byte {} has no two hexadecimal digits after it", text, i));
    result.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return result;
}

Result<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    std::size_t end = text.find_first_of("&;");
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;

    std::size_t equals = pair.find('=');
    Result<std::string> name = query_decode(pair.substr(0, equals));
    if (!name) return tl::unexpected(name.error());
    Result<std::string> value =
        query_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!value) return tl::unexpected(value.error());
    query.insert_or_assign(std::move(*name), std::move(*value));
  }
  return query;
}

std::string query_text(const Query& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text.push_back('&');
    text += percent_encode(name);
    if (!value.empty()) text += "=" + percent_encode(value);
  }
  return text;
}

Result<Target> parse_target(std::string_view target) {
  std::string_view rest = target;
  if (!rest.starts_with('/')) {
    std::size_t scheme_end = rest.find("://");
    if (scheme_end == std::string_view::npos || scheme_end == 0)
      return failure(fmt::format("'{}' is no path: a request target starts with '/'", target));
    rest.remove_prefix(scheme_end + 3);
    std::size_t authority_end = rest.find_first_of("/?#");
    rest.remove_prefix(authority_end == std::string_view::npos ? rest.size() : authority_end);
  }

  Target result;
  std::size_t hash = rest.find('#');
  if (hash != std::string_view::npos) {
    result.fragment = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  std::size_t question = rest.find('?');
  result.path = rest.substr(0, question);
  if (result.path.empty()) result.path = "/";
  if (question != std::string_view::npos) {
    Result<Query> query = parse_query(rest.substr(question + 1));
    if (!query) return tl::unexpected(query.error());
    result.query = std::move(*query);
  }
  return result;
}

}  // namespace quorate::http
