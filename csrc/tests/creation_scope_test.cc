// Which initializer runs on a thread.
#include "core/creation_scope.h"

#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

TEST(CreationScopeTest, IsNullOutsideAnyInitializer) { EXPECT_EQ(CreationScope::Current(), nullptr); }

TEST(CreationScopeTest, IsCurrentUntilTheEndOfTheBlock) {
  const auto scope = std::make_shared<CreationScope>("dense", nullptr);
  {
    const EnterCreationScope enter(scope);
    EXPECT_EQ(CreationScope::Current(), scope);
  }
  EXPECT_EQ(CreationScope::Current(), nullptr);
}

TEST(CreationScopeTest, Nests) {
  const auto outer = std::make_shared<CreationScope>("outer", nullptr);
  const auto inner = std::make_shared<CreationScope>("inner", outer);
  EXPECT_EQ(inner->parent(), outer);
  const EnterCreationScope enter(outer);
  {
    const EnterCreationScope enter_inner(inner);
    EXPECT_EQ(CreationScope::Current(), inner);
    {
      const EnterCreationScope leave_all(nullptr);
      EXPECT_EQ(CreationScope::Current(), nullptr);
    }
    EXPECT_EQ(CreationScope::Current(), inner);
  }
  EXPECT_EQ(CreationScope::Current(), outer);
}

TEST(CreationScopeTest, BelongsToOneThread) {
  const auto scope = std::make_shared<CreationScope>("dense", nullptr);
  const EnterCreationScope enter(scope);
  std::thread([] { EXPECT_EQ(CreationScope::Current(), nullptr); }).join();
  EXPECT_EQ(CreationScope::Current(), scope);
}

TEST(CreationScopeTest, MayBeEnteredOnManyThreads) {
  const auto scope = std::make_shared<CreationScope>("dense", nullptr);
  const EnterCreationScope enter(scope);
  std::thread([&] {
    const EnterCreationScope enter_there(scope);
    EXPECT_EQ(CreationScope::Current(), scope);
  }).join();
}

TEST(CreationScopeTest, LivesAsLongAsItIsEntered) {
  auto scope = std::make_shared<CreationScope>("dense", nullptr);
  const std::weak_ptr<CreationScope> watch = scope;
  {
    const EnterCreationScope enter(std::move(scope));
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace tlr::core
