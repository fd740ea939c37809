#include "core/wait_graph.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tlr::core {

WaitGraph& WaitGraph::Global() {
  // Never destroyed: threads of the runtime may still end creations while the process exits.
  static auto* graph = new WaitGraph;
  return *graph;
}

void WaitGraph::SetCreator(CreationNode* node, std::shared_ptr<CreationScope> scope) {
  // The old creator is released outside the lock: it may be the last owner of a chain of parents.
  const std::lock_guard lock(mutex_);
  node->creator.swap(scope);
}

bool WaitGraph::TryWait(CreationScope* waiter, const CreationNode* node) {
  if (waiter == nullptr) return true;
  const std::lock_guard lock(mutex_);
  if (IsHeldUpBy(node, waiter)) return false;
  for (CreationScope* scope = waiter; scope != nullptr; scope = scope->parent().get()) {
    scope->waits_for_.push_back(node);
  }
  return true;
}

void WaitGraph::EndWait(CreationScope* waiter, const CreationNode* node) {
  if (waiter == nullptr) return;
  const std::lock_guard lock(mutex_);
  for (CreationScope* scope = waiter; scope != nullptr; scope = scope->parent().get()) {
    auto& waits = scope->waits_for_;
    waits.erase(std::find(waits.begin(), waits.end(), node));
  }
}

bool WaitGraph::IsHeldUpBy(const CreationNode* node, const CreationScope* waiter) const {
  std::unordered_set<const CreationScope*> waiting;
  for (const CreationScope* scope = waiter; scope != nullptr; scope = scope->parent().get()) waiting.insert(scope);

  std::vector<const CreationNode*> open = {node};
  std::unordered_set<const CreationNode*> seen = {node};
  while (!open.empty()) {
    const CreationScope* creator = open.back()->creator.get();
    open.pop_back();
    if (waiting.contains(creator)) return true;
    for (const CreationNode* next : creator->waits_for_) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return false;
}

}  // namespace tlr::core
