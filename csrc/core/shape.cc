#include "core/shape.h"

#include <algorithm>

namespace tlr::core {

bool Shape::IsFullyDefined() const {
  return known_rank_ && std::all_of(sizes_.begin(), sizes_.end(), [](int64_t size) { return size >= 0; });
}

int64_t Shape::NumElements() const {
  if (!IsFullyDefined()) return -1;
  int64_t count = 1;
  for (const int64_t size : sizes_) {
    if (__builtin_mul_overflow(count, size, &count)) return -1;
  }
  return count;
}

bool Shape::IsCompatibleWith(const Shape& other) const {
  if (!known_rank_ || !other.known_rank_) return true;
  return std::equal(sizes_.begin(), sizes_.end(), other.sizes_.begin(), other.sizes_.end(),
                    [](int64_t mine, int64_t theirs) { return mine < 0 || theirs < 0 || mine == theirs; });
}

std::string Shape::ToString() const {
  if (!known_rank_) return "<unknown>";
  std::string text = "[";
  for (size_t i = 0; i < sizes_.size(); ++i) {
    if (i > 0) text += ',';
    text += sizes_[i] < 0 ? "?" : std::to_string(sizes_[i]);
  }
  return text + "]";
}

}  // namespace tlr::core
