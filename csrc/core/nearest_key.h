// The key a caller most likely meant, for the message of a miss.
#ifndef TLR_CORE_NEAREST_KEY_H_
#define TLR_CORE_NEAREST_KEY_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "core/export.h"

namespace tlr::core {

// Collects candidates and keeps the one with the smallest edit distance to `key` (the first in byte order among
// equals). Candidates that differ in more than a third of `key`, or more than 8 bytes, do not count as resembling it.
class TLR_CORE_EXPORT NearestKey {
 public:
  explicit NearestKey(std::string_view key);

  void Consider(std::string_view candidate);

  // Empty where no candidate resembles the key.
  const std::string& best() const { return best_; }

 private:
  const std::string_view key_;
  size_t best_distance_;  // distances at or above this do not count
  std::string best_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_NEAREST_KEY_H_
