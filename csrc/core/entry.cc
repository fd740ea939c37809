#include "core/entry.h"

#include <algorithm>
#include <utility>

namespace tlr::core {

namespace {

uint64_t SaturatingAdd(uint64_t one, uint64_t other) {
  uint64_t sum = 0;
  return __builtin_add_overflow(one, other, &sum) ? UINT64_MAX : sum;
}

// Of weights and of wanted weights.
template <typename List>
uint64_t SumOfBytes(const List& list) {
  uint64_t bytes = 0;
  for (const auto& weight : list) bytes = SaturatingAdd(bytes, ValueBytes(weight.dtype, weight.shape));
  return bytes;
}

}  // namespace

uint64_t ValueBytes(DataType dtype, const Shape& shape) {
  const auto element = static_cast<uint64_t>(DataTypeBytes(dtype));
  if (element == 0 || !shape.IsFullyDefined()) return 0;
  const int64_t elements = shape.NumElements();
  uint64_t bytes = 0;
  if (elements < 0 || __builtin_mul_overflow(static_cast<uint64_t>(elements), element, &bytes)) return UINT64_MAX;
  return bytes;
}

Weights::List::List(std::vector<Weight> list) : weights(std::move(list)), bytes(SumOfBytes(weights)) {}

uint64_t Wanted::bytes() const { return SumOfBytes(weights); }

Payload::~Payload() = default;

void CountOwners::LetGo(const Entry* entry) {
  if (entry->tracked) {
    static_cast<const TrackedEntry*>(entry)->Release();
  } else {
    delete entry;
  }
}

bool Wanted::WeightsMatch(const Weights& found) const {
  return std::equal(weights.begin(), weights.end(), found.begin(), found.end(),
                    [](const WantedWeight& want, const Weight& have) {
                      return (want.dtype == 0 || want.dtype == have.dtype) &&
                             (want.name.empty() || want.name == have.name) && want.shape.IsCompatibleWith(have.shape);
                    });
}

}  // namespace tlr::core
