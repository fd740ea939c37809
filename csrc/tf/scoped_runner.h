// Runners that carry a creation scope (see core/creation_scope.h) to whatever thread they run a closure on.
#ifndef TLR_TF_SCOPED_RUNNER_H_
#define TLR_TF_SCOPED_RUNNER_H_

#include <functional>
#include <memory>
#include <utility>

#include "core/creation_scope.h"

namespace tlr {

using Closure = std::function<void()>;
using Runner = std::function<void(Closure)>;

// A runner that enters `scope` around each closure.
inline Runner ScopedRunner(Runner base, std::shared_ptr<core::CreationScope> scope) {
  return [base = std::move(base), scope = std::move(scope)](Closure closure) {
    base([scope, closure = std::move(closure)] {
      const core::EnterCreationScope enter(scope);
      closure();
    });
  };
}

}  // namespace tlr

#endif  // TLR_TF_SCOPED_RUNNER_H_
