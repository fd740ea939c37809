// Reads: the entry, or what stands in the way of it.
#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(LookupTest, FindsWhatWasPutIn) {
  const auto table = MakeTable();
  const EntryPtr inserted = table->Insert("dense/kernel", Kind::kVariable, Variable({2, 3})).value();
  EXPECT_EQ(table->Find("dense/kernel"), inserted);
  EXPECT_EQ(table->Lookup("dense/kernel", WantVariable(kFloat32, Shape({2, 3}))).value(), inserted);
  EXPECT_EQ(inserted->key, "dense/kernel");
  EXPECT_EQ(inserted->kind, Kind::kVariable);
  ASSERT_EQ(inserted->weights.size(), 1U);
  EXPECT_EQ(inserted->weights[0].dtype, kFloat32);
  EXPECT_TRUE(inserted->weights[0].trainable);
}

TEST(LookupTest, TellsKeysApartThatStartAlike) {
  const auto table = MakeTable();
  const EntryPtr one = table->Insert("a/b", Kind::kVariable, Variable()).value();
  const EntryPtr other = table->Insert("a/bc", Kind::kVariable, Variable()).value();
  EXPECT_EQ(table->Find("a/b"), one);
  EXPECT_EQ(table->Find("a/bc"), other);
  EXPECT_EQ(table->Find("a"), nullptr);
}

TEST(LookupTest, FindOfAMalformedKeyIsAMiss) {
  const auto table = MakeTable();
  for (const char* key : {"", "/", "a//b", "\xff"}) EXPECT_EQ(table->Find(key), nullptr);
}

TEST(LookupTest, MissNamesKeyRegistryAndSize) {
  const auto table = MakeTable("user models");
  EXPECT_TRUE(IsError(table->Lookup("dense", Anything()), Code::kNotFound,
                      "No entry under key \"dense\" in registry \"user models\", which holds 0 entries. Create it "
                      "first, or use a get-or-create call."));
  ASSERT_TRUE(table->Insert("conv", Kind::kVariable, Variable()).ok());
  EXPECT_TRUE(IsError(table->Lookup("dense", Anything()), Code::kNotFound,
                      "No entry under key \"dense\" in registry \"user models\", which holds 1 entry. Create it "
                      "first, or use a get-or-create call."));
}

TEST(LookupTest, MissNamesTheNearestKey) {
  const auto table = MakeTable();
  for (const char* key : {"dense/kernel", "dense/bias", "conv/kernel"}) {
    ASSERT_TRUE(table->Insert(key, Kind::kVariable, Variable()).ok());
  }
  EXPECT_TRUE(IsError(table->Lookup("dense/kernal", Anything()), Code::kNotFound,
                      "No entry under key \"dense/kernal\" in registry \"models\", which holds 3 entries. The nearest "
                      "key is \"dense/kernel\". Create it first, or use a get-or-create call."));
}

TEST(LookupTest, MissOfAMalformedKeyNamesTheRule) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->Lookup("a//b", Anything()), Code::kInvalidArgument,
                      "Key \"a//b\" is not valid: it must not hold an empty segment ('//'). Keys are UTF-8 of 1 to "
                      "1024 bytes, in segments joined by '/'."));
}

TEST(LookupTest, DoesNotSeeAKeyThatIsBeingCreated) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  ASSERT_TRUE(creator.reserved());
  EXPECT_EQ(table->Find("dense"), nullptr);
  EXPECT_EQ(table->Lookup("dense", Anything()).error().code, Code::kNotFound);
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_NE(table->Find("dense"), nullptr);
}

TEST(LookupTest, TablesDoNotShareKeys) {
  const auto one = MakeTable();
  const auto other = MakeTable();
  ASSERT_TRUE(one->Insert("dense", Kind::kVariable, Variable()).ok());
  EXPECT_EQ(other->Find("dense"), nullptr);
}

}  // namespace
}  // namespace tlr::core
