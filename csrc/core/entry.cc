#include "core/entry.h"

#include <algorithm>

namespace tlr::core {

Payload::~Payload() = default;

bool Wanted::WeightsMatch(const Weights& found) const {
  return std::equal(weights.begin(), weights.end(), found.begin(), found.end(),
                    [](const WantedWeight& want, const Weight& have) {
                      return (want.dtype == 0 || want.dtype == have.dtype) &&
                             (want.name.empty() || want.name == have.name) && want.shape.IsCompatibleWith(have.shape);
                    });
}

}  // namespace tlr::core
