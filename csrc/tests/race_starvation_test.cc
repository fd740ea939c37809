// Readers of a hot key, however many, let the writers of its shard through. Where they did not, this would not end.
#include <atomic>
#include <cstdint>
#include <latch>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

constexpr size_t kReaders = 16;
constexpr int kWrites = 8;

TEST(RaceStarvationTest, WritersGetInAmongReaders) {
  const auto table = MakeTable();
  ASSERT_TRUE(table->Insert("hot", Kind::kVariable, Variable()).ok());
  std::atomic<bool> written{false};
  std::latch reading(kReaders);
  std::atomic<uint64_t> batches{0};
  RunTogether(kReaders + 1, [&](size_t thread) {
    if (thread < kReaders) {
      reading.count_down();
      while (!written) {
        for (int i = 0; i < 1000; ++i) table->Find("hot");
        ++batches;
        batches.notify_all();
      }
      return;
    }
    reading.wait();
    for (int i = 0; i < kWrites; ++i) {
      // Each write comes when the readers are at it again.
      batches.wait(batches.load());
      EXPECT_NE(table->Erase("hot").value(), nullptr);
      EXPECT_TRUE(table->Insert("hot", Kind::kVariable, Variable()).ok());
    }
    written = true;
  });
}

}  // namespace
}  // namespace tlr::core
