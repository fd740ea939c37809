// Which keys and weight names are valid, and the words for those that are not.
#include "core/key.h"

#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

constexpr char kRules[] = ". Keys are UTF-8 of 1 to 1024 bytes, in segments joined by '/'.";

std::string Message(const std::string& quoted, const std::string& rule) {
  return "Key " + quoted + " is not valid: " + rule + kRules;
}

::testing::AssertionResult IsRefused(const std::string& key, const std::string& quoted, const std::string& rule) {
  const std::optional<Error> error = CheckKey(key);
  if (!error) return ::testing::AssertionFailure() << "accepted " << quoted;
  return IsError(*error, Code::kInvalidArgument, Message(quoted, rule));
}

TEST(KeyTest, AcceptsNamesAsTensorFlowMakesThem) {
  for (const char* key : {"a", "kernel", "dense_1/kernel", "a/b/c", "tenant-7/bias.v2", "model/dense/kernel:0", " ",
                          "with space/and \"quotes\"", "\\", "."}) {
    EXPECT_FALSE(CheckKey(key)) << key;
  }
}

TEST(KeyTest, RefusesAnEmptyKey) { EXPECT_TRUE(IsRefused("", "\"\"", "it must not be empty")); }

TEST(KeyTest, AcceptsAtMost1024Bytes) {
  EXPECT_FALSE(CheckKey(std::string(1024, 'k')));
  EXPECT_TRUE(IsRefused(std::string(1025, 'k'), '"' + std::string(80, 'k') + "\"... (1025 bytes)",
                        "it must be at most 1024 bytes long"));
}

TEST(KeyTest, CountsBytesNotCharacters) {
  std::string key;
  for (int i = 0; i < 512; ++i) key += "\u00e9";
  EXPECT_FALSE(CheckKey(key));
  EXPECT_TRUE(CheckKey(key + "\u00e9"));
}

TEST(KeyTest, RefusesEmptySegments) {
  EXPECT_TRUE(IsRefused("/a", "\"/a\"", "it must not start with '/'"));
  EXPECT_TRUE(IsRefused("/", "\"/\"", "it must not start with '/'"));
  EXPECT_TRUE(IsRefused("a/", "\"a/\"", "it must not end with '/'"));
  EXPECT_TRUE(IsRefused("a//b", "\"a//b\"", "it must not hold an empty segment ('//')"));
  EXPECT_TRUE(IsRefused("a///b", "\"a///b\"", "it must not hold an empty segment ('//')"));
}

TEST(KeyTest, RefusesEveryControlCharacter) {
  for (int byte = 0; byte < 0x20; ++byte) {
    EXPECT_TRUE(CheckKey(std::string("a") + static_cast<char>(byte))) << byte;
  }
  EXPECT_TRUE(IsRefused(std::string("a\0b", 3), "\"a\\x00b\"", "it must not hold a control character"));
  EXPECT_TRUE(IsRefused("a\n", "\"a\\x0a\"", "it must not hold a control character"));
  EXPECT_TRUE(IsRefused("a\x7f", "\"a\\x7f\"", "it must not hold a control character"));
}

TEST(KeyTest, RefusesTheControlCharactersBeyondAscii) {
  EXPECT_TRUE(IsRefused("a\u0080", "\"a\\xc2\\x80\"", "it must not hold a control character"));
  EXPECT_TRUE(IsRefused("a\u009f", "\"a\\xc2\\x9f\"", "it must not hold a control character"));
  EXPECT_FALSE(CheckKey("a\u00a0"));
}

TEST(KeyTest, RefusesBytesThatAreNotUtf8) { EXPECT_TRUE(IsRefused("a/\xff", "\"a/\\xff\"", "it must be valid UTF-8")); }

TEST(KeyTest, NamesTheLayerOfABadWeightName) {
  EXPECT_FALSE(CheckWeightName("dense", "kernel"));
  EXPECT_FALSE(CheckWeightName("dense", "gates/kernel"));
  const std::optional<Error> error = CheckWeightName("dense", "/kernel");
  ASSERT_TRUE(error);
  EXPECT_TRUE(IsError(*error, Code::kInvalidArgument,
                      std::string("Weight name of layer \"dense\", \"/kernel\" is not valid: it must not start with "
                                  "'/'") +
                          kRules));
}

}  // namespace
}  // namespace tlr::core
