// Entries in the order of their last use, for a table that evicts.
//
// A lookup only writes the time into its entry. So the order is what it was when an entry was last looked at here: it
// is put right for the entry that comes up as the earliest, and not for the others. An entry is named by hash and id,
// and not kept by this: one that was erased is not found any more when it comes up.
//
// Thread safety: none; the table's eviction mutex guards it.
#ifndef TLR_CORE_USE_ORDER_H_
#define TLR_CORE_USE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tlr::core {

struct Use {
  uint64_t time;
  uint64_t hash;
  uint64_t id;
};

class UseOrder {
 public:
  size_t size() const { return heap_.size(); }
  bool empty() const { return heap_.empty(); }

  void Push(Use use);

  // Takes out the earliest. REQUIRES: !empty()
  Use Pop();

  // Forgets what it has for these.
  void Replace(std::vector<Use> uses);

 private:
  std::vector<Use> heap_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_USE_ORDER_H_
