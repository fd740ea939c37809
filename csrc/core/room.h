// What a table holds against its bounds: entries, and the bytes of their values. Creations under way count.
//
// Room is taken whole or not at all, and never, not even for a moment, where it is not there: another caller would be
// refused for it.
//
// Thread safety: all methods may be called from any thread. The mutex is the innermost lock: it is taken under a
// shard's, and nothing is taken under it.
#ifndef TLR_CORE_ROOM_H_
#define TLR_CORE_ROOM_H_

#include <atomic>
#include <cstdint>
#include <mutex>

namespace tlr::core {

struct Held {
  uint64_t entries = 0;
  uint64_t bytes = 0;

  // One entry more, of so many bytes. What 64 bits do not hold is more than any bound.
  void Add(uint64_t more) {
    ++entries;
    if (__builtin_add_overflow(bytes, more, &bytes)) bytes = UINT64_MAX;
  }
};

class Room {
 public:
  enum class Found { kRoom, kNoEntry, kNoBytes };

  // 0 stands for no bound.
  Room(uint64_t max_entries, uint64_t max_bytes) : max_entries_(max_entries), max_bytes_(max_bytes) {}

  // Takes room for one more entry of so many bytes.
  Found Take(uint64_t bytes) {
    if (max_bytes_ == 0) {
      uint64_t taken = entries_.load(std::memory_order_relaxed);
      do {
        if (max_entries_ != 0 && taken >= max_entries_) return Found::kNoEntry;
      } while (!entries_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
      bytes_.fetch_add(bytes, std::memory_order_relaxed);
      return Found::kRoom;
    }
    // Two bounds are taken together: only who holds this takes, others give at most.
    const std::lock_guard lock(mutex_);
    const Found found = Look({1, bytes});
    if (found != Found::kRoom) return found;
    entries_.fetch_add(1, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    return Found::kRoom;
  }

  // Of an entry that has its room, changes the bytes; false, and nothing is changed, where more are not there.
  bool Resize(uint64_t from, uint64_t to) {
    if (to <= from) {
      bytes_.fetch_sub(from - to, std::memory_order_relaxed);
      return true;
    }
    if (max_bytes_ == 0) {
      bytes_.fetch_add(to - from, std::memory_order_relaxed);
      return true;
    }
    const std::lock_guard lock(mutex_);
    if (Look({0, to - from}) != Found::kRoom) return false;
    bytes_.fetch_add(to - from, std::memory_order_relaxed);
    return true;
  }

  void Give(uint64_t entries, uint64_t bytes) {
    entries_.fetch_sub(entries, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  // Whether there is room now for so many more of each, or would be without what is `freed`.
  Found Look(Held more, Held freed = {}) const {
    const uint64_t entries = Without(entries_.load(std::memory_order_relaxed), freed.entries);
    if (max_entries_ != 0 && entries + more.entries > max_entries_) return Found::kNoEntry;
    if (max_bytes_ == 0) return Found::kRoom;
    const uint64_t held = Without(bytes_.load(std::memory_order_relaxed), freed.bytes);
    return more.bytes > max_bytes_ || held > max_bytes_ - more.bytes ? Found::kNoBytes : Found::kRoom;
  }

  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool bounds_bytes() const { return max_bytes_ != 0; }

 private:
  static uint64_t Without(uint64_t held, uint64_t freed) { return held > freed ? held - freed : 0; }

  const uint64_t max_entries_;
  const uint64_t max_bytes_;
  std::mutex mutex_;
  std::atomic<uint64_t> entries_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace tlr::core

#endif  // TLR_CORE_ROOM_H_
