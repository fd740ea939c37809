// What a registry holds under one key, and what a caller asks to find there.
//
// An Entry never changes once it is in a table, so whoever holds one reads it without a lock. It is shared: erasing a
// key drops the name, and those who already hold the entry keep it.
#ifndef TLR_CORE_ENTRY_H_
#define TLR_CORE_ENTRY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/dtype.h"
#include "core/export.h"
#include "core/shape.h"

namespace tlr::core {

enum class Kind : uint8_t { kVariable, kLayer };

// What stands behind a weight: for the op library, a resource handle. Core only keeps it alive.
class TLR_CORE_EXPORT Payload {
 public:
  virtual ~Payload();
};

struct Weight {
  std::string name;  // relative to the entry's key; empty for a variable
  DataType dtype = 0;
  bool trainable = true;
  Shape shape;
  std::shared_ptr<const Payload> payload;  // null where the entry's owner is the only one who can reach the value
};

// A variable has one weight with an empty name; a layer has any number of them, in order.
struct Entry {
  std::string key;
  uint64_t id = 0;  // unique in its table, never used again
  Kind kind = Kind::kVariable;
  std::vector<Weight> weights;
};

using EntryPtr = std::shared_ptr<const Entry>;

// What a caller expects under a key. A dtype of 0, a shape of unknown rank, and an empty name each match anything.
struct WantedWeight {
  std::string name;
  DataType dtype = 0;
  Shape shape;
};

struct Wanted {
  Kind kind = Kind::kVariable;
  // False where the number of weights and what they are does not matter, as for a layer that Python owns.
  bool check_weights = true;
  std::vector<WantedWeight> weights;

  bool Matches(const Entry& entry) const {
    return entry.kind == kind && (!check_weights || WeightsMatch(entry.weights));
  }

 private:
  TLR_CORE_EXPORT bool WeightsMatch(const std::vector<Weight>& found) const;
};

}  // namespace tlr::core

#endif  // TLR_CORE_ENTRY_H_
