// A million keys: all there, all found, listed in order, and all gone again.
#include <algorithm>
#include <string>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr size_t kUsers = 1000000;
constexpr size_t kWorkers = 4;

std::string UserKey(size_t number) { return "shard" + std::to_string(number % 10) + "/user/" + std::to_string(number); }

TEST(MillionKeysTest, AreMadeFoundListedAndErased) {
  const auto table = MakeTable("users", kUsers);
  RunTogether(kWorkers, [&](size_t thread) {
    for (size_t number = thread; number < kUsers; number += kWorkers) {
      ASSERT_TRUE(table->Insert(UserKey(number), Kind::kLayer, {}).ok());
    }
  });
  ASSERT_EQ(table->size(), kUsers);
  EXPECT_EQ(table->Insert("one more", Kind::kLayer, {}).error().code, Code::kResourceExhausted);

  RunTogether(kWorkers, [&](size_t thread) {
    for (size_t number = thread; number < kUsers; number += kWorkers) {
      const EntryPtr entry = table->Find(UserKey(number));
      ASSERT_NE(entry, nullptr);
      ASSERT_EQ(entry->key, UserKey(number));
    }
  });

  const std::vector<ListedEntry> listed = table->List("shard3").value();
  EXPECT_EQ(listed.size(), kUsers / 10);
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end(),
                             [](const ListedEntry& one, const ListedEntry& other) { return one->key < other->key; }));

  const Result<EntryPtr> missed = table->Lookup("no such user", Anything(Kind::kLayer));
  EXPECT_TRUE(IsError(missed, Code::kNotFound,
                      "No entry under key \"no such user\" in registry \"users\", which holds 1000000 entries. Create "
                      "it first, or use a get-or-create call."));

  EXPECT_EQ(table->ErasePrefix("shard3").value().size(), kUsers / 10);
  EXPECT_EQ(table->Find(UserKey(3)), nullptr);
  EXPECT_NE(table->Find(UserKey(4)), nullptr);
  RunTogether(kWorkers, [&](size_t thread) {
    for (size_t number = thread; number < kUsers; number += kWorkers) {
      ASSERT_EQ(table->Erase(UserKey(number)).value() != nullptr, number % 10 != 3);
    }
  });
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(table->List("").value().empty());
  EXPECT_EQ(table->Stats().erased, kUsers);
}

}  // namespace
}  // namespace tlr::core
