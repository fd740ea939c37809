// Cancelling a wait against the end of the creation it waits for: each waiter is answered once, in one of both ways.
#include <array>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr int kRounds = 500;
constexpr size_t kWaiters = 6;

// A waiter whose answer comes from any thread.
struct Waiting {
  uint64_t wait = 0;
  std::atomic<int> answers{0};
  std::atomic<bool> cancelled{false};  // its answer was Cancelled
  std::optional<Reservation> reservation;
};

void Wait(Table* table, Waiting* waiting) {
  waiting->wait = table->GetOrReserve("dense", Anything(), nullptr, [waiting](Outcome outcome) {
    if (auto* error = std::get_if<Error>(&outcome)) {
      EXPECT_EQ(error->code, Code::kCancelled);
      waiting->cancelled = true;
    } else if (auto* reservation = std::get_if<Reservation>(&outcome)) {
      waiting->reservation.emplace(std::move(*reservation));
    }
    ++waiting->answers;
  });
  ASSERT_NE(waiting->wait, 0U);
}

// Runs `end` on the creator's reservation while two other threads cancel all waiters; `check` sees what came of it.
template <typename End, typename Check>
void RaceRounds(const End& end, const Check& check) {
  const auto table = MakeTable();
  std::optional<Ask> creator;
  std::array<Waiting, kWaiters>* waiters = nullptr;
  std::barrier sync(3);
  RunTogether(3, [&](size_t thread) {
    for (int round = 0; round < kRounds; ++round) {
      std::optional<std::array<Waiting, kWaiters>> storage;
      if (thread == 0) {
        waiters = &storage.emplace();
        creator.emplace(table, "dense");
        for (Waiting& waiting : *waiters) Wait(table.get(), &waiting);
      }
      sync.arrive_and_wait();
      if (thread == 0) {
        end(creator->reservation());
      } else {
        for (size_t i = 0; i < kWaiters; ++i) {
          // From both ends, so that two cancel the same one now and then.
          Waiting& waiting = (*waiters)[thread == 1 ? i : kWaiters - 1 - i];
          if (table->CancelWait("dense", waiting.wait)) {
            EXPECT_TRUE(waiting.cancelled);
          }
        }
      }
      sync.arrive_and_wait();
      if (thread == 0) {
        check(table.get(), waiters);
        for (Waiting& waiting : *waiters) waiting.reservation.reset();
        creator.reset();
        EXPECT_TRUE(table->Erase("dense").ok());
        EXPECT_EQ(table->Stats().creating, 0U);
        EXPECT_EQ(table->Stats().waiting, 0U);
      }
    }
  });
}

TEST(RaceCancelTest, WithACommitAnswersEachWaiterOnce) {
  RaceRounds([](Reservation& reservation) { EXPECT_TRUE(reservation.Commit(Kind::kVariable, Variable()).ok()); },
             [](Table* table, std::array<Waiting, kWaiters>* waiters) {
               EXPECT_NE(table->Find("dense"), nullptr);
               for (const Waiting& waiting : *waiters) {
                 EXPECT_EQ(waiting.answers, 1);
                 EXPECT_FALSE(waiting.reservation.has_value());
               }
             });
}

TEST(RaceCancelTest, WithAnAbandonLeavesOneCreatorOrNone) {
  RaceRounds([](Reservation& reservation) { reservation.Abandon(); },
             [](Table* table, std::array<Waiting, kWaiters>* waiters) {
               EXPECT_EQ(table->Find("dense"), nullptr);
               size_t creators = 0;
               size_t cancelled = 0;
               for (const Waiting& waiting : *waiters) {
                 EXPECT_EQ(waiting.answers, 1);
                 creators += waiting.reservation.has_value() ? 1 : 0;
                 cancelled += waiting.cancelled ? 1 : 0;
               }
               EXPECT_LE(creators, 1U);
               EXPECT_EQ(creators + cancelled, kWaiters);
               EXPECT_EQ(table->Stats().creating, creators);
             });
}

}  // namespace
}  // namespace tlr::core
