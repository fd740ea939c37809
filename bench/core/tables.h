// Tables of a given size, and keys to look up in them, made once and shared by all benchmarks and threads.
#ifndef TLR_BENCH_TABLES_H_
#define TLR_BENCH_TABLES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/table.h"

namespace tlr::core {

// "tenant_0000123/dense/kernel": longer than a string holds in place, as real keys are.
std::string KeyOf(size_t number);

// The one weight of a float32 [16] variable: one list for all entries, as those have that one graph op makes.
Weights SomeVariable();

Wanted WantSomeVariable();

struct FilledTable {
  std::shared_ptr<Table> table;
  // The table's keys in random order. They lie one behind another in `text`, as keys in a tensor do, so that reading
  // them costs next to nothing beside the lookup.
  std::vector<std::string_view> keys;
  std::string text;
};

// The table of KeyOf(0) .. KeyOf(size - 1). Safe to call from any thread; never destroyed.
const FilledTable& TableOf(size_t size);

}  // namespace tlr::core

#endif  // TLR_BENCH_TABLES_H_
