// Names go at once; entries already handed out stay.
#include <memory>
#include <utility>

#include "fixtures.h"

namespace tlr::core {
namespace {

class Value : public Payload {
 public:
  explicit Value(bool* released) : released_(released) {}
  ~Value() override { *released_ = true; }

 private:
  bool* const released_;
};

TEST(EraseTest, GivesBackWhatItErased) {
  const auto table = MakeTable();
  const EntryPtr entry = table->Insert("dense", Kind::kVariable, Variable()).value();
  EXPECT_EQ(table->Erase("dense").value(), entry);
  EXPECT_EQ(table->Find("dense"), nullptr);
  EXPECT_EQ(table->size(), 0U);
}

TEST(EraseTest, OfAnAbsentKeyIsNull) {
  const auto table = MakeTable();
  EXPECT_EQ(table->Erase("dense").value(), nullptr);
  EXPECT_EQ(table->Stats().erased, 0U);
}

TEST(EraseTest, RefusesAMalformedKey) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->Erase(""), Code::kInvalidArgument,
                      "Key \"\" is not valid: it must not be empty. Keys are UTF-8 of 1 to 1024 bytes, in segments "
                      "joined by '/'."));
}

TEST(EraseTest, LeavesEntriesHandedOutValid) {
  const auto table = MakeTable();
  bool released = false;
  ASSERT_TRUE(table->Insert("dense", Kind::kVariable, Variable(), std::make_unique<Value>(&released)).ok());
  EntryPtr held = table->Find("dense");
  ASSERT_TRUE(table->Erase("dense").ok());
  EXPECT_EQ(held->key, "dense");
  EXPECT_FALSE(released);
  held.reset();
  EXPECT_TRUE(released);
}

TEST(EraseTest, FreesTheNameForAnotherEntry) {
  const auto table = MakeTable();
  const EntryPtr old = table->Insert("dense", Kind::kVariable, Variable({2})).value();
  ASSERT_TRUE(table->Erase("dense").ok());
  const EntryPtr young = table->Insert("dense", Kind::kLayer, {MakeWeight("kernel")}).value();
  EXPECT_EQ(table->Find("dense"), young);
  EXPECT_NE(old->id, young->id);
}

TEST(EraseTest, DoesNotTouchACreationUnderWay) {
  const auto table = MakeTable();
  Ask creator(table, "dense");
  Ask waiter(table, "dense");
  EXPECT_EQ(table->Erase("dense").value(), nullptr);
  EXPECT_TRUE(table->ErasePrefix("").value().empty());
  const EntryPtr entry = creator.reservation().Commit(Kind::kVariable, Variable()).value();
  EXPECT_EQ(waiter.entry(), entry);
  EXPECT_EQ(table->Find("dense"), entry);
}

TEST(EraseTest, ByPrefixErasesTheSubtreeAlone) {
  const auto table = MakeTable();
  for (const char* key : {"a", "a/x", "a/y/z", "ab", "b/a"}) {
    ASSERT_TRUE(table->Insert(key, Kind::kVariable, Variable()).ok());
  }
  EXPECT_EQ(table->ErasePrefix("a/").value().size(), 2U);
  EXPECT_EQ(KeysOf(table->List("").value()), (std::vector<std::string>{"a", "ab", "b/a"}));
  EXPECT_EQ(KeysOf(table->ErasePrefix("a").value()), (std::vector<std::string>{"a"}));
  EXPECT_EQ(KeysOf(table->List("").value()), (std::vector<std::string>{"ab", "b/a"}));
  EXPECT_EQ(table->ErasePrefix("").value().size(), 2U);
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(table->ErasePrefix("").value().empty());
}

TEST(EraseTest, ByPrefixRefusesAMalformedPrefix) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->ErasePrefix("/a"), Code::kInvalidArgument,
                      "Prefix \"/a\" is not valid: it must not start with '/'. Keys are UTF-8 of 1 to 1024 bytes, in "
                      "segments joined by '/'."));
}

}  // namespace
}  // namespace tlr::core
