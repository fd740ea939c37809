// Tables are found by their token, for as long as they live.
#include <cstdint>
#include <set>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

TEST(DirectoryTest, OpensATableByItsToken) {
  const auto table = MakeTable("models");
  EXPECT_EQ(Table::Open(table->token()), table);
}

TEST(DirectoryTest, OpensNothingOnceTheTableIsGone) {
  auto table = MakeTable();
  const uint64_t token = table->token();
  table.reset();
  EXPECT_EQ(Table::Open(token), nullptr);
}

TEST(DirectoryTest, KeepsNoTableAliveItself) {
  auto table = MakeTable();
  auto opened = Table::Open(table->token());
  const uint64_t token = table->token();
  table.reset();
  EXPECT_EQ(Table::Open(token), opened);
  opened.reset();
  EXPECT_EQ(Table::Open(token), nullptr);
}

TEST(DirectoryTest, OpensNothingForAnUnknownToken) { EXPECT_EQ(Table::Open(0), nullptr); }

TEST(DirectoryTest, GivesTokensThatAnInt64Holds) {
  std::set<uint64_t> tokens;
  for (int i = 0; i < 100; ++i) {
    const uint64_t token = MakeTable()->token();
    EXPECT_GT(token, 0U);
    EXPECT_LE(token, static_cast<uint64_t>(INT64_MAX));
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), 100U);
}

TEST(DirectoryTest, TellsTablesOfOneNameApart) {
  const auto one = MakeTable("models");
  const auto other = MakeTable("models");
  EXPECT_EQ(Table::Open(one->token()), one);
  EXPECT_EQ(Table::Open(other->token()), other);
}

TEST(DirectoryTest, MayBeUsedWhileTablesComeAndGo) {
  const auto lasting = MakeTable();
  RunTogether(4, [&](size_t) {
    for (int i = 0; i < 200; ++i) {
      auto table = MakeTable();
      const uint64_t token = table->token();
      ASSERT_EQ(Table::Open(token), table);
      ASSERT_EQ(Table::Open(lasting->token()), lasting);
      table.reset();
      ASSERT_EQ(Table::Open(token), nullptr);
    }
  });
}

TEST(DirectoryTest, RacesOpenWithTheLastOwner) {
  for (int round = 0; round < 200; ++round) {
    auto table = MakeTable();
    const uint64_t token = table->token();
    RunTogether(2, [&](size_t thread) {
      if (thread == 0) {
        table.reset();
      } else if (const auto opened = Table::Open(token)) {
        ASSERT_EQ(opened->token(), token);
        ASSERT_TRUE(opened->Insert("dense", Kind::kVariable, Variable()).ok());
      }
    });
    ASSERT_EQ(Table::Open(token), nullptr);
  }
}

}  // namespace
}  // namespace tlr::core
