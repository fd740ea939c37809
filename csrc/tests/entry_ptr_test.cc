// Pointers that share an entry: counted in place, and the entry goes with the last of them, once.
#include "core/entry_ptr.h"

#include <memory>
#include <utility>
#include <vector>

#include "core/entry.h"
#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

class Counted : public Payload {
 public:
  explicit Counted(int* released) : released_(released) {}
  ~Counted() override { ++*released_; }

 private:
  int* const released_;
};

class EntryPtrTest : public ::testing::Test {
 protected:
  EntryPtr Make() {
    return EntryPtr(new Entry("dense", 1, Kind::kVariable, Variable(), std::make_unique<Counted>(&released_)));
  }

  int released_ = 0;
};

TEST_F(EntryPtrTest, IsNullAtFirst) {
  const EntryPtr none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(none.get(), nullptr);
}

TEST_F(EntryPtrTest, OwnsANewEntryAlone) {
  EntryPtr entry = Make();
  EXPECT_TRUE(entry);
  EXPECT_EQ(entry->owners(), 1U);
  EXPECT_EQ((*entry).key, "dense");
  entry.reset();
  EXPECT_EQ(entry, nullptr);
  EXPECT_EQ(released_, 1);
}

TEST_F(EntryPtrTest, CopiesShare) {
  EntryPtr one = Make();
  {
    const EntryPtr other = one;
    EXPECT_EQ(other, one);
    EXPECT_EQ(one->owners(), 2U);
  }
  EXPECT_EQ(one->owners(), 1U);
  EXPECT_EQ(released_, 0);
}

TEST_F(EntryPtrTest, MovesHandOver) {
  EntryPtr one = Make();
  EntryPtr other = std::move(one);
  EXPECT_EQ(one, nullptr);  // NOLINT(bugprone-use-after-move): a moved-from pointer is null
  EXPECT_EQ(other->owners(), 1U);
  one = std::move(other);
  EXPECT_EQ(one->owners(), 1U);
  EXPECT_EQ(released_, 0);
}

TEST_F(EntryPtrTest, AssignmentReleasesWhatWasHeld) {
  EntryPtr one = Make();
  const EntryPtr other = Make();
  EXPECT_NE(one, other);
  one = other;
  EXPECT_EQ(released_, 1);
  EXPECT_EQ(other->owners(), 2U);
}

TEST_F(EntryPtrTest, AssignmentToItselfChangesNothing) {
  EntryPtr one = Make();
  const EntryPtr& same = one;
  one = same;
  EXPECT_EQ(one->owners(), 1U);
  EXPECT_EQ(released_, 0);
}

TEST_F(EntryPtrTest, ReleasesOnceWhereManyThreadsLetGo) {
  for (int round = 0; round < 100; ++round) {
    std::vector<EntryPtr> shares(4, Make());
    released_ = 0;
    RunTogether(shares.size(), [&](size_t thread) {
      for (int i = 0; i < 100; ++i) {
        const EntryPtr copy = shares[thread];
        ASSERT_EQ(copy->key, "dense");
      }
      shares[thread].reset();
    });
    ASSERT_EQ(released_, 1);
  }
}

}  // namespace
}  // namespace tlr::core
