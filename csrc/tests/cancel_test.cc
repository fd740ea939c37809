// Waits that are given up.
#include "fixtures.h"

namespace tlr::core {
namespace {

TEST(CancelTest, AnswersWithCancelled) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  EXPECT_TRUE(waiter.Cancel());
  EXPECT_TRUE(IsError(waiter.error(), Code::kCancelled,
                      "Cancelled while waiting for another caller to create key \"dense\" in registry \"models\"."));
  EXPECT_EQ(table->Stats().waiting, 0U);
  EXPECT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(CancelTest, HappensOnce) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  EXPECT_TRUE(waiter.Cancel());
  EXPECT_FALSE(waiter.Cancel());
}

TEST(CancelTest, LeavesTheOthersInTheirOrder) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask first(table, "dense");
  Ask second(table, "dense");
  Ask third(table, "dense");
  EXPECT_TRUE(second.Cancel());
  EXPECT_TRUE(first.Cancel());
  Ask fourth(table, "dense");
  creator.reservation().Abandon();
  ASSERT_TRUE(third.reserved());
  EXPECT_FALSE(fourth.answered());
  third.reservation().Abandon();
  EXPECT_TRUE(fourth.reserved());
}

TEST(CancelTest, ComesTooLateForOneWhoWasAnswered) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  const EntryPtr entry = creator.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_FALSE(waiter.Cancel());
  EXPECT_EQ(waiter.entry(), entry);
}

TEST(CancelTest, ComesTooLateForOneWhoBecameCreator) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  creator.reservation().Abandon();
  EXPECT_FALSE(waiter.Cancel());
  ASSERT_TRUE(waiter.reserved());
  EXPECT_TRUE(waiter.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(CancelTest, OfWhatNeverWaitedDoesNothing) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  EXPECT_FALSE(table->CancelWait("dense", 0));
  EXPECT_FALSE(table->CancelWait("dense", creator.reservation().ticket()));
  EXPECT_FALSE(table->CancelWait("conv", waiter.wait()));
  EXPECT_FALSE(table->CancelWait("", waiter.wait()));
  EXPECT_EQ(table->Stats().waiting, 1U);
}

TEST(CancelTest, OfACreatorPassesTheKeyOn) {
  // A creator is cancelled by giving its reservation up.
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  EXPECT_FALSE(creator.Cancel());
  creator.reservation().Abandon();
  ASSERT_TRUE(waiter.reserved());
  const EntryPtr entry = waiter.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(table->Find("dense"), entry);
}

TEST(CancelTest, MayBeDoneFromACallback) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask last(table, "dense");
  // Runs when the creator commits, after `last` was answered.
  bool cancelled = true;
  const uint64_t wait = table->GetOrReserve("dense", Anything(), nullptr,
                                            [&](Outcome) { cancelled = table->CancelWait("dense", last.wait()); });
  EXPECT_NE(wait, 0U);
  ASSERT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_FALSE(cancelled);
  EXPECT_TRUE(last.answered());
}

}  // namespace
}  // namespace tlr::core
