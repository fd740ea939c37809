// Which initializer is running here.
//
// Every creation runs its initializer inside a CreationScope. Scopes nest: an initializer that asks the registry for
// another key is the parent of that key's creation. Whoever asks for a key names the scope it asks from, and from
// these links a table tells an initializer that asks for the key it is itself creating (an error) from a parallel
// caller that can simply wait.
//
// A thread's current scope is thread-local. A step's kernels run on many threads, so the op library hands an
// initializer's step a runner that enters the scope around each closure: TensorFlow passes the runner on to every
// nested function, loop and branch, which a step id is not.
//
// Thread safety: immutable, but for what WaitGraph guards.
#ifndef TLR_CORE_CREATION_SCOPE_H_
#define TLR_CORE_CREATION_SCOPE_H_

#include <memory>
#include <string>
#include <vector>

#include "core/export.h"

namespace tlr::core {

class WaitGraph;
struct CreationNode;

class TLR_CORE_EXPORT CreationScope {
 public:
  CreationScope(std::string key, std::shared_ptr<CreationScope> parent);
  ~CreationScope();

  CreationScope(const CreationScope&) = delete;
  CreationScope& operator=(const CreationScope&) = delete;

  const std::string& key() const { return key_; }

  // The scope this creation was asked from; null where no initializer asked for it.
  const std::shared_ptr<CreationScope>& parent() const { return parent_; }

  // The innermost scope entered on this thread; null outside any initializer.
  static std::shared_ptr<CreationScope> Current();

 private:
  friend class WaitGraph;

  const std::string key_;
  const std::shared_ptr<CreationScope> parent_;
  // The creations that this initializer, or one it caused, waits for. Guarded by WaitGraph's mutex.
  std::vector<const CreationNode*> waits_for_;
};

// Makes `scope` (which may be null) the current one on this thread until the end of the block.
class TLR_CORE_EXPORT EnterCreationScope {
 public:
  explicit EnterCreationScope(std::shared_ptr<CreationScope> scope);
  ~EnterCreationScope();

  EnterCreationScope(const EnterCreationScope&) = delete;
  EnterCreationScope& operator=(const EnterCreationScope&) = delete;

 private:
  std::shared_ptr<CreationScope> previous_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_CREATION_SCOPE_H_
