#include "core/shape.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

const Shape kUnknown;
const Shape kScalar(std::vector<int64_t>{});

TEST(ShapeTest, PrintsAsTensorFlowDoes) {
  EXPECT_EQ(kUnknown.ToString(), "<unknown>");
  EXPECT_EQ(kScalar.ToString(), "[]");
  EXPECT_EQ(Shape({2, -1, 3}).ToString(), "[2,?,3]");
}

TEST(ShapeTest, KnowsWhetherItIsFullyDefined) {
  EXPECT_FALSE(kUnknown.IsFullyDefined());
  EXPECT_TRUE(kScalar.IsFullyDefined());
  EXPECT_TRUE(Shape({2, 0}).IsFullyDefined());
  EXPECT_FALSE(Shape({2, -1}).IsFullyDefined());
}

TEST(ShapeTest, TellsUnknownRankFromAScalar) {
  EXPECT_FALSE(kUnknown == kScalar);
  EXPECT_TRUE(kUnknown == Shape());
  EXPECT_TRUE(Shape({2, -1}) == Shape({2, -1}));
  EXPECT_FALSE(Shape({2, -1}) == Shape({2, 3}));
}

TEST(ShapeTest, CountsElements) {
  EXPECT_EQ(kScalar.NumElements(), 1);
  EXPECT_EQ(Shape({2, 3, 4}).NumElements(), 24);
  EXPECT_EQ(Shape({2, 0, 4}).NumElements(), 0);
}

TEST(ShapeTest, CountsNoElementsOfWhatIsNotFullyDefined) {
  EXPECT_EQ(kUnknown.NumElements(), -1);
  EXPECT_EQ(Shape({2, -1}).NumElements(), -1);
}

TEST(ShapeTest, DoesNotOverflowWhenItCounts) {
  EXPECT_EQ(Shape({INT64_MAX}).NumElements(), INT64_MAX);
  EXPECT_EQ(Shape({INT64_MAX, 2}).NumElements(), -1);
  EXPECT_EQ(Shape({int64_t{1} << 32, int64_t{1} << 31}).NumElements(), -1);
}

TEST(ShapeTest, OfUnknownRankIsCompatibleWithEverything) {
  for (const Shape& other : {kUnknown, kScalar, Shape({2}), Shape({-1, 3})}) {
    EXPECT_TRUE(kUnknown.IsCompatibleWith(other));
    EXPECT_TRUE(other.IsCompatibleWith(kUnknown));
  }
}

TEST(ShapeTest, IsCompatibleWhereEachKnownSizeAgrees) {
  EXPECT_TRUE(Shape({2, -1}).IsCompatibleWith(Shape({-1, 3})));
  EXPECT_TRUE(Shape({2, 3}).IsCompatibleWith(Shape({2, -1})));
  EXPECT_TRUE(kScalar.IsCompatibleWith(kScalar));
}

TEST(ShapeTest, IsNotCompatibleWithAnotherSizeOrRank) {
  EXPECT_FALSE(Shape({2, 3}).IsCompatibleWith(Shape({2, 4})));
  EXPECT_FALSE(Shape({2}).IsCompatibleWith(Shape({2, 1})));
  EXPECT_FALSE(Shape({2, 1}).IsCompatibleWith(Shape({2})));
  EXPECT_FALSE(kScalar.IsCompatibleWith(Shape({-1})));
}

}  // namespace
}  // namespace tlr::core
