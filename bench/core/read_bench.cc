// Reads, at 10 to 1,000,000 keys and one and two threads: finding, finding what is wanted, and get-or-create where
// the entry is there. Each thread walks all keys in random order.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "benchmark/benchmark.h"
#include "tables.h"

namespace tlr::core {
namespace {

// Each thread starts elsewhere, so that they do not walk in step.
class Walk {
 public:
  Walk(const FilledTable& filled, const benchmark::State& state)
      : keys_(filled.keys), at_(keys_.size() / state.threads() * state.thread_index()) {}

  std::string_view Next() {
    if (++at_ >= keys_.size()) at_ = 0;
    return keys_[at_];
  }

 private:
  const std::vector<std::string_view>& keys_;
  size_t at_;
};

void SetOptions(benchmark::internal::Benchmark* bench) {
  bench->ArgName("keys")->RangeMultiplier(100)->Range(10, 1000000)->ThreadRange(1, 2)->UseRealTime();
}

void BM_Find(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  Walk walk(filled, state);
  for (auto _ : state) benchmark::DoNotOptimize(filled.table->Find(walk.Next()));
}
BENCHMARK(BM_Find)->Apply(SetOptions);

void BM_Lookup(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  Walk walk(filled, state);
  const Wanted wanted = WantSomeVariable();
  for (auto _ : state) benchmark::DoNotOptimize(filled.table->Lookup(walk.Next(), wanted));
}
BENCHMARK(BM_Lookup)->Apply(SetOptions);

void BM_GetOrReserveHit(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  Walk walk(filled, state);
  const Wanted wanted = WantSomeVariable();
  for (auto _ : state) {
    EntryPtr got;
    filled.table->GetOrReserve(walk.Next(), wanted, nullptr,
                               [&got](Outcome outcome) { got = std::get<EntryPtr>(std::move(outcome)); });
    benchmark::DoNotOptimize(got);
  }
}
BENCHMARK(BM_GetOrReserveHit)->Apply(SetOptions);

// What memory alone costs: a map of the same keys to the same entries, without locks. At 1,000,000 keys the map's
// node, the key and the entry of most lookups are in no cache.
const std::unordered_map<std::string_view, EntryPtr>& MapOf(size_t size) {
  static std::mutex mutex;
  static auto* maps = new std::map<size_t, std::unordered_map<std::string_view, EntryPtr>>;
  const FilledTable& filled = TableOf(size);
  const std::lock_guard lock(mutex);
  auto& map = (*maps)[size];
  if (map.empty()) {
    for (const std::string_view key : filled.keys) map.emplace(key, filled.table->Find(key));
  }
  return map;
}

void BM_UnorderedMapFind(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  const auto& map = MapOf(size);
  Walk walk(TableOf(size), state);
  for (auto _ : state) {
    EntryPtr got = map.find(walk.Next())->second;
    benchmark::DoNotOptimize(got);
  }
}
BENCHMARK(BM_UnorderedMapFind)->Apply(SetOptions);

void BM_FindMiss(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  Walk walk(filled, state);
  std::string key;
  for (auto _ : state) {
    key = walk.Next();
    key.back() = '?';
    benchmark::DoNotOptimize(filled.table->Find(key));
  }
}
BENCHMARK(BM_FindMiss)->Apply(SetOptions);

// With its message, which names the nearest key.
void BM_LookupMiss(benchmark::State& state) {
  const FilledTable& filled = TableOf(static_cast<size_t>(state.range(0)));
  Walk walk(filled, state);
  const Wanted wanted = WantSomeVariable();
  std::string key;
  for (auto _ : state) {
    key = walk.Next();
    key.back() = '?';
    benchmark::DoNotOptimize(filled.table->Lookup(key, wanted));
  }
}
BENCHMARK(BM_LookupMiss)->Apply(SetOptions)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tlr::core
