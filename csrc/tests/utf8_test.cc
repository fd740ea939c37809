// UTF-8 as keys need it: the boundaries of each sequence length, and every way to be malformed.
#include <string>

#include "core/key.h"
#include "fixtures.h"

namespace tlr::core {
namespace {

struct Sequence {
  const char* what;
  std::string bytes;
};

void PrintTo(const Sequence& sequence, std::ostream* out) { *out << sequence.what; }

class ValidUtf8Test : public ::testing::TestWithParam<Sequence> {};
class MalformedUtf8Test : public ::testing::TestWithParam<Sequence> {};

TEST_P(ValidUtf8Test, IsAKey) {
  EXPECT_FALSE(CheckKey(GetParam().bytes));
  EXPECT_FALSE(CheckKey("a" + GetParam().bytes + "/" + GetParam().bytes));
}

TEST_P(MalformedUtf8Test, IsNoKey) {
  // Alone, before more text, and as a segment's end.
  for (const std::string& key : {GetParam().bytes, GetParam().bytes + "zz", "a/" + GetParam().bytes + "/b"}) {
    const std::optional<Error> error = CheckKey(key);
    ASSERT_TRUE(error);
    EXPECT_NE(error->message.find("it must be valid UTF-8"), std::string::npos) << error->message;
  }
}

TEST_P(MalformedUtf8Test, IsQuotedAsPrintableAscii) {
  for (const char byte : Quote(GetParam().bytes)) {
    EXPECT_GE(byte, 0x20);
    EXPECT_LT(byte, 0x7f);
  }
}

INSTANTIATE_TEST_SUITE_P(Boundaries, ValidUtf8Test,
                         ::testing::Values(Sequence{"last of one byte before DEL", "\x7e"},
                                           Sequence{"first of two bytes not a control", "\xc2\xa0"},
                                           Sequence{"last of two bytes", "\xdf\xbf"},
                                           Sequence{"first of three bytes", "\xe0\xa0\x80"},
                                           Sequence{"last before the surrogates", "\xed\x9f\xbf"},
                                           Sequence{"first after the surrogates", "\xee\x80\x80"},
                                           Sequence{"last of three bytes", "\xef\xbf\xbf"},
                                           Sequence{"first of four bytes", "\xf0\x90\x80\x80"},
                                           Sequence{"an emoji", "\xf0\x9f\x98\x80"},
                                           Sequence{"U+10FFFF", "\xf4\x8f\xbf\xbf"}));

INSTANTIATE_TEST_SUITE_P(
    Malformed, MalformedUtf8Test,
    ::testing::Values(
        Sequence{"a continuation byte alone", "\x80"}, Sequence{"the last continuation byte alone", "\xbf"},
        Sequence{"two bytes, the second missing", "\xc3"}, Sequence{"three bytes, the third missing", "\xe2\x82"},
        Sequence{"four bytes, the fourth missing", "\xf0\x9f\x98"},
        Sequence{"two bytes, the second no continuation", "\xc3\x28"},
        Sequence{"three bytes, the third a lead", "\xe2\x82\xc3"}, Sequence{"overlong '/' in two bytes", "\xc0\xaf"},
        Sequence{"overlong DEL in two bytes", "\xc1\xbf"}, Sequence{"overlong in three bytes", "\xe0\x9f\xbf"},
        Sequence{"overlong in four bytes", "\xf0\x8f\xbf\xbf"}, Sequence{"first surrogate", "\xed\xa0\x80"},
        Sequence{"last surrogate", "\xed\xbf\xbf"}, Sequence{"a surrogate pair", "\xed\xa0\xbd\xed\xb8\x80"},
        Sequence{"beyond U+10FFFF", "\xf4\x90\x80\x80"}, Sequence{"lead F5", "\xf5\x80\x80\x80"},
        Sequence{"a five-byte sequence", "\xf8\x88\x80\x80\x80"}, Sequence{"FE", "\xfe"}, Sequence{"FF", "\xff"}));

}  // namespace
}  // namespace tlr::core
