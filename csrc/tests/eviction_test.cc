// Eviction: what was used longest ago goes to make room, and what is used stays.
#include <algorithm>
#include <list>
#include <random>
#include <string>

#include "eviction_fixture.h"

namespace tlr::core {
namespace {

TEST_F(EvictionTest, DropsWhatWasMadeLongestAgo) {
  for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(Insert(key));
  EXPECT_EQ(Keys(), (Texts{"b", "c", "d"}));
  EXPECT_EQ(table_->Stats().evicted, 1U);
  EXPECT_EQ(table_->Stats().erased, 1U);
}

TEST_F(EvictionTest, AUseByAnyDoorKeeps) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  EXPECT_NE(table_->Find("a"), nullptr);
  ASSERT_TRUE(Insert("d"));
  EXPECT_EQ(Keys(), (Texts{"a", "c", "d"}));
  ASSERT_TRUE(table_->Lookup("c", Anything(Kind::kLayer)).ok());
  ASSERT_TRUE(Insert("e"));
  EXPECT_EQ(Keys(), (Texts{"c", "d", "e"}));
  {
    const Ask ask(table_, "c", Anything(Kind::kLayer));
  }
  ASSERT_TRUE(Insert("f"));
  EXPECT_EQ(Keys(), (Texts{"c", "e", "f"}));
}

TEST_F(EvictionTest, ToLookWhetherItIsThereIsNoUse) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  EXPECT_TRUE(table_->Contains("a"));
  EXPECT_EQ(Keys().size(), 3U);
  ASSERT_TRUE(Insert("d"));
  EXPECT_FALSE(table_->Contains("a"));
}

TEST_F(EvictionTest, AReservationMakesRoomToo) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  Ask creator(table_, "d", Anything(Kind::kLayer));
  ASSERT_TRUE(creator.reserved());
  EXPECT_EQ(Keys(), (Texts{"b", "c"}));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("w")}, SomePayload()).ok());
  EXPECT_EQ(Keys(), (Texts{"b", "c", "d"}));
}

TEST_F(EvictionTest, WhatIsUsedStays) {
  bool used = true;
  ASSERT_TRUE(Insert("a", 1, &used));
  ASSERT_TRUE(Insert("b"));
  ASSERT_TRUE(Insert("c"));
  EntryPtr held = table_->Find("b");
  ASSERT_NE(table_->Find("c"), nullptr);
  ASSERT_TRUE(Insert("d"));
  EXPECT_EQ(Keys(), (Texts{"a", "b", "d"}));
  // Being in use then was a use.
  used = false;
  held.reset();
  ASSERT_TRUE(Insert("e"));
  EXPECT_EQ(Keys().front(), "b");
}

TEST_F(EvictionTest, AListingIsNoUse) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  const std::vector<ListedEntry> listed = table_->List("").value();
  for (const char* key : {"d", "e", "f"}) ASSERT_TRUE(Insert(key));
  EXPECT_EQ(Keys(), (Texts{"d", "e", "f"}));
  EXPECT_EQ(KeysOf(listed), (Texts{"a", "b", "c"}));  // Whoever listed them keeps them.
}

TEST_F(EvictionTest, OfWhatPythonHoldsNothingGoes) {
  Ask pinned(table_, "a", Anything(Kind::kLayer));
  ASSERT_TRUE(
      table_->Commit("a", pinned.reservation().ticket(), Kind::kLayer, {MakeWeight("w")}, SomePayload(), true).ok());
  ASSERT_TRUE(table_->Insert("b", Kind::kVariable, Variable()).ok());  // Without a payload.
  for (const char* key : {"c", "d", "e"}) ASSERT_TRUE(Insert(key));
  EXPECT_EQ(Keys(), (Texts{"a", "b", "e"}));
}

TEST_F(EvictionTest, SaysWhereNothingCanGo) {
  bool used = true;
  for (const char* key : {"a", "b"}) ASSERT_TRUE(Insert(key, 1, &used));
  const Ask creator(table_, "c", Anything(Kind::kLayer));
  const std::string words =
      "Key \"d\" cannot be created: registry \"models\" is full (max_entries=3). Evicting entries would not make room: "
      "what is in use by a running step, held by Python or being created stays. Erase entries, or open the registry "
      "with a larger max_entries.";
  const Ask refused(table_, "d", Anything(Kind::kLayer));
  EXPECT_TRUE(IsError(refused.error(), Code::kResourceExhausted, words));
  EXPECT_EQ(table_->Stats().evicted, 0U);
  used = false;
  EXPECT_TRUE(Insert("d"));
}

TEST_F(EvictionTest, MakesRoomForBytes) {
  table_ = MakeEvicting(0, 100);
  for (const char* key : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(Insert(key, 5));
  ASSERT_TRUE(Insert("f", 10));
  EXPECT_EQ(Keys(), (Texts{"c", "d", "e", "f"}));
  EXPECT_EQ(table_->Stats().bytes, 100U);
}

TEST_F(EvictionTest, EvictsNothingWhereThatWouldNotDo) {
  table_ = MakeEvicting(0, 100);
  bool used = true;
  ASSERT_TRUE(Insert("a", 5));
  ASSERT_TRUE(Insert("b", 20, &used));
  EXPECT_FALSE(Insert("c", 6));
  EXPECT_FALSE(Insert("c", 26));
  EXPECT_EQ(Keys(), (Texts{"a", "b"}));
  ASSERT_TRUE(Insert("c", 5));
  EXPECT_EQ(Keys(), (Texts{"b", "c"}));
}

TEST_F(EvictionTest, MakesRoomForACommitThatNeedsMore) {
  table_ = MakeEvicting(0, 100);
  ASSERT_TRUE(Insert("a", 20));
  Ask creator(table_, "b", Anything(Kind::kLayer));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("w", {10})}, SomePayload()).ok());
  EXPECT_EQ(Keys(), (Texts{"b"}));
}

TEST_F(EvictionTest, AnEntryCountsOnceInTheOrder) {
  table_ = MakeEvicting(0, 100);
  bool used = true;
  ASSERT_TRUE(Insert("b", 10, &used));
  // So many that the order is made anew for "a", which is in the table by then.
  for (int i = 0; i < 68; ++i) {
    ASSERT_TRUE(Insert("erased"));
    table_->Erase("erased").value();
  }
  ASSERT_TRUE(Insert("a", 10));
  EXPECT_FALSE(Insert("c", 16));  // "a" has 40 bytes to give, and has them once.
  EXPECT_EQ(Keys(), (Texts{"a", "b"}));
}

TEST_F(EvictionTest, DoesWhatALeastRecentlyUsedListDoes) {
  constexpr size_t kRoom = 20;
  table_ = MakeEvicting(kRoom);
  std::list<std::string> model;  // the last used first
  std::mt19937_64 random(7);
  for (int step = 0; step < 20000; ++step) {
    const std::string key = std::to_string(random() % 40);
    const auto known = std::find(model.begin(), model.end(), key);
    switch (random() % 4) {
      case 0:
        ASSERT_EQ(table_->Erase(key).value() != nullptr, known != model.end());
        if (known != model.end()) model.erase(known);
        break;
      case 1:
        ASSERT_EQ(table_->Contains(key), known != model.end());
        break;
      case 2:
        ASSERT_EQ(table_->Find(key) != nullptr, known != model.end());
        if (known != model.end()) model.splice(model.begin(), model, known);
        break;
      default:
        ASSERT_EQ(Insert(key), known == model.end());
        if (known != model.end()) break;  // A refused insertion is no use.
        if (model.size() == kRoom) model.pop_back();
        model.push_front(key);
    }
    ASSERT_EQ(table_->size(), model.size());
  }
  Texts left(model.begin(), model.end());
  std::sort(left.begin(), left.end());
  EXPECT_EQ(Keys(), left);
  EXPECT_GT(table_->Stats().evicted, 500U);
}

}  // namespace
}  // namespace tlr::core
