// A pointer that shares an Entry.
//
// The count is in the entry itself, so that a pointer is one word: a table of a million keys saves a third of its index
// against std::shared_ptr, and a lookup touches no separate control block.
//
// Thread safety: as std::shared_ptr. Different pointers to one entry may be used from any threads.
#ifndef TLR_CORE_ENTRY_PTR_H_
#define TLR_CORE_ENTRY_PTR_H_

#include <cstddef>
#include <utility>

namespace tlr::core {

// Count::Add(object) and Count::Remove(object) count; the latter deletes what nobody has any more.
template <typename T, typename Count>
class SharedByCount {
 public:
  SharedByCount() = default;
  SharedByCount(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): null is a pointer

  // Takes over one that was counted: of a new object, its first.
  explicit SharedByCount(T* object) : object_(object) {}

  SharedByCount(const SharedByCount& other) : object_(other.object_) {
    if (object_ != nullptr) Count::Add(object_);
  }
  SharedByCount(SharedByCount&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  SharedByCount& operator=(SharedByCount other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~SharedByCount() {
    if (object_ != nullptr) Count::Remove(object_);
  }

  void reset() { *this = SharedByCount(); }
  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  friend bool operator==(const SharedByCount& one, const SharedByCount& other) { return one.object_ == other.object_; }
  friend bool operator!=(const SharedByCount& one, const SharedByCount& other) { return one.object_ != other.object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace tlr::core

#endif  // TLR_CORE_ENTRY_PTR_H_
