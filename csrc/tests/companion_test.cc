// Companions: they go with their owner, whatever erases it, and nothing else does.
#include <string>
#include <utility>
#include <vector>

#include "core/key.h"
#include "fixtures.h"

namespace tlr::core {
namespace {

Wanted CompanionLayer() {
  Wanted wanted = Anything(Kind::kLayer);
  wanted.companion = true;
  return wanted;
}

std::vector<std::string> AllKeys(const Table& table) { return KeysOf(table.List("").value()); }

class CompanionTest : public ::testing::Test {
 protected:
  void Insert(const std::string& key, bool companion = false) {
    ASSERT_TRUE(table_->Insert(key, Kind::kLayer, {MakeWeight("w")}, nullptr, companion).ok()) << key;
  }

  EntryPtr Create(const std::string& key) {
    Ask creator(table_, key, CompanionLayer());
    return creator.reservation().Commit(Kind::kLayer, {MakeWeight("w")}).value();
  }

  const std::shared_ptr<Table> table_ = MakeTable();
};

TEST(OwnerKeyTest, IsTheKeyWithoutTheSegment) {
  EXPECT_EQ(OwnerKey("a/optimizer"), "a");
  EXPECT_EQ(OwnerKey("a/b/optimizer"), "a/b");
  EXPECT_EQ(OwnerKey("a/optimizer/optimizer"), "a/optimizer");
  for (const char* key :
       {"", "optimizer", "/optimizer", "a/Optimizer", "a/optimizer/b", "a/xoptimizer", "aoptimizer"}) {
    EXPECT_EQ(OwnerKey(key), "") << key;
  }
  EXPECT_EQ(CompanionKey("a/b"), "a/b/optimizer");
}

TEST_F(CompanionTest, IsErasedWithItsOwner) {
  Insert("a");
  Insert("a/b");
  const EntryPtr companion = Create("a/optimizer");
  EXPECT_TRUE(companion->companion);
  EXPECT_EQ(table_->Find("a/optimizer"), companion);
  EXPECT_EQ(table_->Erase("a").value()->key, "a");
  EXPECT_EQ(AllKeys(*table_), (std::vector<std::string>{"a/b"}));
  EXPECT_EQ(table_->size(), 1U);
  EXPECT_EQ(table_->Stats().erased, 2U);
  EXPECT_EQ(companion->key, "a/optimizer");  // Whoever holds it keeps it.
}

TEST_F(CompanionTest, IsListedCountedAndErasedByItself) {
  Insert("a");
  Create("a/optimizer");
  EXPECT_EQ(AllKeys(*table_), (std::vector<std::string>{"a", "a/optimizer"}));
  EXPECT_EQ(table_->Erase("a/optimizer").value()->key, "a/optimizer");
  EXPECT_EQ(AllKeys(*table_), (std::vector<std::string>{"a"}));
  Create("a/optimizer");
  EXPECT_EQ(KeysOf(table_->ErasePrefix("a/").value()), (std::vector<std::string>{"a/optimizer"}));
  Create("a/optimizer");
  EXPECT_EQ(table_->ErasePrefix("a").value().size(), 2U);
  EXPECT_EQ(table_->size(), 0U);
  Insert("a");
  Create("a/optimizer");
  EXPECT_EQ(table_->Erase("a").value()->key, "a");
  EXPECT_EQ(table_->size(), 0U);
}

TEST_F(CompanionTest, MayHaveOneOfItsOwn) {
  Insert("a");
  Create("a/optimizer");
  Create("a/optimizer/optimizer");
  EXPECT_EQ(table_->size(), 3U);
  EXPECT_EQ(table_->Erase("a/optimizer").value()->key, "a/optimizer");
  EXPECT_EQ(AllKeys(*table_), (std::vector<std::string>{"a"}));
  Create("a/optimizer");
  Create("a/optimizer/optimizer");
  ASSERT_TRUE(table_->Erase("a").ok());
  EXPECT_EQ(table_->size(), 0U);
}

TEST_F(CompanionTest, AnEntryThatMerelyHasSuchAKeyStays) {
  Insert("a");
  Insert("a/optimizer");
  const Ask found(table_, "a/optimizer", CompanionLayer());
  EXPECT_FALSE(found.entry()->companion);
  Insert("b");
  Create("b/optimizer");  // In the same table, so that companions are looked for.
  ASSERT_TRUE(table_->Erase("a").ok());
  ASSERT_TRUE(table_->Erase("b").ok());
  EXPECT_EQ(AllKeys(*table_), (std::vector<std::string>{"a/optimizer"}));
}

TEST_F(CompanionTest, WhoseOwnerWentMeanwhileIsNotPutIn) {
  const auto table = MakeTable("models", 2);
  const auto insert = [&] { return table->Insert("a", Kind::kLayer, {MakeWeight("w")}).ok(); };
  ASSERT_TRUE(insert());
  Ask creator(table, "a/optimizer", CompanionLayer());
  const Ask waiter(table, "a/optimizer", CompanionLayer());
  ASSERT_TRUE(table->Erase("a").ok());
  ASSERT_TRUE(insert());  // Another of the same key: what it had before is nothing to it.
  const EntryPtr made = creator.reservation().Commit(Kind::kLayer, {MakeWeight("w")}).value();
  EXPECT_EQ(waiter.entry(), made);
  EXPECT_EQ(AllKeys(*table), (std::vector<std::string>{"a"}));
  EXPECT_EQ(table->Stats().abandoned, 1U);
  // Its room is free again.
  Ask again(table, "a/optimizer", CompanionLayer());
  EXPECT_TRUE(again.reservation().Commit(Kind::kLayer, {MakeWeight("w")}).ok());
  EXPECT_EQ(table->size(), 2U);
}

TEST_F(CompanionTest, ThatAWaiterMakesBelongsToTheOwnerOfThatTime) {
  Insert("a");
  Ask creator(table_, "a/optimizer", CompanionLayer());
  Ask waiter(table_, "a/optimizer", CompanionLayer());
  ASSERT_TRUE(table_->Erase("a").ok());
  Insert("a");
  creator.reservation().Abandon();
  const EntryPtr made = waiter.reservation().Commit(Kind::kLayer, {MakeWeight("w")}).value();
  EXPECT_EQ(table_->Find("a/optimizer"), made);
}

TEST_F(CompanionTest, ReservedBeforeItsOwnerIsThereBelongsToIt) {
  Ask creator(table_, "a/optimizer", CompanionLayer());
  Insert("a");
  ASSERT_TRUE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("w")}).ok());
  ASSERT_TRUE(table_->Erase("a").ok());
  EXPECT_EQ(table_->size(), 0U);
}

TEST_F(CompanionTest, IsNotInsertedWithoutItsOwner) {
  EXPECT_TRUE(IsError(table_->Insert("a/optimizer", Kind::kVariable, Variable(), nullptr, true),
                      Code::kFailedPrecondition,
                      "Key \"a/optimizer\" in registry \"models\" cannot be made a companion: there is no entry under "
                      "key \"a\" for it to belong to. Make that one first."));
  Insert("a");
  Insert("a/optimizer", true);
  ASSERT_TRUE(table_->Erase("a").ok());
  EXPECT_EQ(table_->size(), 0U);
}

TEST_F(CompanionTest, NeedsTheKeyOfOne) {
  const std::string words =
      "Key \"a/b\" cannot be a companion's: it must end with \"/optimizer\" after the key of the entry that the "
      "companion belongs to.";
  EXPECT_TRUE(
      IsError(table_->Insert("a/b", Kind::kVariable, Variable(), nullptr, true), Code::kInvalidArgument, words));
  const Ask ask(table_, "a/b", CompanionLayer());
  EXPECT_TRUE(IsError(ask.error(), Code::kInvalidArgument, words));
}

TEST_F(CompanionTest, OfManyKeysEachGoesWithItsOwn) {
  for (int i = 0; i < 500; ++i) {
    const std::string key = "k" + std::to_string(i);
    Insert(key);
    Create(key + "/optimizer");
  }
  for (int i = 0; i < 500; i += 2) ASSERT_TRUE(table_->Erase("k" + std::to_string(i)).ok());
  EXPECT_EQ(table_->size(), 500U);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(table_->Find("k" + std::to_string(i) + "/optimizer") != nullptr, i % 2 == 1) << i;
  }
}

}  // namespace
}  // namespace tlr::core
