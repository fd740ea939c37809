// An initializer that asks for what only it can finish gets an error, not a hang; any other caller may wait.
#include <memory>
#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

std::string SameKey(const std::string& key, const std::string& registry) {
  return "The initializer of key \"" + key + "\" in registry \"" + registry +
         "\" asks for that same key, which exists only once the initializer has ended. Compute the initial value "
         "without the entry.";
}

std::string Crossed(const std::string& creating, const std::string& key, const std::string& registry) {
  return "The initializer of key \"" + creating + "\" asks for key \"" + key + "\" in registry \"" + registry +
         "\", whose own initializer waits for \"" + creating +
         "\": neither could ever end. Create one of the two first.";
}

TEST(SelfWaitTest, IsRefusedForTheKeyBeingCreated) {
  const auto table = MakeTable();
  Ask creator(table, "a");
  const Ask again(table, "a", Anything(), creator.reservation().scope());
  ASSERT_TRUE(again.answered());
  EXPECT_EQ(again.wait(), 0U);
  EXPECT_TRUE(IsError(again.error(), Code::kFailedPrecondition, SameKey("a", "models")));
  EXPECT_EQ(table->Stats().waiting, 0U);
  EXPECT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(SelfWaitTest, IsRefusedThroughANestedCreation) {
  const auto table = MakeTable();
  Ask outer(table, "a");
  Ask inner(table, "b", Anything(), outer.reservation().scope());
  ASSERT_TRUE(inner.reserved());
  EXPECT_EQ(inner.reservation().scope()->parent(), outer.reservation().scope());
  const Ask back(table, "a", Anything(), inner.reservation().scope());
  EXPECT_TRUE(IsError(back.error(), Code::kFailedPrecondition, Crossed("b", "a", "models")));
  EXPECT_TRUE(inner.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_TRUE(outer.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(SelfWaitTest, IsRefusedAcrossTwoInitializers) {
  const auto table = MakeTable();
  Ask a(table, "a");
  Ask b(table, "b");
  Ask a_waits(table, "b", Anything(), a.reservation().scope());
  EXPECT_FALSE(a_waits.answered());
  const Ask b_waits(table, "a", Anything(), b.reservation().scope());
  EXPECT_TRUE(IsError(b_waits.error(), Code::kFailedPrecondition, Crossed("b", "a", "models")));

  // The refused one goes on, and the other gets what it waited for.
  const EntryPtr made = b.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(a_waits.entry(), made);
  EXPECT_TRUE(a.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(SelfWaitTest, IsRefusedAcrossTwoTables) {
  const auto layers = MakeTable("layers");
  const auto slots = MakeTable("slots");
  Ask dense(layers, "dense");
  Ask momentum(slots, "momentum");
  Ask dense_waits(slots, "momentum", Anything(), dense.reservation().scope());
  EXPECT_FALSE(dense_waits.answered());
  const Ask momentum_waits(layers, "dense", Anything(), momentum.reservation().scope());
  EXPECT_TRUE(IsError(momentum_waits.error(), Code::kFailedPrecondition, Crossed("momentum", "dense", "layers")));
}

TEST(SelfWaitTest, TellsApartTheSameKeyOfTwoTables) {
  const auto layers = MakeTable("layers");
  const auto slots = MakeTable("slots");
  Ask layer(layers, "dense");
  Ask slot(slots, "dense");
  Ask layer_waits(slots, "dense", Anything(), layer.reservation().scope());
  EXPECT_FALSE(layer_waits.answered());
  const Ask slot_waits(layers, "dense", Anything(), slot.reservation().scope());
  EXPECT_TRUE(IsError(slot_waits.error(), Code::kFailedPrecondition, Crossed("dense", "dense", "layers")));
}

TEST(SelfWaitTest, IsNotAnInitializerThatAsksForAnotherKey) {
  const auto table = MakeTable();
  Ask creator(table, "a");
  Ask other(table, "b");
  Ask waiter(table, "b", Anything(), creator.reservation().scope());
  EXPECT_FALSE(waiter.answered());
  EXPECT_TRUE(other.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(waiter.entry(), table->Find("b"));
}

TEST(SelfWaitTest, IsNotATopLevelCaller) {
  const auto table = MakeTable();
  Ask a(table, "a");
  Ask b(table, "b");
  Ask a_waits(table, "b", Anything(), a.reservation().scope());
  Ask one(table, "a");
  Ask other(table, "b");
  EXPECT_FALSE(one.answered());
  EXPECT_FALSE(other.answered());
  const EntryPtr made_b = b.reservation().Commit(Kind::kVariable, Variable()).value();
  const EntryPtr made_a = a.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(one.entry(), made_a);
  EXPECT_EQ(other.entry(), made_b);
}

TEST(SelfWaitTest, IsNotAParallelBranchOfTheSameInitializer) {
  // Two branches of a's initializer ask for b: one creates it, the other waits for it.
  const auto table = MakeTable();
  Ask a(table, "a");
  Ask branch(table, "b", Anything(), a.reservation().scope());
  ASSERT_TRUE(branch.reserved());
  Ask other_branch(table, "b", Anything(), a.reservation().scope());
  EXPECT_FALSE(other_branch.answered());
  const EntryPtr made = branch.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(other_branch.entry(), made);
  EXPECT_TRUE(a.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(SelfWaitTest, IsNotASiblingBranchThatWaitsOneWay) {
  const auto table = MakeTable();
  Ask parent(table, "parent");
  Ask one(table, "one", Anything(), parent.reservation().scope());
  Ask other(table, "other", Anything(), parent.reservation().scope());
  Ask one_waits(table, "other", Anything(), one.reservation().scope());
  EXPECT_FALSE(one_waits.answered());
  const Ask other_waits(table, "one", Anything(), other.reservation().scope());
  EXPECT_TRUE(IsError(other_waits.error(), Code::kFailedPrecondition, Crossed("other", "one", "models")));
}

TEST(SelfWaitTest, IsForgottenWithACancelledWait) {
  const auto table = MakeTable();
  Ask a(table, "a");
  Ask b(table, "b");
  Ask a_waits(table, "b", Anything(), a.reservation().scope());
  EXPECT_TRUE(a_waits.Cancel());
  Ask b_waits(table, "a", Anything(), b.reservation().scope());
  EXPECT_FALSE(b_waits.answered());
}

TEST(SelfWaitTest, IsSeenByAWaiterThatBecameCreator) {
  // c's initializer waits for a, becomes its creator, and so may not be waited for from a's new initializer.
  const auto table = MakeTable();
  Ask a(table, "a");
  Ask c(table, "c");
  Ask c_waits(table, "a", Anything(), c.reservation().scope());
  a.reservation().Abandon();
  ASSERT_TRUE(c_waits.reserved());
  EXPECT_EQ(c_waits.reservation().scope()->parent(), c.reservation().scope());
  const Ask back(table, "c", Anything(), c_waits.reservation().scope());
  EXPECT_TRUE(IsError(back.error(), Code::kFailedPrecondition, Crossed("a", "c", "models")));
  const Ask direct(table, "a", Anything(), c_waits.reservation().scope());
  EXPECT_TRUE(IsError(direct.error(), Code::kFailedPrecondition, SameKey("a", "models")));
}

TEST(SelfWaitTest, DoesNotHinderFindingWhatExists) {
  const auto table = MakeTable();
  const EntryPtr entry = table->Insert("b", Kind::kVariable, Variable()).value();
  Ask creator(table, "a");
  const Ask ask(table, "b", Anything(), creator.reservation().scope());
  EXPECT_EQ(ask.entry(), entry);
}

}  // namespace
}  // namespace tlr::core
