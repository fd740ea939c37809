// The counters of a table, and the generation that tells a cache when to look again.
#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(StatsTest, OfANewTableAreZero) {
  const auto table = MakeTable("models", 7);
  const TableStats stats = table->Stats();
  EXPECT_EQ(stats.entries, 0U);
  EXPECT_EQ(stats.creating, 0U);
  EXPECT_EQ(stats.waiting, 0U);
  EXPECT_EQ(stats.created, 0U);
  EXPECT_EQ(stats.abandoned, 0U);
  EXPECT_EQ(stats.erased, 0U);
  EXPECT_EQ(stats.generation, 0U);
  EXPECT_EQ(stats.max_entries, 7U);
  EXPECT_EQ(table->name(), "models");
  EXPECT_EQ(table->size(), 0U);
}

TEST(StatsTest, CountCreationsUnderWayAndThoseWhoWait) {
  const auto table = MakeTable();
  Ask creator(table, "a");
  Ask other_creator(table, "b");
  Ask waiter(table, "a");
  Ask other_waiter(table, "a");
  EXPECT_EQ(table->Stats().creating, 2U);
  EXPECT_EQ(table->Stats().waiting, 2U);
  creator.reservation().Abandon();
  EXPECT_EQ(table->Stats().creating, 2U);
  EXPECT_EQ(table->Stats().waiting, 1U);
  EXPECT_EQ(table->Stats().abandoned, 1U);
  ASSERT_TRUE(waiter.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(table->Stats().creating, 1U);
  EXPECT_EQ(table->Stats().waiting, 0U);
  EXPECT_EQ(table->Stats().entries, 1U);
}

TEST(StatsTest, CountWhatCameAndWent) {
  const auto table = MakeTable();
  for (const char* key : {"a/1", "a/2", "a/3", "b"}) {
    ASSERT_TRUE(table->Insert(key, Kind::kVariable, Variable()).ok());
  }
  ASSERT_TRUE(table->Erase("b").ok());
  ASSERT_TRUE(table->ErasePrefix("a").ok());
  Ask creator(table, "b");
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
  const TableStats stats = table->Stats();
  EXPECT_EQ(stats.created, 5U);
  EXPECT_EQ(stats.erased, 4U);
  EXPECT_EQ(stats.entries, 1U);
  EXPECT_EQ(table->size(), 1U);
}

TEST(GenerationTest, GrowsWithEveryEntryThatComesOrGoes) {
  const auto table = MakeTable();
  uint64_t last = table->generation();
  const auto grew = [&] { return std::exchange(last, table->generation()) < table->generation(); };

  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable()).ok());
  EXPECT_TRUE(grew());
  Ask creator(table, "b");
  EXPECT_FALSE(grew());
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(table->Erase("a").ok());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(table->ErasePrefix("b").ok());
  EXPECT_TRUE(grew());
}

TEST(GenerationTest, StaysWhereNothingComesOrGoes) {
  const auto table = MakeTable();
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable()).ok());
  const uint64_t before = table->generation();
  EXPECT_NE(table->Find("a"), nullptr);
  EXPECT_FALSE(table->Insert("a", Kind::kVariable, Variable()).ok());
  EXPECT_EQ(table->Erase("b").value(), nullptr);
  EXPECT_TRUE(table->ErasePrefix("b").value().empty());
  Ask creator(table, "c");
  creator.reservation().Abandon();
  EXPECT_EQ(table->generation(), before);
}

}  // namespace
}  // namespace tlr::core
