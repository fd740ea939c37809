// The bound on entries: creations under way count, and what ends without an entry gives its room back.
#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

std::string FullMessage(const std::string& key, int max_entries) {
  return "Key \"" + key +
         "\" cannot be created: registry \"models\" is full (max_entries=" + std::to_string(max_entries) +
         "). Erase entries, or open the registry with a larger max_entries.";
}

TEST(MaxEntriesTest, RefusesWhatGoesBeyond) {
  const auto table = MakeTable("models", 2);
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable()).ok());
  ASSERT_TRUE(table->Insert("b", Kind::kVariable, Variable()).ok());
  EXPECT_TRUE(IsError(table->Insert("c", Kind::kVariable, Variable()), Code::kResourceExhausted, FullMessage("c", 2)));
  const Ask ask(table, "c");
  EXPECT_TRUE(IsError(ask.error(), Code::kResourceExhausted, FullMessage("c", 2)));
  EXPECT_EQ(table->size(), 2U);
  EXPECT_EQ(table->Stats().creating, 0U);
}

TEST(MaxEntriesTest, StillFindsWhenFull) {
  const auto table = MakeTable("models", 1);
  const EntryPtr entry = table->Insert("a", Kind::kVariable, Variable()).value();
  const Ask ask(table, "a");
  EXPECT_EQ(ask.entry(), entry);
  EXPECT_EQ(table->Insert("a", Kind::kVariable, Variable()).error().code, Code::kAlreadyExists);
}

TEST(MaxEntriesTest, CountsACreationUnderWay) {
  const auto table = MakeTable("models", 1);
  Ask creator(table, "a");
  ASSERT_TRUE(creator.reserved());
  const Ask refused(table, "b");
  EXPECT_TRUE(IsError(refused.error(), Code::kResourceExhausted, FullMessage("b", 1)));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(table->Insert("b", Kind::kVariable, Variable()).error().code, Code::kResourceExhausted);
}

TEST(MaxEntriesTest, LetsManyWaitForTheLastRoom) {
  const auto table = MakeTable("models", 1);
  Ask creator(table, "a");
  Ask waiter(table, "a");
  Ask other(table, "a");
  EXPECT_FALSE(waiter.answered());
  creator.reservation().Abandon();
  ASSERT_TRUE(waiter.reserved());
  // The room went with the reservation.
  EXPECT_EQ(table->Insert("b", Kind::kVariable, Variable()).error().code, Code::kResourceExhausted);
  ASSERT_TRUE(waiter.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(other.entry(), table->Find("a"));
}

TEST(MaxEntriesTest, GetsRoomBackFromAnAbandonedCreation) {
  const auto table = MakeTable("models", 1);
  Ask creator(table, "a");
  creator.reservation().Abandon();
  EXPECT_TRUE(table->Insert("b", Kind::kVariable, Variable()).ok());
}

TEST(MaxEntriesTest, GetsRoomBackFromARefusedCommit) {
  const auto table = MakeTable("models", 1);
  Ask creator(table, "a", Anything(Kind::kLayer));
  EXPECT_FALSE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("")}).ok());
  EXPECT_TRUE(table->Insert("b", Kind::kVariable, Variable()).ok());
}

TEST(MaxEntriesTest, GetsRoomBackFromErasedEntries) {
  const auto table = MakeTable("models", 3);
  for (int round = 0; round < 5; ++round) {
    for (const char* key : {"a", "b/c", "b/d"}) ASSERT_TRUE(table->Insert(key, Kind::kVariable, Variable()).ok());
    ASSERT_FALSE(table->Insert("e", Kind::kVariable, Variable()).ok());
    ASSERT_TRUE(table->Erase("a").ok());
    ASSERT_TRUE(table->ErasePrefix("b").ok());
  }
}

TEST(MaxEntriesTest, TakesNoRoomForWhatIsRefused) {
  const auto table = MakeTable("models", 1);
  EXPECT_FALSE(table->Insert("/a", Kind::kVariable, Variable()).ok());
  EXPECT_FALSE(table->Insert("a", Kind::kLayer, {MakeWeight("")}).ok());
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable()).ok());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(table->Insert("b", Kind::kVariable, Variable()).ok());
  ASSERT_TRUE(table->Erase("a").ok());
  EXPECT_TRUE(table->Insert("b", Kind::kVariable, Variable()).ok());
}

TEST(MaxEntriesTest, OfZeroIsNoBound) {
  const auto table = MakeTable("models", 0);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(table->Insert("k" + std::to_string(i), Kind::kVariable, Variable()).ok());
  }
}

}  // namespace
}  // namespace tlr::core
