// Waits that could never end are refused, and only those. A scope below is an initializer, a node a creation.
#include "core/wait_graph.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

using ScopePtr = std::shared_ptr<CreationScope>;

// A creation and the initializer that runs for it.
struct Made {
  explicit Made(const std::string& key, const ScopePtr& parent = nullptr)
      : scope(std::make_shared<CreationScope>(key, parent)) {
    node.creator = scope;
  }
  ScopePtr scope;
  CreationNode node;
};

TEST(WaitGraphTest, LetsATopLevelCallerWaitForAnything) {
  WaitGraph graph;
  const Made a("a");
  EXPECT_TRUE(graph.TryWait(nullptr, &a.node));
  EXPECT_TRUE(graph.TryWait(nullptr, &a.node));
  graph.EndWait(nullptr, &a.node);
}

TEST(WaitGraphTest, RefusesACreationThatWaitsForItself) {
  WaitGraph graph;
  const Made a("a");
  EXPECT_FALSE(graph.TryWait(a.scope.get(), &a.node));
}

TEST(WaitGraphTest, RefusesAChildThatWaitsForItsParent) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b", a.scope);
  const Made c("c", b.scope);
  EXPECT_FALSE(graph.TryWait(c.scope.get(), &a.node));
  EXPECT_FALSE(graph.TryWait(c.scope.get(), &b.node));
}

TEST(WaitGraphTest, LetsAParentWaitForItsChild) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b", a.scope);
  EXPECT_TRUE(graph.TryWait(a.scope.get(), &b.node));
  // The child still may not wait for the parent.
  EXPECT_FALSE(graph.TryWait(b.scope.get(), &a.node));
}

TEST(WaitGraphTest, LetsOneWaitForAnotherButNotBack) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b");
  EXPECT_TRUE(graph.TryWait(a.scope.get(), &b.node));
  EXPECT_FALSE(graph.TryWait(b.scope.get(), &a.node));
}

TEST(WaitGraphTest, RefusesALongCycle) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b");
  const Made c("c");
  const Made d("d");
  EXPECT_TRUE(graph.TryWait(a.scope.get(), &b.node));
  EXPECT_TRUE(graph.TryWait(b.scope.get(), &c.node));
  EXPECT_TRUE(graph.TryWait(c.scope.get(), &d.node));
  EXPECT_FALSE(graph.TryWait(d.scope.get(), &a.node));
  EXPECT_TRUE(graph.TryWait(a.scope.get(), &d.node));
}

TEST(WaitGraphTest, CountsWhatAChildWaitsForAsItsParentsWait) {
  WaitGraph graph;
  const Made a("a");
  const Made child("child", a.scope);
  const Made b("b");
  EXPECT_TRUE(graph.TryWait(child.scope.get(), &b.node));
  EXPECT_FALSE(graph.TryWait(b.scope.get(), &a.node));
  EXPECT_FALSE(graph.TryWait(b.scope.get(), &child.node));
}

TEST(WaitGraphTest, RefusesACycleThroughAnothersChild) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b");
  const Made a_child("a/child", a.scope);
  const Made b_child("b/child", b.scope);
  EXPECT_TRUE(graph.TryWait(a_child.scope.get(), &b.node));
  EXPECT_FALSE(graph.TryWait(b_child.scope.get(), &a.node));
  EXPECT_FALSE(graph.TryWait(b_child.scope.get(), &a_child.node));
}

TEST(WaitGraphTest, LetsSiblingsWaitForEachOthersCreationsOneWay) {
  WaitGraph graph;
  const Made parent("parent");
  const Made one("one", parent.scope);
  const Made other("other", parent.scope);
  EXPECT_TRUE(graph.TryWait(one.scope.get(), &other.node));
  EXPECT_FALSE(graph.TryWait(other.scope.get(), &one.node));
}

TEST(WaitGraphTest, ForgetsAWaitThatEnded) {
  WaitGraph graph;
  const Made a("a");
  const Made child("child", a.scope);
  const Made b("b");
  ASSERT_TRUE(graph.TryWait(child.scope.get(), &b.node));
  graph.EndWait(child.scope.get(), &b.node);
  EXPECT_TRUE(graph.TryWait(b.scope.get(), &a.node));
}

TEST(WaitGraphTest, CountsTwoWaitsOfOneInitializer) {
  WaitGraph graph;
  const Made a("a");
  const Made b("b");
  ASSERT_TRUE(graph.TryWait(a.scope.get(), &b.node));
  ASSERT_TRUE(graph.TryWait(a.scope.get(), &b.node));
  graph.EndWait(a.scope.get(), &b.node);
  EXPECT_FALSE(graph.TryWait(b.scope.get(), &a.node));
  graph.EndWait(a.scope.get(), &b.node);
  EXPECT_TRUE(graph.TryWait(b.scope.get(), &a.node));
}

TEST(WaitGraphTest, FollowsACreationToItsNextCreator) {
  WaitGraph graph;
  Made a("a");
  const Made b("b");
  ASSERT_TRUE(graph.TryWait(b.scope.get(), &a.node));
  const ScopePtr first = a.scope;
  graph.SetCreator(&a.node, std::make_shared<CreationScope>("a", nullptr));
  // The initializer that gave up holds nobody up any more; the new one does.
  EXPECT_TRUE(graph.TryWait(first.get(), &b.node));
  EXPECT_FALSE(graph.TryWait(a.node.creator.get(), &b.node));
}

}  // namespace
}  // namespace tlr::core
