// Threads that start together, and a get-or-create that blocks: for the tests that race.
#ifndef TLR_TESTS_THREADS_H_
#define TLR_TESTS_THREADS_H_

#include <cstddef>
#include <future>
#include <latch>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/table.h"

namespace tlr::core {

// Runs work(0) .. work(count - 1), each on a thread of its own, all let go at once; returns when all have ended.
template <typename Work>
void RunTogether(size_t count, const Work& work) {
  std::latch start(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&start, &work, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// GetOrReserve for a caller that has nothing better to do than to wait for its answer.
inline Outcome AskAndWait(Table* table, std::string_view key, const Wanted& wanted) {
  // Shared: the thread that answers may still be inside set_value when this one goes on.
  const auto answer = std::make_shared<std::promise<Outcome>>();
  table->GetOrReserve(key, wanted, nullptr, [answer](Outcome outcome) { answer->set_value(std::move(outcome)); });
  return answer->get_future().get();
}

}  // namespace tlr::core

#endif  // TLR_TESTS_THREADS_H_
