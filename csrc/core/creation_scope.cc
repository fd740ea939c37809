#include "core/creation_scope.h"

#include <utility>

namespace tlr::core {
namespace {

std::shared_ptr<CreationScope>& CurrentScope() {
  thread_local std::shared_ptr<CreationScope> current;
  return current;
}

}  // namespace

CreationScope::CreationScope(std::string key, std::shared_ptr<CreationScope> parent)
    : key_(std::move(key)), parent_(std::move(parent)) {}

CreationScope::~CreationScope() = default;

std::shared_ptr<CreationScope> CreationScope::Current() { return CurrentScope(); }

EnterCreationScope::EnterCreationScope(std::shared_ptr<CreationScope> scope)
    : previous_(std::exchange(CurrentScope(), std::move(scope))) {}

EnterCreationScope::~EnterCreationScope() { CurrentScope() = std::move(previous_); }

}  // namespace tlr::core
