#include "core/nearest_key.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tlr::core {
namespace {

constexpr size_t kMaxDistance = 8;

// The edit distance of `a` and `b`, or `bound` where it is at least that.
//
// A cell of the usual table that is `bound` or more away from the diagonal cannot lie on a path shorter than `bound`;
// so only the band nearer than that is computed, in time proportional to the length times the bound.
//
// REQUIRES: 0 < bound <= kMaxDistance + 1
size_t BoundedEditDistance(std::string_view a, std::string_view b, size_t bound) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() >= bound) return bound;
  const auto starts = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto shared = static_cast<size_t>(starts.first - a.begin());
  a.remove_prefix(shared);
  b.remove_prefix(shared);
  while (!a.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);

  // band[d] is the cell of row i and column i + d - radius; a cell beyond either end counts as `bound`.
  const size_t radius = bound - 1;
  std::array<size_t, 2 * kMaxDistance + 1> band;
  for (size_t d = 0; d <= 2 * radius; ++d) band[d] = d >= radius && d - radius <= b.size() ? d - radius : bound;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t smallest = bound;
    for (size_t d = 0; d <= 2 * radius; ++d) {
      if (i + d < radius || i + d - radius > b.size()) {
        band[d] = bound;
        continue;
      }
      const size_t j = i + d - radius;
      size_t best = j == 0 ? i : band[d] + (a[i - 1] == b[j - 1] ? 0 : 1);
      if (d < 2 * radius) best = std::min(best, band[d + 1] + 1);
      if (d > 0) best = std::min(best, band[d - 1] + 1);
      band[d] = std::min(best, bound);
      smallest = std::min(smallest, band[d]);
    }
    if (smallest >= bound) return bound;
  }
  return band[b.size() - a.size() + radius];
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
