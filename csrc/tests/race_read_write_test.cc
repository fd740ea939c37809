// Readers among writers and erasers: what is seen is always whole, and the counts come out even.
#include <atomic>
#include <random>
#include <string>
#include <vector>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr int kKeys = 50;
constexpr int kStepsOfEach = 3000;

// An entry of key number n has n + 1 weights, each of shape [n]: so one that is torn or misplaced shows.
std::string GroupKey(int number) { return "group" + std::to_string(number % 5) + "/" + std::to_string(number); }

std::vector<Weight> WeightsOf(int number) {
  std::vector<Weight> weights;
  for (int i = 0; i <= number; ++i) weights.push_back(MakeWeight("w" + std::to_string(i), {number}));
  return weights;
}

void ExpectWhole(const Entry& entry, int number) {
  ASSERT_EQ(entry.key, GroupKey(number));
  ASSERT_EQ(entry.kind, Kind::kLayer);
  ASSERT_EQ(entry.weights.size(), static_cast<size_t>(number) + 1);
  ASSERT_EQ(entry.weights.back().name, "w" + std::to_string(number));
  ASSERT_EQ(entry.weights.back().shape.sizes().at(0), number);
}

void Read(const Table& table, std::mt19937_64* random) {
  for (int step = 0; step < kStepsOfEach; ++step) {
    const int number = static_cast<int>((*random)() % kKeys);
    if (const EntryPtr entry = table.Find(GroupKey(number))) ExpectWhole(*entry, number);
    const Result<EntryPtr> found = table.Lookup(GroupKey(number), Anything(Kind::kLayer));
    if (found.ok()) {
      ExpectWhole(*found.value(), number);
    } else {
      ASSERT_EQ(found.error().code, Code::kNotFound);
    }
    if (step % 100 == 0) {
      const std::vector<ListedEntry> listed = table.List("group1").value();
      for (const ListedEntry& entry : listed) ASSERT_EQ(entry->key.rfind("group1/", 0), 0U);
      ASSERT_LE(table.Stats().entries, static_cast<uint64_t>(kKeys));
    }
  }
}

void Create(Table* table, std::mt19937_64* random) {
  for (int step = 0; step < kStepsOfEach; ++step) {
    const int number = static_cast<int>((*random)() % kKeys);
    Outcome outcome = AskAndWait(table, GroupKey(number), Anything(Kind::kLayer));
    if (auto* reservation = std::get_if<Reservation>(&outcome)) {
      if ((*random)() % 4 == 0) continue;
      ExpectWhole(*reservation->Commit(Kind::kLayer, WeightsOf(number)).value(), number);
    } else {
      ExpectWhole(*std::get<EntryPtr>(outcome), number);
    }
  }
}

void Insert(Table* table, std::mt19937_64* random) {
  for (int step = 0; step < kStepsOfEach; ++step) {
    const int number = static_cast<int>((*random)() % kKeys);
    const Result<EntryPtr> inserted = table->Insert(GroupKey(number), Kind::kLayer, WeightsOf(number));
    ASSERT_TRUE(inserted.ok() || inserted.error().code == Code::kAlreadyExists);
  }
}

// Returns how many entries it erased.
uint64_t Erase(Table* table, std::mt19937_64* random) {
  uint64_t erased = 0;
  for (int step = 0; step < kStepsOfEach; ++step) {
    const int number = static_cast<int>((*random)() % kKeys);
    if (step % 50 == 0) {
      erased += table->ErasePrefix("group" + std::to_string(number % 5)).value().size();
    } else if (const EntryPtr entry = table->Erase(GroupKey(number)).value()) {
      ExpectWhole(*entry, number);
      ++erased;
    }
  }
  return erased;
}

TEST(RaceReadWriteTest, ShowsWholeEntriesOnly) {
  const auto table = MakeTable();
  std::atomic<uint64_t> erased{0};
  RunTogether(8, [&](size_t thread) {
    std::mt19937_64 random(thread);
    switch (thread % 4) {
      case 0:
        Read(*table, &random);
        break;
      case 1:
        Create(table.get(), &random);
        break;
      case 2:
        Insert(table.get(), &random);
        break;
      default:
        erased += Erase(table.get(), &random);
    }
  });
  const TableStats stats = table->Stats();
  EXPECT_EQ(stats.erased, erased);
  EXPECT_EQ(stats.created - stats.erased, stats.entries);
  EXPECT_EQ(stats.generation, stats.created + stats.erased);
  EXPECT_EQ(stats.creating, 0U);
  EXPECT_EQ(table->size(), stats.entries);
  EXPECT_EQ(table->List("").value().size(), stats.entries);
}

}  // namespace
}  // namespace tlr::core
