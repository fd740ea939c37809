// What went wrong, as a kind and a sentence. Core throws nothing of its own: it returns an Error, and each door
// turns the code into what its callers know (absl::Status in the op library, an exception in the bindings).
#ifndef TLR_CORE_ERROR_H_
#define TLR_CORE_ERROR_H_

#include <string>
#include <utility>
#include <variant>

namespace tlr::core {

enum class Code {
  kInvalidArgument,     // a malformed key, or another dtype, shape or kind than the one under the key
  kNotFound,            // no entry under the key
  kAlreadyExists,       // an insertion under a key that is taken
  kFailedPrecondition,  // an initializer that would wait for itself, or an entry that is not ready for the call
  kResourceExhausted,   // the registry is full
  kCancelled,           // the caller gave up waiting
};

struct Error {
  Code code;
  std::string message;
};

// A value or the Error that stood in its way.
template <typename T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): returned as is
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): returned as is

  bool ok() const { return std::holds_alternative<T>(state_); }

  // REQUIRES: ok()
  const T& value() const& { return std::get<T>(state_); }
  T& value() & { return std::get<T>(state_); }
  // By value, so that a loop over a call's result does not outlive it.
  T value() && { return std::get<T>(std::move(state_)); }

  // REQUIRES: !ok()
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_ERROR_H_
