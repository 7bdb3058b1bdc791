#include "master/http/response.h"

#include <fmt/format.h>

#include <algorithm>

#include "master/http/gzip.h"

namespace quorate::http {
namespace {

constexpr std::size_t kGzipBytesMin = 1024;

void append_field(Bytes& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto forbidden = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const std::size_t begin = out.size();
  out.append(value);
  // A line break from a foreign value (a host name in a znode) would start a header of its own.
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), forbidden),
            out.end());
  out.append("\r\n");
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

struct Day {
  std::int64_t year = 1970;
  unsigned month = 1, day = 1;
};

// The Gregorian date of a day counted from 1970-01-01: years run from March so that the leap day is
// the last, and repeat every 400 of them.
Day civil_day(std::int64_t days) {
  days += 719'468;
  std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  std::int64_t of_era = days - era * 146'097;
  std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  std::int64_t month = (5 * of_year + 2) / 153;
  auto day = static_cast<unsigned>(of_year - (153 * month + 2) / 5 + 1);
  auto number = static_cast<unsigned>(month < 10 ? month + 3 : month - 9);
  return {year + era * 400 + (number <= 2 ? 1 : 0), number, day};
}

}  // namespace

Response ok(std::string json) {
  Response response{.status = 200, .headers = {}, .body = std::move(json)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

Response ok(std::string json, const std::string* callback) {
  if (callback == nullptr || callback->empty()) return ok(std::move(json));
  Response response{.status = 200, .headers = {}, .body = *callback + "(" + json + ")"};
  response.headers.add("Content-Type", "text/javascript");
  return response;
}

Response text(int status, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response html(std::string body) {
  Response response{.status = 200, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  return response;
}

Response empty(int status) { return {.status = status, .headers = {}, .body = {}}; }

Response standard(int status) {
  return text(status, fmt::format("{} {}.", status, reason(status)));
}

Response redirect(std::string location) {
  Response response = empty(307);
  response.headers.add("Location", std::move(location));
  return response;
}

Response method_not_allowed(std::initializer_list<std::string_view> allowed,
                            std::string_view received) {
  std::string list = fmt::format("{}", fmt::join(allowed, ", "));
  Response response = text(
      405,
      fmt::format("405 Method Not Allowed. This path takes {}, but got '{}'.", list, received));
  response.headers.add("Allow", list);
  return response;
}

Response switching_protocols(std::string protocol) {
  Response response = empty(101);
  response.headers.add("Upgrade", std::move(protocol));
  response.headers.add("Connection", "Upgrade");
  return response;
}

std::string_view reason(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 202: return "Accepted";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Time-out";
    case 409: return "Conflict";
    case 413: return "Payload Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Time-out";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

ResponseForm form_for(const Request& request) {
  const std::string* accepted = request.headers.find("Accept-Encoding");
  return {.head = request.method == "HEAD",
          .accepts_gzip = accepted != nullptr && accepts_gzip(*accepted),
          .version = request.version,
          .close = !request.keep_alive};
}

Bytes render(const Response& response, const ResponseForm& form, WallTime date) {
  std::string_view body = response.body;
  Bytes packed;
  bool gzip = form.accepts_gzip && body.size() >= kGzipBytesMin &&
              !response.headers.has("Content-Encoding");
  if (gzip) {
    packed = http::gzip(body);
    body = packed;
  }

  Bytes out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out.append(reason(response.status)).append("\r\n");
  append_field(out, "Date", http_date(date));
  for (const auto& [name, value] : response.headers.all()) append_field(out, name, value);
  if (gzip) append_field(out, "Content-Encoding", "gzip");
  if (may_have_body(response.status)) {
    append_field(out, "Content-Length", std::to_string(body.size()));
    // The default of each version goes without saying, as in Mesos.
    if (form.close && form.version >= 11) append_field(out, "Connection", "close");
    if (!form.close && form.version < 11) append_field(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
  if (may_have_body(response.status) && !form.head) out.append(body);
  return out;
}

std::string http_date(WallTime time) {
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kDay = 86'400;
  std::int64_t seconds = time.ns / kSecond - (time.ns % kSecond < 0 ? 1 : 0);
  std::int64_t days = seconds / kDay - (seconds % kDay < 0 ? 1 : 0);
  std::int64_t of_day = seconds - days * kDay;
  Day day = civil_day(days);
  // 1970-01-01 was a Thursday.
  auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);
  // Every answer has one: written digit by digit.
  const auto two = [](std::int64_t number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  std::string out(kDays[weekday]);
  out.append(", ").append(two(day.day)).append(" ").append(kMonths[day.month - 1]).append(" ");
  out.append(two(day.year / 100)).append(two(day.year % 100));  // 1677 to 2262
  out.append(" ").append(two(of_day / 3600)).append(":").append(two(of_day / 60 % 60));
  return out.append(":").append(two(of_day % 60)).append(" GMT");
}

}  // namespace quorate::http
