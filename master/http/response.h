#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/base/time.h"
#include "master/http/request.h"

namespace quorate::http {

// What is answered to one request. Date, Content-Length, Connection and gzip are added when it is
// written to its connection; they are not named here.
struct Response {
  int status = 200;
  Headers headers;
  Bytes body;

  bool operator==(const Response&) const = default;
};

// 200 with a JSON body.
Response ok(std::string json);
// 200 with a JSON body, or, if `callback` is set, with a script that calls it (JSONP).
Response ok(std::string json, const std::string* callback);
// A body of plain text. All errors have this form.
Response text(int status, std::string body);
Response html(std::string body);
// No body at all.
Response empty(int status);
// The status with its customary text, as "404 Not Found.".
Response standard(int status);
// 307 to a location that the caller has put together.
Response redirect(std::string location);
// 405 with the methods that this path takes.
Response method_not_allowed(std::initializer_list<std::string_view> allowed,
                            std::string_view received);
// 101: what follows on this connection is the other protocol.
Response switching_protocols(std::string protocol);

// "Not Found" for 404; "Unknown" for a number that we never send.
std::string_view reason(int status);

// What of a request shapes the bytes of its response.
struct ResponseForm {
  bool head = false;  // HEAD: the headers of a GET without its body
  bool accepts_gzip = false;
  unsigned version = 11;
  bool close = false;  // the connection ends after this response
};
ResponseForm form_for(const Request& request);

// The bytes for the wire. Bytes in header values that could break the message are left out.
Bytes render(const Response& response, const ResponseForm& form, WallTime date);

// As "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(WallTime time);

}  // namespace quorate::http
