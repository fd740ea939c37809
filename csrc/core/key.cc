#include "core/key.h"

#include <cstdint>

namespace tlr::core {
namespace {

constexpr size_t kMaxQuotedBytes = 80;

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the UTF-8 sequence that starts at `text[at]`, with its code point in `*point`; 0 where it is malformed,
// overlong, a surrogate or beyond U+10FFFF.
size_t DecodeUtf8(std::string_view text, size_t at, uint32_t* point) {
  const auto lead = static_cast<unsigned char>(text[at]);
  size_t length = 0;
  uint32_t smallest = 0;
  if (lead < 0x80) {
    *point = lead;
    return 1;
  }
  if ((lead & 0xE0) == 0xC0) {
    length = 2, smallest = 0x80, *point = lead & 0x1FU;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, smallest = 0x800, *point = lead & 0x0FU;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, smallest = 0x10000, *point = lead & 0x07U;
  } else {
    return 0;
  }
  if (at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if (!IsContinuation(byte)) return 0;
    *point = (*point << 6) | (byte & 0x3FU);
  }
  const bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
  if (*point < smallest || surrogate || *point > 0x10FFFF) return 0;
  return length;
}

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7F && point <= 0x9F); }

// The rule that `text` breaks, or nullptr.
const char* BrokenRule(std::string_view text) {
  if (text.empty()) return "it must not be empty";
  if (text.size() > kMaxKeyBytes) return "it must be at most 1024 bytes long";
  if (text.front() == '/') return "it must not start with '/'";
  if (text.back() == '/') return "it must not end with '/'";
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '/' && text[at - 1] == '/') return "it must not hold an empty segment ('//')";
    uint32_t point = 0;
    const size_t length = DecodeUtf8(text, at, &point);
    if (length == 0) return "it must be valid UTF-8";
    if (IsControl(point)) return "it must not hold a control character";
    at += length;
  }
  return nullptr;
}

Error Invalid(const std::string& what, std::string_view text, const char* rule) {
  return {Code::kInvalidArgument, what + " " + Quote(text) + " is not valid: " + rule +
                                      ". Keys are UTF-8 of 1 to 1024 bytes, in segments joined by '/'."};
}

}  // namespace

std::optional<Error> CheckKey(std::string_view key) {
  const char* rule = BrokenRule(key);
  if (rule == nullptr) return std::nullopt;
  return Invalid("Key", key, rule);
}

std::optional<Error> CheckWeightName(std::string_view key, std::string_view weight_name) {
  const char* rule = BrokenRule(weight_name);
  if (rule == nullptr) return std::nullopt;
  return Invalid("Weight name of layer " + Quote(key) + ",", weight_name, rule);
}

std::optional<Error> CheckPrefix(std::string_view prefix) {
  if (prefix.empty()) return std::nullopt;
  std::string_view subtree = prefix;
  if (subtree.size() > 1 && subtree.back() == '/') subtree.remove_suffix(1);
  const char* rule = BrokenRule(subtree);
  if (rule == nullptr) return std::nullopt;
  return Invalid("Prefix", prefix, rule);
}

std::string CompanionKey(std::string_view key) {
  std::string companion;
  companion.reserve(key.size() + 1 + kCompanionSegment.size());
  return companion.append(key).append(1, '/').append(kCompanionSegment);
}

bool PrefixSelects(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix)) return false;
  if (prefix.empty() || prefix.back() == '/' || key.size() == prefix.size()) return true;
  return key[prefix.size()] == '/';
}

std::string Quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  size_t at = 0;
  while (at < text.size() && at < kMaxQuotedBytes) {
    uint32_t point = 0;
    const size_t length = DecodeUtf8(text, at, &point);
    if (length == 0 || IsControl(point)) {
      const auto bytes = length == 0 ? 1 : length;
      for (size_t i = 0; i < bytes; ++i) {
        const auto byte = static_cast<unsigned char>(text[at + i]);
        quoted += "\\x";
        quoted += kHex[byte >> 4];
        quoted += kHex[byte & 0x0F];
      }
      at += bytes;
      continue;
    }
    if (point == '"' || point == '\\') quoted += '\\';
    quoted.append(text.substr(at, length));
    at += length;
  }
  quoted += '"';
  if (at < text.size()) quoted += "... (" + std::to_string(text.size()) + " bytes)";
  return quoted;
}

}  // namespace tlr::core
