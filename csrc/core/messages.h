// The words of every error a table returns, one function each: what happened, to which key of which registry, what
// was wanted and what was found, and what to do next.
#ifndef TLR_CORE_MESSAGES_H_
#define TLR_CORE_MESSAGES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/entry.h"
#include "core/error.h"

namespace tlr::core {

// `nearest` is empty where no key of the registry resembles `key`.
Error NotFoundError(std::string_view key, const std::string& registry, uint64_t size, const std::string& nearest);

// REQUIRES: !wanted.Matches(found)
Error ConflictError(const Wanted& wanted, const Entry& found, const std::string& registry);

Error DuplicateWeightError(std::string_view key, std::string_view weight_name);
Error DuplicateKeyError(std::string_view key, const std::string& registry);
Error AlreadyExistsError(const Entry& found, const std::string& registry);
Error BeingCreatedError(std::string_view key, const std::string& registry);
Error NotACompanionKeyError(std::string_view key);
Error OwnerMissingError(std::string_view key, const std::string& registry);
// Bytes of the key's values, of what the registry holds, and that it may hold.
struct BytesOfRegistry {
  uint64_t wanted;
  uint64_t held;
  uint64_t bound;
};
// `evicts`: whether room would have been made, and could not.
Error BytesFullError(std::string_view key, const std::string& registry, BytesOfRegistry bytes, bool evicts);
Error FullError(std::string_view key, const std::string& registry, uint64_t max_entries, bool evicts);
Error SelfWaitError(std::string_view key, const std::string& registry);

// The initializer of `creating`, which may be of another registry, and that of `key` would wait for each other.
Error CrossedWaitError(std::string_view key, std::string_view creating, const std::string& registry);

Error CancelledError(std::string_view key, const std::string& registry);
Error LostReservationError(std::string_view key, const std::string& registry);
Error SpentReservationError(std::string_view key);

}  // namespace tlr::core

#endif  // TLR_CORE_MESSAGES_H_
