#include "core/nearest_key.h"

#include <algorithm>
#include <vector>

namespace tlr::core {
namespace {

constexpr size_t kMaxDistance = 8;

// The edit distance of `a` and `b`, or `bound` where it is at least that.
size_t BoundedEditDistance(std::string_view a, std::string_view b, size_t bound) {
  const size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference >= bound) return bound;
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    size_t smallest = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
      smallest = std::min(smallest, row[j]);
    }
    if (smallest >= bound) return bound;
  }
  return std::min(row[b.size()], bound);
}

}  // namespace

NearestKey::NearestKey(std::string_view key)
    : key_(key), best_distance_(std::min(std::max<size_t>(key.size() / 3, 1), kMaxDistance) + 1) {}

void NearestKey::Consider(std::string_view candidate) {
  // One above the best so far, so that an equal distance can still win by its order.
  const size_t bound = best_.empty() ? best_distance_ : best_distance_ + 1;
  const size_t distance = BoundedEditDistance(key_, candidate, bound);
  if (distance >= bound) return;
  if (distance < best_distance_ || candidate < best_) {
    best_distance_ = distance;
    best_ = candidate;
  }
}

}  // namespace tlr::core
