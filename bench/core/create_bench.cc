// Creations: in a table of a lasting size, and filling one from nothing, with the memory that takes.
#include <malloc.h>

#include <string>

#include "benchmark/benchmark.h"
#include "tables.h"

namespace tlr::core {
namespace {

void Create(Table* table, std::string_view key, const Wanted& wanted) {
  table->GetOrReserve(key, wanted, nullptr, [](Outcome outcome) {
    benchmark::DoNotOptimize(std::get<Reservation>(outcome).Commit(Kind::kVariable, SomeVariable()));
  });
}

// One creation and one erasure.
void BM_CreateAndErase(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  const Wanted wanted = WantSomeVariable();
  const std::string prefix = "new/" + std::to_string(state.thread_index()) + "/";
  size_t number = 0;
  for (auto _ : state) {
    const std::string key = prefix + std::to_string(number++);
    Create(filled.table.get(), key, wanted);
    benchmark::DoNotOptimize(filled.table->Erase(key));
  }
}
BENCHMARK(BM_CreateAndErase)
    ->ArgName("keys")
    ->RangeMultiplier(100)
    ->Range(10, 1000000)
    ->ThreadRange(1, 2)
    ->UseRealTime();

// Time and bytes per entry of a table that grows to the given size.
void BM_Fill(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  const std::vector<std::string_view>& keys = TableOf(size).keys;
  const Wanted wanted = WantSomeVariable();
  size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    auto table = Table::Create({"filled", 0});
    state.ResumeTiming();
    for (const std::string_view key : keys) Create(table.get(), key, wanted);
    state.PauseTiming();
    bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    table.reset();
    state.ResumeTiming();
  }
  const auto created = static_cast<double>(size) * static_cast<double>(state.iterations());
  state.counters["per_entry"] = benchmark::Counter(created, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_entry"] = static_cast<double>(bytes) / static_cast<double>(size);
}
BENCHMARK(BM_Fill)->ArgName("keys")->RangeMultiplier(100)->Range(1000, 1000000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tlr::core
