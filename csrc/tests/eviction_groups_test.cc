// What eviction does to entries that belong together: owners and companions, and those that are put in at once.
#include <string>
#include <utility>
#include <vector>

#include "eviction_fixture.h"

namespace tlr::core {
namespace {

class EvictionGroupsTest : public EvictionTest {};

TEST_F(EvictionGroupsTest, AnOwnerAndItsCompanionGoTogether) {
  table_ = MakeEvicting(4);
  bool used = false;
  ASSERT_TRUE(Insert("a"));
  ASSERT_TRUE(Insert("a/optimizer", 1, &used, true));
  ASSERT_TRUE(Insert("b"));
  ASSERT_TRUE(Insert("b/optimizer", 1, nullptr, true));
  ASSERT_NE(table_->Find("a/optimizer"), nullptr);  // A use of both.
  ASSERT_TRUE(Insert("c"));
  EXPECT_EQ(Keys(), (Texts{"a", "a/optimizer", "c"}));
  EXPECT_EQ(table_->Stats().evicted, 2U);
  used = true;
  ASSERT_TRUE(Insert("d"));
  ASSERT_TRUE(Insert("e"));
  EXPECT_EQ(Keys(), (Texts{"a", "a/optimizer", "d", "e"}));
}

TEST_F(EvictionGroupsTest, ACompanionDoesNotDriveItsOwnerOut) {
  table_ = MakeEvicting(1);
  ASSERT_TRUE(Insert("a"));
  EXPECT_FALSE(Insert("a/optimizer", 1, nullptr, true));
  EXPECT_EQ(Keys(), (Texts{"a"}));
}

TEST_F(EvictionGroupsTest, NorTheOwnerOfItsOwner) {
  table_ = MakeEvicting(2);
  ASSERT_TRUE(Insert("a"));
  ASSERT_TRUE(Insert("a/optimizer", 1, nullptr, true));
  EXPECT_FALSE(Insert("a/optimizer/optimizer", 1, nullptr, true));
  Wanted wanted = Anything(Kind::kLayer);
  wanted.companion = true;
  const Ask refused(table_, "a/optimizer/optimizer", wanted);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_EQ(Keys(), (Texts{"a", "a/optimizer"}));
}

TEST_F(EvictionGroupsTest, WhatACompanionNeedsMoreIsNotItsOwners) {
  table_ = MakeEvicting(0, 100);
  ASSERT_TRUE(Insert("a", 15));
  ASSERT_TRUE(Insert("b", 5));
  Wanted wanted = Anything(Kind::kLayer);
  wanted.companion = true;
  Ask first(table_, "a/optimizer", wanted);
  ASSERT_TRUE(first.reservation().Commit(Kind::kLayer, {MakeWeight("w", {10})}, SomePayload()).ok());
  EXPECT_EQ(Keys(), (Texts{"a", "a/optimizer"}));
  table_->Erase("a/optimizer").value();
  Ask second(table_, "a/optimizer", wanted);
  EXPECT_FALSE(second.reservation().Commit(Kind::kLayer, {MakeWeight("w", {11})}, SomePayload()).ok());
  EXPECT_EQ(Keys(), (Texts{"a"}));
}

TEST_F(EvictionGroupsTest, ACompanionWhoseOwnerWentDrivesNothingOut) {
  table_ = MakeEvicting(0, 100);
  ASSERT_TRUE(Insert("a", 5));
  Wanted wanted = Anything(Kind::kLayer);
  wanted.companion = true;
  Ask creator(table_, "a/optimizer", wanted);
  table_->Erase("a").value();
  ASSERT_TRUE(Insert("b", 20));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("w", {10})}, SomePayload()).ok());
  EXPECT_EQ(Keys(), (Texts{"b"}));
  EXPECT_EQ(table_->Stats().bytes, 80U);
}

TEST_F(EvictionGroupsTest, ManyAtOnceEvictForAllOrForNone) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  EXPECT_TRUE(
      IsError(InsertAll({"k", "l", "m", "n"}), Code::kResourceExhausted,
              "Key \"k\" cannot be created: registry \"models\" is full (max_entries=3). Evicting entries would "
              "not make room: what is in use by a running step, held by Python or being created stays. Erase "
              "entries, or open the registry with a larger max_entries."));
  EXPECT_EQ(Keys(), (Texts{"a", "b", "c"}));
  ASSERT_TRUE(InsertAll({"k", "l"}).ok());
  EXPECT_EQ(Keys(), (Texts{"c", "k", "l"}));
}

TEST_F(EvictionGroupsTest, ManyAtOnceEvictNothingWhereOneIsTaken) {
  for (const char* key : {"a", "b"}) ASSERT_TRUE(Insert(key));
  const Ask creator(table_, "c", Anything(Kind::kLayer));
  EXPECT_EQ(InsertAll({"k", "b"}).error().code, Code::kAlreadyExists);
  EXPECT_EQ(InsertAll({"k", "c"}).error().code, Code::kAlreadyExists);
  EXPECT_EQ(Keys(), (Texts{"a", "b"}));
}

TEST_F(EvictionGroupsTest, CompanionsAtOnceDoNotDriveTheirOwnersOut) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Insert(key));
  std::vector<NewEntry> entries;
  entries.push_back(Made("a/optimizer", true));
  ASSERT_TRUE(table_->InsertAll(std::move(entries)).ok());
  EXPECT_EQ(Keys(), (Texts{"a", "a/optimizer", "c"}));
}

}  // namespace
}  // namespace tlr::core
