#include "core/directory.h"

#include <utility>

#include "core/table.h"

namespace tlr::core {

Directory& Directory::Global() {
  // Never destroyed: a resource manager may outlive this library's static objects and drop its tables later.
  static auto* directory = new Directory;
  return *directory;
}

uint64_t Directory::Reserve() {
  const std::lock_guard lock(mutex_);
  std::uniform_int_distribution<uint64_t> tokens(1, INT64_MAX);  // an int64 tensor carries it
  for (;;) {
    const uint64_t token = tokens(random_);
    if (tables_.try_emplace(token).second) return token;
  }
}

void Directory::Add(uint64_t token, std::weak_ptr<Table> table) {
  const std::lock_guard lock(mutex_);
  tables_[token] = std::move(table);
}

void Directory::Remove(uint64_t token) {
  const std::lock_guard lock(mutex_);
  tables_.erase(token);
}

std::shared_ptr<Table> Directory::Find(uint64_t token) {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(token);
  return found == tables_.end() ? nullptr : found->second.lock();
}

}  // namespace tlr::core
