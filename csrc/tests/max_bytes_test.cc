// The bound on bytes: what counts, what is refused, and that what ends without an entry gives its bytes back.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fixtures.h"

namespace tlr::core {
namespace {

std::shared_ptr<Table> MakeBounded(uint64_t max_bytes, uint64_t max_entries = 0) {
  TableOptions options;
  options.name = "models";
  options.max_entries = max_entries;
  options.max_bytes = max_bytes;
  return Table::Create(options);
}

Wanted WantFloats(int64_t count) {
  Wanted wanted;
  wanted.weights = {{"", kFloat32, Shape({count})}};
  return wanted;
}

std::string FullMessage(const std::string& key, int wanted, int held, int bound) {
  return "Key \"" + key + "\" cannot be created: its values take " + std::to_string(wanted) +
         " bytes, and registry \"models\" holds " + std::to_string(held) + " of at most " + std::to_string(bound) +
         " (max_bytes=" + std::to_string(bound) + "). Erase entries, or open the registry with a larger max_bytes.";
}

TEST(ValueBytesTest, GoByDtypeAndShape) {
  EXPECT_EQ(ValueBytes(kFloat32, Shape({2, 3})), 24U);
  EXPECT_EQ(ValueBytes(kInt64, Shape(std::vector<int64_t>())), 8U);
  EXPECT_EQ(ValueBytes(kFloat32, Shape({0, 3})), 0U);
  constexpr DataType kString = 7;
  EXPECT_EQ(ValueBytes(kString, Shape({2})), 0U);
  EXPECT_EQ(ValueBytes(99, Shape({2})), 0U);
  EXPECT_EQ(ValueBytes(kFloat32, Shape({2, -1})), 0U);
  EXPECT_EQ(ValueBytes(kFloat32, Shape()), 0U);
}

TEST(ValueBytesTest, DoNotOverflow) {
  EXPECT_EQ(ValueBytes(kFloat32, Shape({INT64_MAX})), UINT64_MAX);
  EXPECT_EQ(ValueBytes(kFloat32, Shape({INT64_MAX, INT64_MAX})), UINT64_MAX);
  const Weights weights({MakeWeight("a", {INT64_MAX}), MakeWeight("b", {INT64_MAX})});
  EXPECT_EQ(weights.bytes(), UINT64_MAX);
}

TEST(MaxBytesTest, RefusesWhatGoesBeyond) {
  const auto table = MakeBounded(100);
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable({20})).ok());
  EXPECT_TRUE(IsError(table->Insert("b", Kind::kVariable, Variable({6})), Code::kResourceExhausted,
                      FullMessage("b", 24, 80, 100)));
  const Ask ask(table, "b", WantFloats(6));
  EXPECT_TRUE(IsError(ask.error(), Code::kResourceExhausted, FullMessage("b", 24, 80, 100)));
  EXPECT_EQ(table->Stats().bytes, 80U);
  ASSERT_TRUE(table->Insert("b", Kind::kVariable, Variable({5})).ok());
  EXPECT_EQ(table->Stats().bytes, 100U);
  ASSERT_TRUE(table->Insert("empty", Kind::kVariable, Variable({0})).ok());
  EXPECT_FALSE(table->Insert("c", Kind::kVariable, Variable({1})).ok());
}

TEST(MaxBytesTest, CountsAllWeightsOfALayer) {
  const auto table = MakeBounded(100);
  EXPECT_FALSE(table->Insert("a", Kind::kLayer, {MakeWeight("a", {20}), MakeWeight("b", {6})}).ok());
  ASSERT_TRUE(table->Insert("a", Kind::kLayer, {MakeWeight("a", {20}), MakeWeight("b", {5})}).ok());
  EXPECT_EQ(table->Stats().bytes, 100U);
  ASSERT_TRUE(table->Erase("a").ok());
  EXPECT_EQ(table->Stats().bytes, 0U);
}

TEST(MaxBytesTest, RefusesWhatCouldNeverFit) {
  const auto table = MakeBounded(100);
  EXPECT_EQ(table->Insert("a", Kind::kVariable, Variable({INT64_MAX})).error().code, Code::kResourceExhausted);
  ASSERT_TRUE(table->Insert("b", Kind::kVariable, Variable({25})).ok());
  EXPECT_EQ(table->Insert("a", Kind::kVariable, Variable({INT64_MAX})).error().code, Code::kResourceExhausted);
  EXPECT_EQ(table->Stats().bytes, 100U);
}

TEST(MaxBytesTest, CountsACreationUnderWay) {
  const auto table = MakeBounded(100);
  Ask creator(table, "a", WantFloats(20));
  ASSERT_TRUE(creator.reserved());
  EXPECT_EQ(table->Stats().bytes, 80U);
  const Ask refused(table, "b", WantFloats(6));
  EXPECT_TRUE(IsError(refused.error(), Code::kResourceExhausted, FullMessage("b", 24, 80, 100)));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable({20})).ok());
  EXPECT_EQ(table->Stats().bytes, 80U);
}

TEST(MaxBytesTest, GetsThemBackFromAnAbandonedCreation) {
  const auto table = MakeBounded(100);
  Ask creator(table, "a", WantFloats(20));
  Ask waiter(table, "a", WantFloats(20));
  creator.reservation().Abandon();
  EXPECT_EQ(table->Stats().bytes, 80U);  // They went with the reservation.
  waiter.reservation().Abandon();
  EXPECT_EQ(table->Stats().bytes, 0U);
}

TEST(MaxBytesTest, SettlesWhatWasNotKnownAtFirst) {
  const auto table = MakeBounded(100);
  Ask small(table, "a", Anything());
  EXPECT_EQ(table->Stats().bytes, 0U);
  ASSERT_TRUE(small.reservation().Commit(Kind::kVariable, Variable({20})).ok());
  EXPECT_EQ(table->Stats().bytes, 80U);
  Ask large(table, "b", Anything());
  EXPECT_TRUE(IsError(large.reservation().Commit(Kind::kVariable, Variable({6})), Code::kResourceExhausted,
                      FullMessage("b", 24, 80, 100)));
  EXPECT_EQ(table->Find("b"), nullptr);
  EXPECT_EQ(table->Stats().bytes, 80U);
  EXPECT_EQ(table->Stats().creating, 0U);
  // What takes less than was wanted gives the rest back.
  Ask less(table, "c", WantFloats(5));
  ASSERT_TRUE(less.reservation().Commit(Kind::kVariable, Variable({1})).ok());
  EXPECT_EQ(table->Stats().bytes, 84U);
}

TEST(MaxBytesTest, ARefusedCommitPassesTheReservationOn) {
  const auto table = MakeBounded(100);
  Ask creator(table, "a", Anything());
  Ask waiter(table, "a", Anything());
  EXPECT_FALSE(creator.reservation().Commit(Kind::kVariable, Variable({26})).ok());
  ASSERT_TRUE(waiter.reserved());
  ASSERT_TRUE(waiter.reservation().Commit(Kind::kVariable, Variable({25})).ok());
  EXPECT_EQ(table->Stats().bytes, 100U);
}

TEST(MaxBytesTest, GetsThemBackFromErasedEntries) {
  const auto table = MakeBounded(100);
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(table->Insert("a", Kind::kLayer, {MakeWeight("w", {5})}).ok());
    ASSERT_TRUE(table->Insert("a/optimizer", Kind::kLayer, {MakeWeight("w", {10})}, nullptr, true).ok());
    ASSERT_TRUE(table->Insert("b/c", Kind::kVariable, Variable({10})).ok());
    EXPECT_EQ(table->Stats().bytes, 100U);
    ASSERT_TRUE(table->Erase("a").ok());
    EXPECT_EQ(table->Stats().bytes, 40U);
    ASSERT_TRUE(table->ErasePrefix("b").ok());
    EXPECT_EQ(table->Stats().bytes, 0U);
  }
}

TEST(MaxBytesTest, HoldForManyAtOnce) {
  const auto table = MakeBounded(100);
  const auto insert = [&table](int64_t more) {
    std::vector<NewEntry> entries(2);
    entries[0].key = "a";
    entries[0].weights = Variable({20});
    entries[1].key = "b";
    entries[1].weights = Variable({more});
    return table->InsertAll(std::move(entries));
  };
  EXPECT_TRUE(IsError(insert(6), Code::kResourceExhausted, FullMessage("b", 24, 80, 100)));
  EXPECT_EQ(table->Stats().bytes, 0U);
  ASSERT_TRUE(insert(5).ok());
  EXPECT_EQ(table->Stats().bytes, 100U);
}

TEST(MaxBytesTest, BothBoundsHoldAtOnce) {
  const auto table = MakeBounded(100, 2);
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable({10})).ok());
  EXPECT_NE(table->Insert("b", Kind::kVariable, Variable({20})).error().message.find("max_bytes=100"),
            std::string::npos);
  ASSERT_TRUE(table->Insert("b", Kind::kVariable, Variable({10})).ok());
  EXPECT_NE(table->Insert("c", Kind::kVariable, Variable({1})).error().message.find("max_entries=2"),
            std::string::npos);
  ASSERT_TRUE(table->Erase("a").ok());
  ASSERT_TRUE(table->Insert("c", Kind::kVariable, Variable({15})).ok());
}

TEST(MaxBytesTest, WithoutABoundTheyAreCounted) {
  const auto table = MakeBounded(0);
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable({1000000})).ok());
  Ask creator(table, "b", WantFloats(10));
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable({10})).ok());
  EXPECT_EQ(table->Stats().bytes, 4000040U);
  ASSERT_TRUE(table->ErasePrefix("").ok());
  EXPECT_EQ(table->Stats().bytes, 0U);
}

}  // namespace
}  // namespace tlr::core
