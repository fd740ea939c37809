// Eviction among lookups, creations, erasures and listings: bounds hold, and nothing that is used goes.
#include <atomic>
#include <memory>
#include <random>
#include <string>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr int kSteps = 3000;

// As a handle is: whoever has the entry can come to share it, and may let go of the entry then.
struct Handle : Payload {
  bool InUse() const override { return shared.use_count() > 1; }

  std::shared_ptr<int> shared = std::make_shared<int>(0);
};

TEST(RaceEvictionTest, LeavesWhatIsUsed) {
  constexpr uint64_t kRoom = 12;
  TableOptions options;
  options.name = "models";
  options.max_entries = kRoom;
  options.evict_least_recently_used = true;
  const auto table = Table::Create(options);
  RunTogether(8, [&](size_t thread) {
    std::mt19937_64 random(thread);
    for (int step = 0; step < kSteps; ++step) {
      const std::string key = std::to_string(random() % 30);
      if (thread == 0 && step % 10 == 0) {
        ASSERT_TRUE(table->List("").ok());  // Holds what goes meanwhile, and keeps nothing from going.
        table->Erase(key).value();
        continue;
      }
      Outcome outcome = AskAndWait(table.get(), key, Anything());
      EntryPtr entry;
      if (auto* reservation = std::get_if<Reservation>(&outcome)) {
        entry = reservation->Commit(Kind::kVariable, Variable(), std::make_unique<Handle>()).value();
      } else {
        ASSERT_TRUE(std::holds_alternative<EntryPtr>(outcome));
        entry = std::get<EntryPtr>(outcome);
      }
      // At most 8 are used, so there is always one to evict.
    }
  });
  const TableStats stats = table->Stats();
  EXPECT_EQ(stats.created - stats.erased, stats.entries);
  EXPECT_GT(stats.evicted, 0U);
  EXPECT_LE(stats.entries, kRoom);
  EXPECT_EQ(stats.creating, 0U);
  EXPECT_EQ(stats.bytes, stats.entries * 8);
}

TEST(RaceEvictionTest, LeavesWhatIsUsedWhereNothingIsErased) {
  constexpr uint64_t kRoom = 9;
  TableOptions options;
  options.name = "models";
  options.max_bytes = kRoom * 8;
  options.evict_least_recently_used = true;
  const auto table = Table::Create(options);
  RunTogether(8, [&](size_t thread) {
    std::mt19937_64 random(thread);
    for (int step = 0; step < kSteps; ++step) {
      const std::string key = std::to_string(random() % 20);
      Outcome outcome = AskAndWait(table.get(), key, Anything());
      EntryPtr entry;
      if (auto* reservation = std::get_if<Reservation>(&outcome)) {
        Result<EntryPtr> made = reservation->Commit(Kind::kVariable, Variable(), std::make_unique<Handle>());
        ASSERT_TRUE(made.ok()) << made.error().message;
        entry = made.value();
      } else {
        entry = std::get<EntryPtr>(outcome);
      }
      const std::shared_ptr<int> shared = static_cast<const Handle&>(*entry->payload).shared;
      const uint64_t id = entry->id;
      entry.reset();
      outcome = Error{};
      const EntryPtr again = table->Peek(key);
      ASSERT_NE(again, nullptr);
      ASSERT_EQ(again->id, id);
    }
  });
  EXPECT_EQ(table->Stats().bytes, table->size() * 8);
}

}  // namespace
}  // namespace tlr::core
