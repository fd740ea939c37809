// What matches what a caller wants.
#include "core/entry.h"
#include "fixtures.h"

namespace tlr::core {
namespace {

Entry MakeVariable(std::vector<Weight> weights = Variable({2, 3})) {
  return Entry("dense", 1, Kind::kVariable, std::move(weights));
}

Entry MakeLayer() { return Entry("dense", 1, Kind::kLayer, {MakeWeight("kernel", {2, 3}), MakeWeight("bias", {3})}); }

TEST(WantedTest, MatchesTheSameDtypeAndACompatibleShape) {
  const Entry variable = MakeVariable();
  EXPECT_TRUE(WantVariable(kFloat32, Shape({2, 3})).Matches(variable));
  EXPECT_TRUE(WantVariable(kFloat32, Shape({2, -1})).Matches(variable));
}

TEST(WantedTest, LeavesOpenWhatIsNotGiven) {
  const Entry variable = MakeVariable();
  EXPECT_TRUE(WantVariable(0, Shape({2, 3})).Matches(variable));
  EXPECT_TRUE(WantVariable(kFloat32, Shape()).Matches(variable));
  EXPECT_TRUE(WantVariable(0, Shape()).Matches(variable));
  EXPECT_TRUE(WantLayer({{"", 0, Shape()}, {"", 0, Shape()}}).Matches(MakeLayer()));
}

TEST(WantedTest, DoesNotMatchAnotherDtypeOrShape) {
  const Entry variable = MakeVariable();
  EXPECT_FALSE(WantVariable(kInt64, Shape({2, 3})).Matches(variable));
  EXPECT_FALSE(WantVariable(kFloat32, Shape({2, 4})).Matches(variable));
  EXPECT_FALSE(WantVariable(kFloat32, Shape({2})).Matches(variable));
}

TEST(WantedTest, MatchesAnEntryWhoseShapeIsNotKnown) {
  Weight weight;
  weight.dtype = kFloat32;
  EXPECT_TRUE(WantVariable(kFloat32, Shape({2, 4})).Matches(MakeVariable({weight})));
}

TEST(WantedTest, ComparesALayersWeightsInOrder) {
  const WantedWeight kernel{"kernel", kFloat32, Shape({2, 3})};
  const WantedWeight bias{"bias", kFloat32, Shape({3})};
  EXPECT_TRUE(WantLayer({kernel, bias}).Matches(MakeLayer()));
  EXPECT_FALSE(WantLayer({bias, kernel}).Matches(MakeLayer()));
  EXPECT_FALSE(WantLayer({kernel}).Matches(MakeLayer()));
  EXPECT_FALSE(WantLayer({kernel, bias, bias}).Matches(MakeLayer()));
  EXPECT_FALSE(WantLayer({kernel, {"scale", kFloat32, Shape({3})}}).Matches(MakeLayer()));
}

TEST(WantedTest, DoesNotMatchAnotherKind) {
  EXPECT_FALSE(WantLayer({{"", 0, Shape()}}).Matches(MakeVariable()));
  EXPECT_FALSE(Anything(Kind::kVariable).Matches(MakeLayer()));
  EXPECT_FALSE(Anything(Kind::kLayer).Matches(MakeVariable()));
}

TEST(WantedTest, MatchesByKindAloneWhereWeightsDoNotMatter) {
  EXPECT_TRUE(Anything(Kind::kLayer).Matches(MakeLayer()));
  EXPECT_TRUE(Anything(Kind::kVariable).Matches(MakeVariable()));
}

TEST(WantedTest, MatchesALayerOfNoWeights) {
  const Entry entry("empty", 1, Kind::kLayer, {});
  EXPECT_TRUE(WantLayer({}).Matches(entry));
  EXPECT_FALSE(WantLayer({}).Matches(MakeLayer()));
}

}  // namespace
}  // namespace tlr::core
