// A table that evicts, and entries that say whether they are used.
#ifndef TLR_TESTS_EVICTION_FIXTURE_H_
#define TLR_TESTS_EVICTION_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixtures.h"

namespace tlr::core {

using Texts = std::vector<std::string>;

struct Usable : Payload {
  explicit Usable(const bool* used) : used_(used) {}
  bool InUse() const override { return used_ != nullptr && *used_; }

 private:
  const bool* const used_;
};

inline PayloadPtr SomePayload(const bool* used = nullptr) { return std::make_unique<Usable>(used); }

inline std::shared_ptr<Table> MakeEvicting(uint64_t max_entries, uint64_t max_bytes = 0) {
  TableOptions options;
  options.name = "models";
  options.max_entries = max_entries;
  options.max_bytes = max_bytes;
  options.evict_least_recently_used = true;
  return Table::Create(options);
}

class EvictionTest : public ::testing::Test {
 protected:
  bool Insert(const std::string& key, int64_t floats = 1, const bool* used = nullptr, bool companion = false) {
    return table_->Insert(key, Kind::kLayer, {MakeWeight("w", {floats})}, SomePayload(used), companion).ok();
  }
  std::vector<std::string> Keys() { return KeysOf(table_->List("").value()); }

  static NewEntry Made(const std::string& key, bool companion = false) {
    return {key, Kind::kLayer, {MakeWeight("w", {1})}, SomePayload(), companion};
  }

  Result<std::vector<EntryPtr>> InsertAll(const std::vector<std::string>& keys) {
    std::vector<NewEntry> entries;
    for (const std::string& key : keys) entries.push_back(Made(key));
    return table_->InsertAll(std::move(entries));
  }

  std::shared_ptr<Table> table_ = MakeEvicting(3);
};

}  // namespace tlr::core

#endif  // TLR_TESTS_EVICTION_FIXTURE_H_
