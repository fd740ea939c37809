// Initializers and callbacks that throw: unwinding gives the reservation up, and nothing stays behind.
#include <stdexcept>
#include <string>

#include "fixtures.h"

namespace tlr::core {
namespace {

EntryPtr CreateBy(Table* table, const char* key, void (*initializer)()) {
  EntryPtr made;
  table->GetOrReserve(key, Anything(), nullptr, [&](Outcome outcome) {
    if (auto* reservation = std::get_if<Reservation>(&outcome)) {
      initializer();
      made = reservation->Commit(Kind::kVariable, Variable()).value();
    }
  });
  return made;
}

void Throw() { throw std::runtime_error("no such file"); }
void Succeed() {}

TEST(ThrowingTest, ReachesTheCallerAndFreesTheKey) {
  const auto table = MakeTable();
  EXPECT_THROW(CreateBy(table.get(), "dense", Throw), std::runtime_error);
  EXPECT_EQ(table->Find("dense"), nullptr);
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_EQ(table->Stats().abandoned, 1U);
  EXPECT_NE(CreateBy(table.get(), "dense", Succeed), nullptr);
}

TEST(ThrowingTest, GivesTheRoomBack) {
  const auto table = MakeTable("models", 1);
  EXPECT_THROW(CreateBy(table.get(), "dense", Throw), std::runtime_error);
  EXPECT_NE(CreateBy(table.get(), "conv", Succeed), nullptr);
}

TEST(ThrowingTest, PassesTheKeyToTheNextWaiter) {
  const auto table = MakeTable();
  std::optional<Ask> waiter;
  const auto create = [&] {
    table->GetOrReserve("dense", Anything(), nullptr, [&](Outcome outcome) {
      ASSERT_TRUE(std::holds_alternative<Reservation>(outcome));
      waiter.emplace(table, "dense");
      EXPECT_FALSE(waiter->answered());
      Throw();
    });
  };
  EXPECT_THROW(create(), std::runtime_error);
  ASSERT_TRUE(waiter->reserved());
  EXPECT_TRUE(waiter->reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(ThrowingTest, FromANestedInitializerFreesBothKeys) {
  const auto table = MakeTable();
  const auto create = [&] {
    table->GetOrReserve("outer", Anything(), nullptr, [&](Outcome outcome) {
      const EnterCreationScope enter(std::get<Reservation>(outcome).scope());
      table->GetOrReserve("inner", Anything(), CreationScope::Current(), [&](Outcome inner) {
        const EnterCreationScope enter_inner(std::get<Reservation>(inner).scope());
        EXPECT_EQ(table->Stats().creating, 2U);
        Throw();
      });
    });
  };
  EXPECT_THROW(create(), std::runtime_error);
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_EQ(table->Stats().abandoned, 2U);
  EXPECT_EQ(CreationScope::Current(), nullptr);
}

TEST(ThrowingTest, OnFindingTheEntryLeavesItThere) {
  const auto table = MakeTable();
  const EntryPtr entry = table->Insert("dense", Kind::kVariable, Variable()).value();
  EXPECT_THROW(table->GetOrReserve("dense", Anything(), nullptr, [](Outcome) { Throw(); }), std::runtime_error);
  EXPECT_EQ(table->Find("dense"), entry);
}

}  // namespace
}  // namespace tlr::core
