// 16 threads want the same 1,000 keys: each is made exactly once, whoever fails on the way.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr size_t kThreads = 16;
constexpr size_t kTenants = 1000;

std::string TenantKey(size_t number) { return "tenant/" + std::to_string(number); }

// The numbers of all keys, in an order of the thread's own.
std::vector<size_t> ShuffledNumbers(size_t thread) {
  std::vector<size_t> numbers(kTenants);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(thread));
  return numbers;
}

// What each thread got for each key.
using Got = std::vector<std::vector<EntryPtr>>;

void ExpectOneEntryPerKey(const Table& table, const Got& got) {
  for (size_t number = 0; number < kTenants; ++number) {
    const EntryPtr entry = table.Find(TenantKey(number));
    ASSERT_NE(entry, nullptr);
    for (size_t thread = 0; thread < kThreads; ++thread) ASSERT_EQ(got[thread][number], entry);
  }
  const TableStats stats = table.Stats();
  EXPECT_EQ(stats.entries, kTenants);
  EXPECT_EQ(stats.created, kTenants);
  EXPECT_EQ(stats.creating, 0U);
  EXPECT_EQ(stats.waiting, 0U);
}

TEST(RaceCreateTest, MakesEachKeyOnce) {
  const auto table = MakeTable();
  std::vector<std::atomic<int>> initialized(kTenants);
  Got got(kThreads, std::vector<EntryPtr>(kTenants));
  RunTogether(kThreads, [&](size_t thread) {
    for (const size_t number : ShuffledNumbers(thread)) {
      Outcome outcome = AskAndWait(table.get(), TenantKey(number), WantVariable(kFloat32, Shape({2})));
      if (auto* reservation = std::get_if<Reservation>(&outcome)) {
        ++initialized[number];
        got[thread][number] = reservation->Commit(Kind::kVariable, Variable()).value();
      } else {
        got[thread][number] = std::get<EntryPtr>(outcome);
      }
    }
  });
  for (size_t number = 0; number < kTenants; ++number) ASSERT_EQ(initialized[number], 1) << number;
  ExpectOneEntryPerKey(*table, got);
  EXPECT_EQ(table->Stats().abandoned, 0U);
}

TEST(RaceCreateTest, MakesEachKeyOnceInOneOrder) {
  // All threads at the same key at the same time: waiting is the rule here.
  const auto table = MakeTable("models", kTenants);
  std::atomic<uint64_t> initialized{0};
  Got got(kThreads, std::vector<EntryPtr>(kTenants));
  RunTogether(kThreads, [&](size_t thread) {
    for (size_t number = 0; number < kTenants; ++number) {
      Outcome outcome = AskAndWait(table.get(), TenantKey(number), Anything());
      if (auto* reservation = std::get_if<Reservation>(&outcome)) {
        ++initialized;
        got[thread][number] = reservation->Commit(Kind::kVariable, Variable()).value();
      } else {
        got[thread][number] = std::get<EntryPtr>(outcome);
      }
    }
  });
  EXPECT_EQ(initialized, kTenants);
  ExpectOneEntryPerKey(*table, got);
}

// The ways in which an initializer fails.
enum class Failure { kAbandons, kDrops, kThrows, kCommitsWhatIsRefused, kCount };

// Fails with `reservation`; the caller's own failure must be the one it sees.
void Fail(Reservation reservation, Failure failure) {
  switch (failure) {
    case Failure::kAbandons:
      reservation.Abandon();
      break;
    case Failure::kThrows:
      EXPECT_THROW(
          {
            const Reservation unwound = std::move(reservation);
            throw std::runtime_error("initializer");
          },
          std::runtime_error);
      break;
    case Failure::kCommitsWhatIsRefused:
      EXPECT_EQ(reservation.Commit(Kind::kLayer, {MakeWeight("")}).error().code, Code::kInvalidArgument);
      break;
    case Failure::kDrops:
    case Failure::kCount:
      break;
  }
}

TEST(RaceCreateTest, ShowsEachCallerItsOwnFailureOnly) {
  const auto table = MakeTable();
  std::vector<std::atomic<int>> committed(kTenants);
  std::atomic<uint64_t> failures{0};
  Got got(kThreads, std::vector<EntryPtr>(kTenants));
  RunTogether(kThreads, [&](size_t thread) {
    std::mt19937_64 random(1000 + thread);
    for (const size_t number : ShuffledNumbers(thread / 4)) {
      while (got[thread][number] == nullptr) {
        Outcome outcome = AskAndWait(table.get(), TenantKey(number), Anything());
        // Never an Error: that would be somebody else's.
        ASSERT_FALSE(std::holds_alternative<Error>(outcome)) << std::get<Error>(outcome).message;
        if (auto* entry = std::get_if<EntryPtr>(&outcome)) {
          got[thread][number] = *entry;
          continue;
        }
        Reservation reservation = std::get<Reservation>(std::move(outcome));
        if (random() % 3 != 0) {
          ++failures;
          Fail(std::move(reservation), static_cast<Failure>(random() % static_cast<uint64_t>(Failure::kCount)));
        } else {
          ++committed[number];
          got[thread][number] = reservation.Commit(Kind::kVariable, Variable()).value();
        }
      }
    }
  });
  for (size_t number = 0; number < kTenants; ++number) ASSERT_EQ(committed[number], 1) << number;
  ExpectOneEntryPerKey(*table, got);
  EXPECT_GT(failures, kTenants);
  EXPECT_EQ(table->Stats().abandoned, failures);
}

}  // namespace
}  // namespace tlr::core
