// The tables alive in this process, by token: how the bindings reach a table that an op made.
//
// Thread safety: all methods may be called from any thread; one mutex, and no other lock is taken under it.
#ifndef TLR_CORE_DIRECTORY_H_
#define TLR_CORE_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <unordered_map>

namespace tlr::core {

class Table;

class Directory {
 public:
  static Directory& Global();

  // A token that no live table has; kept for its caller until Remove.
  uint64_t Reserve();

  void Add(uint64_t token, std::weak_ptr<Table> table);
  void Remove(uint64_t token);
  std::shared_ptr<Table> Find(uint64_t token);

 private:
  std::mutex mutex_;
  std::random_device random_;
  std::unordered_map<uint64_t, std::weak_ptr<Table>> tables_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_DIRECTORY_H_
