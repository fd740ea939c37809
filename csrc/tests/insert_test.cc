// Entries that need no initializer.
#include <set>

#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(InsertTest, KeepsALayersWeightsInOrder) {
  const auto table = MakeTable();
  Weight frozen = MakeWeight("mean", {3}, kInt64);
  frozen.trainable = false;
  const EntryPtr entry = table->Insert("dense", Kind::kLayer, {MakeWeight("kernel"), frozen}).value();
  EXPECT_EQ(entry->kind, Kind::kLayer);
  ASSERT_EQ(entry->weights.size(), 2U);
  EXPECT_EQ(entry->weights[0].name, "kernel");
  EXPECT_EQ(entry->weights[1].name, "mean");
  EXPECT_EQ(entry->weights[1].dtype, kInt64);
  EXPECT_FALSE(entry->weights[1].trainable);
  EXPECT_TRUE(entry->weights[1].shape == Shape({3}));
}

TEST(InsertTest, TakesALayerOfNoWeights) {
  const auto table = MakeTable();
  EXPECT_TRUE(table->Insert("dropout", Kind::kLayer, {}).ok());
}

TEST(InsertTest, GivesEveryEntryItsOwnId) {
  const auto table = MakeTable();
  std::set<uint64_t> ids;
  for (int round = 0; round < 10; ++round) {
    ids.insert(table->Insert("same", Kind::kVariable, Variable()).value()->id);
    ids.insert(table->Insert("other", Kind::kVariable, Variable()).value()->id);
    ASSERT_TRUE(table->ErasePrefix("").ok());
  }
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_EQ(ids.count(0), 0U);
}

TEST(InsertTest, RefusesATakenKeyAndSaysByWhat) {
  const auto table = MakeTable();
  const EntryPtr variable = table->Insert("bias", Kind::kVariable, Variable()).value();
  ASSERT_TRUE(table->Insert("dense", Kind::kLayer, {MakeWeight("kernel"), MakeWeight("bias")}).ok());
  EXPECT_TRUE(IsError(table->Insert("bias", Kind::kVariable, Variable()), Code::kAlreadyExists,
                      "Key \"bias\" in registry \"models\" is taken by a variable. Use another key, or erase this one "
                      "first."));
  EXPECT_TRUE(IsError(table->Insert("dense", Kind::kVariable, Variable()), Code::kAlreadyExists,
                      "Key \"dense\" in registry \"models\" is taken by a layer of 2 weights. Use another key, or "
                      "erase this one first."));
  EXPECT_EQ(table->Find("bias"), variable);
}

TEST(InsertTest, RefusesAKeyThatIsBeingCreated) {
  const auto table = MakeTable();
  Ask creator(table, "bias");
  EXPECT_TRUE(IsError(table->Insert("bias", Kind::kVariable, Variable()), Code::kAlreadyExists,
                      "Key \"bias\" in registry \"models\" is being created by another caller. Use a get-or-create "
                      "call, which waits for it, or another key."));
  EXPECT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(InsertTest, RefusesAMalformedKey) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->Insert("a/", Kind::kVariable, Variable()), Code::kInvalidArgument,
                      "Key \"a/\" is not valid: it must not end with '/'. Keys are UTF-8 of 1 to 1024 bytes, in "
                      "segments joined by '/'."));
  EXPECT_EQ(table->size(), 0U);
}

TEST(InsertTest, RefusesALayerWithAWeightThatHasNoName) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->Insert("dense", Kind::kLayer, {MakeWeight("kernel"), MakeWeight("")}),
                      Code::kInvalidArgument,
                      "Weight name of layer \"dense\", \"\" is not valid: it must not be empty. Keys are UTF-8 of 1 to "
                      "1024 bytes, in segments joined by '/'."));
  EXPECT_EQ(table->size(), 0U);
}

}  // namespace
}  // namespace tlr::core
