// How keys look in messages: always printable, always valid UTF-8, never long.
#include <string>

#include "core/key.h"
#include "gtest/gtest.h"

namespace tlr::core {
namespace {

TEST(QuoteTest, LeavesPrintableTextAsItIs) {
  EXPECT_EQ(Quote("dense/kernel"), "\"dense/kernel\"");
  EXPECT_EQ(Quote("\u00fcber/\u6f22"), "\"\u00fcber/\u6f22\"");
  EXPECT_EQ(Quote(""), "\"\"");
}

TEST(QuoteTest, EscapesQuotesAndBackslashes) { EXPECT_EQ(Quote("a\"b\\c"), "\"a\\\"b\\\\c\""); }

TEST(QuoteTest, EscapesControlCharactersByteByByte) {
  EXPECT_EQ(Quote(std::string("\0\t\x7f", 3)), "\"\\x00\\x09\\x7f\"");
  EXPECT_EQ(Quote("\u0085"), "\"\\xc2\\x85\"");
}

TEST(QuoteTest, EscapesOnlyTheMalformedBytes) { EXPECT_EQ(Quote("\xc3(\u00e9\xff"), "\"\\xc3(\u00e9\\xff\""); }

TEST(QuoteTest, CutsPast80BytesAndGivesTheLength) {
  const std::string longest(80, 'x');
  EXPECT_EQ(Quote(longest), '"' + longest + '"');
  EXPECT_EQ(Quote(longest + "y"), '"' + longest + "\"... (81 bytes)");
  EXPECT_EQ(Quote(std::string(5000, 'x')), '"' + longest + "\"... (5000 bytes)");
}

TEST(QuoteTest, CutsBetweenCharactersOnly) {
  const std::string head(79, 'x');
  EXPECT_EQ(Quote(head + "\u6f22"), '"' + head + "\u6f22\"");
  EXPECT_EQ(Quote(head + "\u6f22\u6f22"), '"' + head + "\u6f22\"... (85 bytes)");
}

}  // namespace
}  // namespace tlr::core
