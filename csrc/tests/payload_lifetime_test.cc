// What stands behind an entry is released once, and never under a lock: a payload whose destructor uses the table
// would hang otherwise.
#include <functional>
#include <memory>
#include <utility>

#include "fixtures.h"

namespace tlr::core {
namespace {

// Calls back when it is released.
class Guard : public Payload {
 public:
  explicit Guard(std::function<void()> released) : released_(std::move(released)) {}
  ~Guard() override { released_(); }

 private:
  const std::function<void()> released_;
};

class PayloadTest : public ::testing::Test {
 protected:
  // A payload whose release goes through every method that takes a lock, for its own shard and for all others.
  PayloadPtr Guarded() {
    return std::make_unique<Guard>([this] {
      ++released_;
      const auto table = watch_.lock();
      if (table == nullptr) return;
      table->Find("dense");
      EXPECT_FALSE(table->Lookup("absent", Anything()).ok());
      EXPECT_TRUE(table->List("").ok());
      table->Stats();
      EXPECT_TRUE(table->Erase("scratch").ok());
      EXPECT_TRUE(table->Insert("scratch", Kind::kVariable, Variable()).ok());
      EXPECT_TRUE(table->ErasePrefix("scratch").ok());
      Ask(table, "dense");
      Ask(table, "scratch");
      table->CancelWait("dense", 1);
    });
  }

  std::shared_ptr<Table> table_ = MakeTable();
  const std::weak_ptr<Table> watch_ = table_;
  int released_ = 0;
};

TEST_F(PayloadTest, IsReleasedByErase) {
  ASSERT_TRUE(table_->Insert("dense", Kind::kVariable, Variable(), Guarded()).ok());
  EXPECT_EQ(released_, 0);
  ASSERT_TRUE(table_->Erase("dense").ok());
  EXPECT_EQ(released_, 1);
}

TEST_F(PayloadTest, IsReleasedByErasePrefix) {
  for (const char* key : {"a/1", "a/2", "b"})
    ASSERT_TRUE(table_->Insert(key, Kind::kVariable, Variable(), Guarded()).ok());
  ASSERT_TRUE(table_->ErasePrefix("a").ok());
  EXPECT_EQ(released_, 2);
}

TEST_F(PayloadTest, IsReleasedByARefusedInsert) {
  ASSERT_TRUE(table_->Insert("dense", Kind::kVariable, Variable()).ok());
  EXPECT_FALSE(table_->Insert("dense", Kind::kVariable, Variable(), Guarded()).ok());
  EXPECT_EQ(released_, 1);
  Ask creator(table_, "conv");
  EXPECT_FALSE(table_->Insert("conv", Kind::kVariable, Variable(), Guarded()).ok());
  EXPECT_EQ(released_, 2);
  EXPECT_FALSE(table_->Insert("/", Kind::kVariable, Variable(), Guarded()).ok());
  EXPECT_EQ(released_, 3);
}

TEST_F(PayloadTest, IsReleasedByARefusedCommit) {
  Ask creator(table_, "dense", Anything(Kind::kLayer));
  EXPECT_FALSE(creator.reservation().Commit(Kind::kLayer, {MakeWeight("/")}, Guarded()).ok());
  EXPECT_EQ(released_, 1);
}

TEST_F(PayloadTest, IsReleasedByAStaleCommit) {
  EXPECT_FALSE(table_->Commit("dense", 12345, Kind::kVariable, Variable(), Guarded()).ok());
  EXPECT_EQ(released_, 1);
}

TEST_F(PayloadTest, IsReleasedWithItsTable) {
  ASSERT_TRUE(table_->Insert("dense", Kind::kVariable, Variable(), Guarded()).ok());
  table_.reset();
  EXPECT_EQ(released_, 1);
}

TEST_F(PayloadTest, HeldByACallbackIsReleasedWithIt) {
  // A waiter's callback owns a payload; ending its wait drops the callback, whichever way it ends.
  const auto wait = [&] {
    return table_->GetOrReserve("dense", Anything(), nullptr,
                                [held = std::shared_ptr<const Payload>(Guarded())](Outcome) {});
  };
  Ask creator(table_, "dense");
  const uint64_t cancelled = wait();
  EXPECT_TRUE(table_->CancelWait("dense", cancelled));
  EXPECT_EQ(released_, 1);
  wait();
  creator.reservation().Abandon();
  EXPECT_EQ(released_, 2);
  Ask next(table_, "dense");
  wait();
  ASSERT_TRUE(next.reservation().Commit(Kind::kVariable, Variable()).ok());
  EXPECT_EQ(released_, 3);
}

TEST_F(PayloadTest, LivesOnWithWhoeverHoldsTheEntry) {
  EntryPtr held = table_->Insert("dense", Kind::kVariable, Variable(), Guarded()).value();
  table_.reset();
  EXPECT_EQ(released_, 0);
  EXPECT_EQ(held->key, "dense");
  held.reset();
  EXPECT_EQ(released_, 1);
}

}  // namespace
}  // namespace tlr::core
