// The ways a reservation ends.
#include "core/reservation.h"

#include <optional>
#include <string>
#include <utility>

#include "fixtures.h"

namespace tlr::core {
namespace {

constexpr char kLost[] =
    "Key \"dense\" in registry \"models\" is not reserved by this caller: the reservation was given up or used. "
    "Reserve the key again.";

TEST(ReservationTest, CarriesItsKeyScopeAndTicket) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask other(table, "conv");
  EXPECT_EQ(creator.wait(), 0U);
  EXPECT_EQ(creator.reservation().key(), "dense");
  EXPECT_EQ(creator.reservation().scope()->key(), "dense");
  EXPECT_EQ(creator.reservation().scope()->parent(), nullptr);
  EXPECT_NE(creator.reservation().ticket(), other.reservation().ticket());
}

TEST(ReservationTest, CommitMakesTheEntry) {
  const auto table = MakeTable();
  Ask creator(table, "dense", Anything(Kind::kLayer));
  const EntryPtr entry = creator.reservation().Commit(Kind::kLayer, {MakeWeight("kernel", {4})}).value();
  EXPECT_EQ(entry->key, "dense");
  EXPECT_EQ(entry->kind, Kind::kLayer);
  EXPECT_EQ(entry->weights.at(0).name, "kernel");
  EXPECT_EQ(table->Find("dense"), entry);
  EXPECT_EQ(table->Stats().creating, 0U);
}

TEST(ReservationTest, TicketBecomesTheEntrysId) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  const uint64_t ticket = creator.reservation().ticket();
  EXPECT_EQ(creator.reservation().Commit(Kind::kVariable, Variable()).value()->id, ticket);
}

TEST(ReservationTest, CommitMayMakeSomethingElseThanWasWanted) {
  // What the initializer gave decides; the creator compares it with what it asked for.
  const auto table = MakeTable();
  Ask creator(table, "dense", WantVariable(kFloat32, Shape({2})));
  EXPECT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable({3}, kInt64)).ok());
}

TEST(ReservationTest, RefusedCommitGivesTheKeyUp) {
  const auto table = MakeTable();
  Ask creator(table, "dense", Anything(Kind::kLayer));
  EXPECT_TRUE(IsError(creator.reservation().Commit(Kind::kLayer, {MakeWeight("a//b")}), Code::kInvalidArgument,
                      "Weight name of layer \"dense\", \"a//b\" is not valid: it must not hold an empty segment "
                      "('//'). Keys are UTF-8 of 1 to 1024 bytes, in segments joined by '/'."));
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_EQ(table->Stats().abandoned, 1U);
  EXPECT_EQ(table->Find("dense"), nullptr);
}

TEST(ReservationTest, AbandonFreesTheKey) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  creator.reservation().Abandon();
  EXPECT_EQ(table->Stats().creating, 0U);
  Ask next(table, "dense");
  EXPECT_TRUE(next.reserved());
}

TEST(ReservationTest, AbandonOfASpentReservationIsHarmless) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  creator.reservation().Abandon();
  Ask next(table, "dense");
  creator.reservation().Abandon();
  EXPECT_EQ(table->Stats().abandoned, 1U);
  EXPECT_TRUE(next.reservation().Commit(Kind::kVariable, Variable()).ok());
  next.reservation().Abandon();
  EXPECT_NE(table->Find("dense"), nullptr);
}

TEST(ReservationTest, CommitsOnce) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  const EntryPtr entry = creator.reservation().Commit(Kind::kVariable, Variable()).value();
  const std::string spent =
      "The reservation of key \"dense\" is spent: it was committed or given up before. Reserve the key again.";
  EXPECT_TRUE(IsError(creator.reservation().Commit(Kind::kVariable, Variable()), Code::kFailedPrecondition, spent));
  EXPECT_EQ(table->Find("dense"), entry);

  Ask other(table, "conv");
  other.reservation().Abandon();
  EXPECT_FALSE(other.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(table->Find("conv"), nullptr);
}

TEST(ReservationTest, DestructionAbandons) {
  const auto table = MakeTable();
  {
    const Ask creator(table, "dense");
    EXPECT_EQ(table->Stats().creating, 1U);
  }
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_EQ(table->Stats().abandoned, 1U);
}

TEST(ReservationTest, MovesWithoutBeingGivenUp) {
  const auto table = MakeTable();
  std::optional<Reservation> kept;
  {
    Ask creator(table, "dense");
    kept.emplace(std::move(creator.reservation()));
  }
  EXPECT_EQ(table->Stats().creating, 1U);
  EXPECT_TRUE(kept->Commit(Kind::kVariable, Variable()).ok());
}

TEST(ReservationTest, AssignmentGivesUpWhatWasHeld) {
  const auto table = MakeTable();
  Ask one(table, "dense");
  Ask other(table, "conv");
  one.reservation() = std::move(other.reservation());
  EXPECT_EQ(one.reservation().key(), "conv");
  EXPECT_EQ(table->Stats().creating, 1U);
  Ask next(table, "dense");
  EXPECT_TRUE(next.reserved());
  EXPECT_TRUE(one.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_NE(table->Find("conv"), nullptr);
}

TEST(ReservationTest, KeepsItsTableAlive) {
  auto table = MakeTable();
  const uint64_t token = table->token();
  std::optional<Reservation> kept;
  {
    Ask creator(table, "dense");
    kept.emplace(std::move(creator.reservation()));
  }
  table.reset();
  EXPECT_NE(Table::Open(token), nullptr);
  EXPECT_TRUE(kept->Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(Table::Open(token), nullptr);
}

TEST(TicketTest, CommitsWithoutTheReservation) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  const EntryPtr entry = table->Commit("dense", creator.reservation().ticket(), Kind::kVariable, Variable()).value();
  EXPECT_EQ(table->Find("dense"), entry);
  // The reservation itself is now stale: it neither commits again nor takes the entry away.
  EXPECT_TRUE(IsError(creator.reservation().Commit(Kind::kVariable, Variable()), Code::kFailedPrecondition, kLost));
  EXPECT_EQ(table->Find("dense"), entry);
}

TEST(TicketTest, OfAnAbandonedCreationIsStale) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  const uint64_t ticket = creator.reservation().ticket();
  table->Abandon("dense", ticket);
  table->Abandon("dense", ticket);
  EXPECT_EQ(table->Stats().abandoned, 1U);
  EXPECT_TRUE(IsError(table->Commit("dense", ticket, Kind::kVariable, Variable()), Code::kFailedPrecondition, kLost));
}

TEST(TicketTest, DoesNotEndTheNextCreatorsReservation) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask next(table, "dense");
  const uint64_t ticket = creator.reservation().ticket();
  creator.reservation().Abandon();
  ASSERT_TRUE(next.reserved());
  EXPECT_NE(next.reservation().ticket(), ticket);
  table->Abandon("dense", ticket);
  EXPECT_TRUE(IsError(table->Commit("dense", ticket, Kind::kVariable, Variable()), Code::kFailedPrecondition, kLost));
  EXPECT_TRUE(next.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(TicketTest, BelongsToOneKey) {
  const auto table = MakeTable();
  Ask creator(table, "conv");
  Ask other(table, "dense");
  EXPECT_TRUE(IsError(table->Commit("dense", creator.reservation().ticket(), Kind::kVariable, Variable()),
                      Code::kFailedPrecondition, kLost));
  EXPECT_EQ(table->Stats().creating, 2U);
}

}  // namespace
}  // namespace tlr::core
