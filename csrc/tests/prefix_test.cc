// Prefixes select subtrees, by whole segments.
#include <string>

#include "core/key.h"
#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(PrefixTest, SelectsTheKeyItselfAndWhatIsBelow) {
  EXPECT_TRUE(PrefixSelects("a/b", "a/b"));
  EXPECT_TRUE(PrefixSelects("a/b", "a/b/c"));
  EXPECT_TRUE(PrefixSelects("a", "a/b/c"));
}

TEST(PrefixTest, SelectsByWholeSegments) {
  EXPECT_FALSE(PrefixSelects("a/b", "a/bc"));
  EXPECT_FALSE(PrefixSelects("a/b", "a/bc/d"));
  EXPECT_FALSE(PrefixSelects("a/b", "a"));
  EXPECT_FALSE(PrefixSelects("a/b", "a/c/b"));
  EXPECT_FALSE(PrefixSelects("b", "a/b"));
}

TEST(PrefixTest, WithATrailingSlashSelectsOnlyWhatIsBelow) {
  EXPECT_TRUE(PrefixSelects("a/b/", "a/b/c"));
  EXPECT_FALSE(PrefixSelects("a/b/", "a/b"));
  EXPECT_FALSE(PrefixSelects("a/b/", "a/bc"));
}

TEST(PrefixTest, SelectsAllWhenEmpty) {
  EXPECT_TRUE(PrefixSelects("", "a"));
  EXPECT_TRUE(PrefixSelects("", "a/b"));
}

TEST(PrefixTest, IsAKeyOrEmptyOrAKeyWithASlashBehind) {
  for (const char* prefix : {"", "a", "a/", "a/b", "a/b/"}) EXPECT_FALSE(CheckPrefix(prefix)) << prefix;
  EXPECT_FALSE(CheckPrefix(std::string(1024, 'k') + "/"));
}

TEST(PrefixTest, IsRefusedWithTheRuleItBreaks) {
  const auto refusal = [](const std::string& prefix) {
    const std::optional<Error> error = CheckPrefix(prefix);
    if (!error) return std::string("accepted");
    EXPECT_EQ(error->code, Code::kInvalidArgument);
    return error->message;
  };
  const std::string rules = ". Keys are UTF-8 of 1 to 1024 bytes, in segments joined by '/'.";
  EXPECT_EQ(refusal("/"), "Prefix \"/\" is not valid: it must not start with '/'" + rules);
  EXPECT_EQ(refusal("/a"), "Prefix \"/a\" is not valid: it must not start with '/'" + rules);
  EXPECT_EQ(refusal("a//"), "Prefix \"a//\" is not valid: it must not end with '/'" + rules);
  EXPECT_EQ(refusal("a//b"), "Prefix \"a//b\" is not valid: it must not hold an empty segment ('//')" + rules);
  EXPECT_EQ(refusal("a\xff"), "Prefix \"a\\xff\" is not valid: it must be valid UTF-8" + rules);
  EXPECT_EQ(refusal("a\n"), "Prefix \"a\\x0a\" is not valid: it must not hold a control character" + rules);
}

}  // namespace
}  // namespace tlr::core
