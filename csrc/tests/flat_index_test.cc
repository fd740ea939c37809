// The hash index of one shard, with hashes chosen by hand.
#include "core/flat_index.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

EntryPtr Named(const std::string& key) { return EntryPtr(new Entry(key, 1, Kind::kVariable, {})); }

std::set<std::string> KeysIn(const FlatIndex& index) {
  std::set<std::string> keys;
  index.ForEach([&](const EntryPtr& entry) { EXPECT_TRUE(keys.insert(entry->key).second) << entry->key; });
  return keys;
}

TEST(FlatIndexTest, IsEmptyAtFirst) {
  FlatIndex index;
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(index.Find("a", 1), nullptr);
  EXPECT_EQ(index.Remove("a", 1), nullptr);
  EXPECT_TRUE(KeysIn(index).empty());
}

TEST(FlatIndexTest, FindsByKeyWhereHashesCollide) {
  FlatIndex index;
  for (const char* key : {"a", "b", "c"}) index.Insert(42, Named(key));
  for (const char* key : {"a", "b", "c"}) {
    ASSERT_NE(index.Find(key, 42), nullptr);
    EXPECT_EQ((*index.Find(key, 42))->key, key);
  }
  EXPECT_EQ(index.Find("d", 42), nullptr);
  EXPECT_EQ(index.Find("a", 43), nullptr);
}

TEST(FlatIndexTest, GivesBackWhatItRemoves) {
  FlatIndex index;
  const EntryPtr entry = Named("a");
  index.Insert(1, entry);
  EXPECT_EQ(index.Remove("a", 1), entry);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(index.Remove("a", 1), nullptr);
  EXPECT_EQ(entry->owners(), 1U);
}

TEST(FlatIndexTest, GrowsWithoutLosingEntries) {
  FlatIndex index;
  std::set<std::string> keys;
  for (uint64_t i = 0; i < 1000; ++i) {
    const std::string key = "k" + std::to_string(i);
    index.Insert(i * 0x9E3779B97F4A7C15U, Named(key));
    keys.insert(key);
    ASSERT_EQ(index.size(), i + 1);
  }
  EXPECT_EQ(KeysIn(index), keys);
}

// In an index of 8 slots, every order of removing five entries that share a run keeps the others within reach.
class RunTest : public ::testing::TestWithParam<std::vector<uint64_t>> {};

TEST_P(RunTest, ClosesTheHole) {
  const std::vector<uint64_t>& hashes = GetParam();
  ASSERT_EQ(hashes.size(), 5U);
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  do {
    FlatIndex index;
    for (size_t i = 0; i < hashes.size(); ++i) index.Insert(hashes[i], Named(std::to_string(i)));
    for (size_t removed = 0; removed < order.size(); ++removed) {
      ASSERT_NE(index.Remove(std::to_string(order[removed]), hashes[order[removed]]), nullptr);
      for (size_t i = 0; i < order.size(); ++i) {
        const bool there = index.Find(std::to_string(order[i]), hashes[order[i]]) != nullptr;
        ASSERT_EQ(there, i > removed);
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

INSTANTIATE_TEST_SUITE_P(Runs, RunTest,
                         ::testing::Values(std::vector<uint64_t>{3, 3, 3, 3, 3},       // one home
                                           std::vector<uint64_t>{0, 1, 2, 3, 4},       // each at home
                                           std::vector<uint64_t>{1, 1, 2, 2, 3},       // homes within the run
                                           std::vector<uint64_t>{6, 6, 6, 6, 6},       // round the end
                                           std::vector<uint64_t>{7, 0, 7, 0, 7},       // homes on both sides of the end
                                           std::vector<uint64_t>{5, 13, 6, 21, 14}));  // one slot, other hashes

}  // namespace
}  // namespace tlr::core
