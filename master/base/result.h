#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace quorate {

// An expected failure, as a sentence for a person: what failed, where, with which number, and,
// where it is known, what to do about it.
struct Error {
  std::string text;

  bool operator==(const Error&) const = default;
};

// A value or the reason why there is none. Product code uses no exceptions.
template <typename T>
using Result = tl::expected<T, Error>;

// Makes the failing side of any Result: `return failure("log record at byte 12: wrong size");`
inline tl::unexpected<Error> failure(std::string text) {
  return tl::unexpected<Error>(Error{std::move(text)});
}

}  // namespace quorate
