// Which creation waits for which, over all tables of the process, so that a wait that could never end is refused.
//
// A caller outside any initializer may wait for anything: nothing waits for it. A caller inside an initializer holds
// up the creation that runs it (and that creation's parents) for as long as it waits. If what it wants to wait for is
// itself held up by one of those, directly or through others, no one would ever go on. TryWait refuses that wait.
//
// Locking: one process-wide mutex, taken only while a creation is begun, handed on or waited for from inside an
// initializer. It is taken under a table's shard lock and takes no other lock itself.
#ifndef TLR_CORE_WAIT_GRAPH_H_
#define TLR_CORE_WAIT_GRAPH_H_

#include <memory>
#include <mutex>

#include "core/creation_scope.h"

namespace tlr::core {

// One key's creation, for as long as it is under way. `creator` changes hands when a creator gives up.
struct CreationNode {
  std::shared_ptr<CreationScope> creator;  // guarded by WaitGraph's mutex
};

class WaitGraph {
 public:
  static WaitGraph& Global();

  // Makes `scope` the creator of `node`.
  void SetCreator(CreationNode* node, std::shared_ptr<CreationScope> scope);

  // Records that the initializer `waiter` waits for `node`, and returns true; or returns false, recording nothing,
  // where that wait could never end. A null `waiter` (no initializer) may always wait.
  bool TryWait(CreationScope* waiter, const CreationNode* node);

  // Takes back a wait that TryWait recorded.
  void EndWait(CreationScope* waiter, const CreationNode* node);

 private:
  bool IsHeldUpBy(const CreationNode* node, const CreationScope* waiter) const;

  std::mutex mutex_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_WAIT_GRAPH_H_
