// One part of a table: its entries, the creations under way for its keys, and the lock over both (see table.h).
#ifndef TLR_CORE_SHARD_H_
#define TLR_CORE_SHARD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/flat_index.h"
#include "core/shared_mutex.h"
#include "core/table.h"
#include "core/wait_graph.h"

namespace tlr::core {

struct Waiter {
  uint64_t id;
  Wanted wanted;
  std::shared_ptr<CreationScope> asker;
  Table::Callback done;
};

// A key between its reservation and its entry. A deque, since the oldest waiter is next.
struct Creation : CreationNode {
  uint64_t ticket = 0;
  uint64_t bytes = 0;  // room taken for its values
  bool companion = false;
  uint64_t owner = 0;  // of a companion: the id of the entry it was asked for beside; 0 where that was not there
  std::deque<Waiter> waiters;
};

struct KeyHash {
  using is_transparent = void;
  size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
};

// On a cache line of its own, so that readers of different shards do not slow each other.
struct alignas(64) Shard {
  mutable SharedMutex mutex;
  FlatIndex index;
  size_t companions = 0;  // how many of the entries are
  std::unordered_map<std::string, std::unique_ptr<Creation>, KeyHash, std::equal_to<>> creations;
};

}  // namespace tlr::core

#endif  // TLR_CORE_SHARD_H_
