// Shapes as core needs them: to store, to compare and to print. A size of -1 is a dimension not known.
#ifndef TLR_CORE_SHAPE_H_
#define TLR_CORE_SHAPE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/export.h"

namespace tlr::core {

class TLR_CORE_EXPORT Shape {
 public:
  // Of unknown rank: compatible with every shape.
  Shape() = default;
  explicit Shape(std::vector<int64_t> sizes) : known_rank_(true), sizes_(std::move(sizes)) {}

  bool known_rank() const { return known_rank_; }
  const std::vector<int64_t>& sizes() const { return sizes_; }

  bool IsFullyDefined() const;

  // Elements of a fully defined shape; -1 for any other, and for a count that 64 bits cannot hold.
  int64_t NumElements() const;

  // Whether some fully defined shape is described by both.
  bool IsCompatibleWith(const Shape& other) const;

  // As TensorFlow prints a PartialTensorShape: "[2,?]", "[]", "<unknown>".
  std::string ToString() const;

  bool operator==(const Shape& other) const { return known_rank_ == other.known_rank_ && sizes_ == other.sizes_; }

 private:
  bool known_rank_ = false;
  std::vector<int64_t> sizes_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_SHAPE_H_
