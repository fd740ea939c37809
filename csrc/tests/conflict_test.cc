// Something else under the key: the words say what was wanted and what is there, whichever call asked.
#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

class ConflictTest : public ::testing::Test {
 protected:
  ConflictTest() {
    EXPECT_TRUE(table_->Insert("bias", Kind::kVariable, Variable({2, 3})).ok());
    EXPECT_TRUE(table_->Insert("dense", Kind::kLayer, {MakeWeight("kernel", {2, 3}), MakeWeight("bias", {3})}).ok());
    EXPECT_TRUE(table_->Insert("norm", Kind::kLayer, {MakeWeight("scale", {3})}).ok());
  }

  void Expect(const std::string& key, const Wanted& wanted, const std::string& difference) {
    const std::string message = "Key \"" + key + "\" in registry \"models\" holds something else: " + difference +
                                ". Ask for what is there, use another key, or erase this one first.";
    EXPECT_TRUE(IsError(table_->Lookup(key, wanted), Code::kInvalidArgument, message));
    const Ask ask(table_, key, wanted);
    ASSERT_TRUE(ask.answered());
    EXPECT_EQ(ask.wait(), 0U);
    EXPECT_TRUE(IsError(ask.error(), Code::kInvalidArgument, message));
  }

  const std::shared_ptr<Table> table_ = MakeTable();
};

TEST_F(ConflictTest, NamesTheDtypes) {
  Expect("bias", WantVariable(kInt64, Shape({2, 3})), "wanted int64 [2,3], found float32 [2,3]");
}

TEST_F(ConflictTest, NamesTheShapes) {
  Expect("bias", WantVariable(kFloat32, Shape({2, 4})), "wanted float32 [2,4], found float32 [2,3]");
  Expect("bias", WantVariable(kFloat32, Shape({2})), "wanted float32 [2], found float32 [2,3]");
}

TEST_F(ConflictTest, SaysWhatWasLeftOpen) {
  Expect("bias", WantVariable(0, Shape({-1, 4})), "wanted any dtype [?,4], found float32 [2,3]");
  Expect("bias", WantVariable(kInt64, Shape()), "wanted int64 <unknown>, found float32 [2,3]");
}

TEST_F(ConflictTest, NamesTheKinds) {
  Expect("dense", WantVariable(kFloat32, Shape({2, 3})), "wanted a variable, found a layer of 2 weights");
  Expect("norm", WantVariable(kFloat32, Shape({3})), "wanted a variable, found a layer of 1 weight");
  Expect("bias", WantLayer({{"kernel", kFloat32, Shape()}}), "wanted a layer of 1 weight, found a variable");
  Expect("bias", Anything(Kind::kLayer), "wanted a layer, found a variable");
  Expect("dense", Anything(Kind::kVariable), "wanted a variable, found a layer of 2 weights");
}

TEST_F(ConflictTest, CountsTheWeights) {
  Expect("dense", WantLayer({{"kernel", kFloat32, Shape({2, 3})}}),
         "wanted a layer of 1 weight, found a layer of 2 weights");
  Expect("norm", WantLayer({}), "wanted a layer of 0 weights, found a layer of 1 weight");
}

TEST_F(ConflictTest, NamesTheFirstWeightThatDiffers) {
  Expect("dense", WantLayer({{"kernel", kFloat32, Shape({2, 3})}, {"bias", kFloat32, Shape({4})}}),
         "weight 1: wanted \"bias\" float32 [4], found \"bias\" float32 [3]");
  Expect("dense", WantLayer({{"", kInt64, Shape()}, {"", kInt64, Shape()}}),
         "weight 0: wanted int64 <unknown>, found \"kernel\" float32 [2,3]");
}

TEST_F(ConflictTest, NamesTheWeightNames) {
  Expect("norm", WantLayer({{"gamma", kFloat32, Shape({3})}}),
         "weight 0: wanted \"gamma\" float32 [3], found \"scale\" float32 [3]");
}

TEST_F(ConflictTest, LeavesTheEntryAsItIs) {
  const EntryPtr before = table_->Find("bias");
  EXPECT_FALSE(table_->Lookup("bias", WantVariable(kInt64, Shape())).ok());
  EXPECT_EQ(table_->Find("bias"), before);
  EXPECT_EQ(table_->Stats().creating, 0U);
}

}  // namespace
}  // namespace tlr::core
