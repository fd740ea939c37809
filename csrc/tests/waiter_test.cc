// Those who wait for a creation: answered when it ends, or made creator in their turn.
#include <string>
#include <vector>

#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(WaiterTest, FindsTheEntryWhenItIsCommitted) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask one(table, "dense");
  Ask other(table, "dense");
  EXPECT_FALSE(one.answered());
  EXPECT_NE(one.wait(), 0U);
  EXPECT_NE(one.wait(), other.wait());
  const EntryPtr entry = creator.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(one.entry(), entry);
  EXPECT_EQ(other.entry(), entry);
}

TEST(WaiterTest, HoldsUpNoOtherKey) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  Ask other(table, "conv");
  EXPECT_TRUE(other.reserved());
  EXPECT_TRUE(table->Insert("bias", Kind::kVariable, Variable()).ok());
}

TEST(WaiterTest, IsToldWhatWasMadeInsteadOfWhatItWants) {
  const auto table = MakeTable();
  Ask creator(table, "dense", WantVariable(kFloat32, Shape({2})));
  Ask agreeing(table, "dense", WantVariable(kFloat32, Shape({-1})));
  Ask differing(table, "dense", WantVariable(kInt64, Shape({2})));
  const EntryPtr entry = creator.reservation().Commit(Kind::kVariable, Variable({2})).value();
  EXPECT_EQ(agreeing.entry(), entry);
  EXPECT_TRUE(IsError(differing.error(), Code::kInvalidArgument,
                      "Key \"dense\" in registry \"models\" holds something else: wanted int64 [2], found float32 [2]. "
                      "Ask for what is there, use another key, or erase this one first."));
}

TEST(WaiterTest, BecomesCreatorInTheOrderOfAsking) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask first(table, "dense");
  Ask second(table, "dense");
  Ask third(table, "dense");

  creator.reservation().Abandon();
  ASSERT_TRUE(first.reserved());
  EXPECT_FALSE(second.answered());

  first.reservation().Abandon();
  ASSERT_TRUE(second.reserved());
  EXPECT_FALSE(third.answered());

  const EntryPtr entry = second.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(third.entry(), entry);
  EXPECT_EQ(table->Stats().abandoned, 2U);
}

TEST(WaiterTest, ThatComesLaterWaitsForThePromotedCreator) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask promoted(table, "dense");
  creator.reservation().Abandon();
  Ask late(table, "dense");
  EXPECT_FALSE(late.answered());
  const EntryPtr entry = promoted.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(late.entry(), entry);
}

TEST(WaiterTest, BecomesCreatorWhenTheCommitIsRefused) {
  const auto table = MakeTable();
  Ask creator(table, "dense", Anything(Kind::kLayer));
  Ask waiter(table, "dense", Anything(Kind::kLayer));
  EXPECT_FALSE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("")}).ok());
  EXPECT_TRUE(waiter.reserved());
}

TEST(WaiterTest, BecomesCreatorWhenTheReservationIsDropped) {
  const auto table = MakeTable();
  std::optional<Ask> creator;
  creator.emplace(table, "dense");
  Ask waiter(table, "dense");
  creator.reset();
  EXPECT_TRUE(waiter.reserved());
}

TEST(WaiterTest, MayAnswerByAskingAgain) {
  // A callback runs with no lock held, so it may use the table, even for its own key.
  const auto table = MakeTable();
  Ask creator(table, "dense");
  std::optional<Ask> again;
  EXPECT_NE(table->GetOrReserve("dense", Anything(), nullptr, [&](Outcome) { again.emplace(table, "dense"); }), 0U);
  creator.reservation().Abandon();
  ASSERT_TRUE(again.has_value());
  // The callback's own reservation ended with the callback, and went to the one that waited in it.
  EXPECT_TRUE(again->reserved());
}

TEST(WaiterTest, WhoAllFailInTurnLeaveNothingUnderWay) {
  const auto table = MakeTable();
  std::vector<int> turns;
  {
    Ask creator(table, "dense");
    for (int i = 0; i < 100; ++i) {
      table->GetOrReserve("dense", Anything(), nullptr, [&turns, i](Outcome outcome) {
        EXPECT_TRUE(std::holds_alternative<Reservation>(outcome));
        turns.push_back(i);
      });
    }
  }
  ASSERT_EQ(turns.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(turns[i], i);
  EXPECT_EQ(table->Stats().abandoned, 101U);
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_EQ(table->size(), 0U);
}

}  // namespace
}  // namespace tlr::core
