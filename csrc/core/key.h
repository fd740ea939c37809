// The names entries go by.
//
// A key is UTF-8, 1 to 1024 bytes, of segments joined by '/': none of them empty (so no leading, trailing or double
// '/'), and without control characters. TensorFlow's own variable names are keys of this form.
//
// Keys are checked where one is about to enter a table, or was not found in it: a table holds only valid keys, so a
// hit needs no check.
#ifndef TLR_CORE_KEY_H_
#define TLR_CORE_KEY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/export.h"

namespace tlr::core {

inline constexpr size_t kMaxKeyBytes = 1024;

// InvalidArgument, showing the key and the rule it breaks, or nothing where `key` is valid.
TLR_CORE_EXPORT std::optional<Error> CheckKey(std::string_view key);

// As CheckKey, for the names of a layer's weights: each is a key relative to its layer's.
TLR_CORE_EXPORT std::optional<Error> CheckWeightName(std::string_view key, std::string_view weight_name);

// As CheckKey, for what selects a subtree: empty selects everything, and one trailing '/' is allowed.
TLR_CORE_EXPORT std::optional<Error> CheckPrefix(std::string_view prefix);

// Whether `prefix` selects `key`. Whole segments count: "a/b" selects "a/b" and "a/b/c" but not "a/bc"; "a/b/"
// selects "a/b/c" alone; "" selects all.
TLR_CORE_EXPORT bool PrefixSelects(std::string_view prefix, std::string_view key);

// The last segment of the keys of companions (see entry.h).
inline constexpr std::string_view kCompanionSegment = "optimizer";

// The key that a companion under `key` would belong to: "a/b" of "a/b/optimizer". Empty where `key` is no such key.
inline std::string_view OwnerKey(std::string_view key) {
  constexpr size_t kBytes = kCompanionSegment.size();
  if (key.size() <= kBytes + 1 || key.back() != kCompanionSegment.back()) return {};
  const size_t slash = key.size() - kBytes - 1;
  return key[slash] == '/' && key.substr(slash + 1) == kCompanionSegment ? key.substr(0, slash) : std::string_view();
}

// The key of the companion of the entry under `key`.
TLR_CORE_EXPORT std::string CompanionKey(std::string_view key);

// `text` between double quotes, for a message: bytes that are not printable become escapes, and past 80 bytes it is
// cut and its length given.
TLR_CORE_EXPORT std::string Quote(std::string_view text);

}  // namespace tlr::core

#endif  // TLR_CORE_KEY_H_
