// What readers cost each other: all at one key against each at its own, alone and beside a writer.
#include <string>

#include "benchmark/benchmark.h"
#include "tables.h"

namespace tlr::core {
namespace {

constexpr size_t kKeys = 1000;

void SetOptions(benchmark::internal::Benchmark* bench) { bench->ThreadRange(1, 2)->UseRealTime(); }

void BM_ReadOneHotKey(benchmark::State& state) {
  const FilledTable& filled = TableOf(kKeys);
  const std::string_view key = filled.keys[0];
  for (auto _ : state) benchmark::DoNotOptimize(filled.table->Find(key));
}
BENCHMARK(BM_ReadOneHotKey)->Apply(SetOptions);

void BM_ReadAKeyPerThread(benchmark::State& state) {
  const FilledTable& filled = TableOf(kKeys);
  const std::string_view key = filled.keys[static_cast<size_t>(state.thread_index())];
  for (auto _ : state) benchmark::DoNotOptimize(filled.table->Find(key));
}
BENCHMARK(BM_ReadAKeyPerThread)->Apply(SetOptions);

// One of each four operations of a thread erases the hot key and puts it back.
void BM_ReadOneKeyThatComesAndGoes(benchmark::State& state) {
  static const std::shared_ptr<Table> table = Table::Create({"churn", 0});
  const std::string key = KeyOf(0);
  size_t step = 0;
  for (auto _ : state) {
    if (++step % 4 != 0) {
      benchmark::DoNotOptimize(table->Find(key));
    } else {
      benchmark::DoNotOptimize(table->Erase(key));
      benchmark::DoNotOptimize(table->Insert(key, Kind::kVariable, SomeVariable()));
    }
  }
}
BENCHMARK(BM_ReadOneKeyThatComesAndGoes)->Apply(SetOptions);

}  // namespace
}  // namespace tlr::core
