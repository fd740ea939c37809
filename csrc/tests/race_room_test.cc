// The bound on entries under contention: never too many, and never a refusal while there is room.
#include <atomic>
#include <barrier>
#include <string>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

TEST(RaceRoomTest, LetsInExactlyAsManyAsFit) {
  constexpr uint64_t kRoom = 100;
  const auto table = MakeTable("models", kRoom);
  std::atomic<uint64_t> made{0};
  RunTogether(8, [&](size_t thread) {
    for (int i = 0; i < 50; ++i) {
      const std::string key = std::to_string(thread) + "/" + std::to_string(i);
      Outcome outcome = AskAndWait(table.get(), key, Anything());
      if (auto* reservation = std::get_if<Reservation>(&outcome)) {
        ASSERT_TRUE(reservation->Commit(Kind::kVariable, Variable()).ok());
        ++made;
      } else {
        ASSERT_EQ(std::get<Error>(outcome).code, Code::kResourceExhausted);
      }
    }
  });
  EXPECT_EQ(made, kRoom);
  EXPECT_EQ(table->size(), kRoom);
}

TEST(RaceRoomTest, NeverHoldsMoreThanFit) {
  constexpr uint64_t kRoom = 5;
  const auto table = MakeTable("models", kRoom);
  std::atomic<uint64_t> held{0};
  RunTogether(8, [&](size_t thread) {
    const std::string key = std::to_string(thread);
    for (int i = 0; i < 2000; ++i) {
      if (!table->Insert(key, Kind::kVariable, Variable()).ok()) continue;
      ASSERT_LE(++held, kRoom);
      --held;
      ASSERT_NE(table->Erase(key).value(), nullptr);
    }
  });
  EXPECT_EQ(table->size(), 0U);
  for (uint64_t i = 0; i < kRoom; ++i) {
    EXPECT_TRUE(table->Insert(std::to_string(i), Kind::kVariable, Variable()).ok());
  }
}

TEST(RaceRoomTest, IsNotTakenByOneWhoIsRefused) {
  // One room, taken by x. One thread frees it and takes it for y, while others try z and are refused, or get in first:
  // whoever loses, somebody must get it.
  const auto table = MakeTable("models", 1);
  std::barrier sync(3);
  RunTogether(3, [&](size_t thread) {
    for (int round = 0; round < 5000; ++round) {
      if (thread == 0) {
        EXPECT_TRUE(table->Insert("x", Kind::kVariable, Variable()).ok());
      }
      sync.arrive_and_wait();
      if (thread == 0) {
        EXPECT_NE(table->Erase("x").value(), nullptr);
        table->Insert("y", Kind::kVariable, Variable());
      } else {
        table->Insert("z/" + std::to_string(thread), Kind::kVariable, Variable());
      }
      sync.arrive_and_wait();
      if (thread == 0) {
        EXPECT_EQ(table->ErasePrefix("").value().size(), 1U);
      }
    }
  });
}

}  // namespace
}  // namespace tlr::core
