// Many entries at once: all or none.
#include <atomic>
#include <memory>
#include <string>

#include "fixtures.h"
#include "threads.h"

namespace tlr::core {
namespace {

std::vector<NewEntry> Variables(const std::vector<std::string>& keys) {
  std::vector<NewEntry> entries;
  for (const std::string& key : keys) entries.push_back({key, Kind::kVariable, Variable()});
  return entries;
}

TEST(InsertAllTest, PutsInAllInOrder) {
  const auto table = MakeTable();
  const Weights weights = {MakeWeight("kernel"), MakeWeight("bias")};
  std::vector<NewEntry> entries = Variables({"b", "a"});
  entries.push_back({"c", Kind::kLayer, weights});
  const std::vector<EntryPtr> made = table->InsertAll(std::move(entries)).value();
  EXPECT_EQ(KeysOf(made), (std::vector<std::string>{"b", "a", "c"}));
  for (const EntryPtr& entry : made) EXPECT_EQ(table->Find(entry->key), entry);
  EXPECT_EQ(made[2]->weights.address(), weights.address());
  EXPECT_EQ(table->size(), 3U);
  EXPECT_EQ(table->Stats().creating, 0U);
  EXPECT_TRUE(table->InsertAll({}).value().empty());
}

TEST(InsertAllTest, PutsInNoneWhereAKeyIsTaken) {
  const auto table = MakeTable();
  const EntryPtr taken = table->Insert("b", Kind::kVariable, Variable()).value();
  EXPECT_TRUE(IsError(table->InsertAll(Variables({"a", "b", "c"})), Code::kAlreadyExists,
                      "Key \"b\" in registry \"models\" is taken by a variable. Use another key, or erase this one "
                      "first."));
  EXPECT_EQ(KeysOf(table->List("").value()), (std::vector<std::string>{"b"}));
  EXPECT_EQ(table->Find("b"), taken);
  EXPECT_EQ(table->Stats().creating, 0U);
}

TEST(InsertAllTest, PutsInNoneWhereAKeyIsBeingCreated) {
  const auto table = MakeTable();
  Ask creator(table, "b");
  EXPECT_EQ(table->InsertAll(Variables({"a", "b"})).error().code, Code::kAlreadyExists);
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(creator.reservation().Commit(Kind::kVariable, Variable()).ok());
}

TEST(InsertAllTest, PutsInNoneWhereThereIsNoRoomForAll) {
  const auto table = MakeTable("models", 2);
  EXPECT_TRUE(
      IsError(table->InsertAll(Variables({"a", "b", "c"})), Code::kResourceExhausted,
              "Key \"c\" cannot be created: registry \"models\" is full (max_entries=2). Erase entries, or open "
              "the registry with a larger max_entries."));
  EXPECT_EQ(table->size(), 0U);
  EXPECT_TRUE(table->InsertAll(Variables({"a", "b"})).ok());
}

TEST(InsertAllTest, RefusesAKeyThatComesTwice) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->InsertAll(Variables({"a", "b", "a"})), Code::kInvalidArgument,
                      "Key \"a\" comes twice among those to be inserted in registry \"models\". Give each entry a key "
                      "of its own."));
  EXPECT_EQ(table->size(), 0U);
}

TEST(InsertAllTest, RefusesMalformedKeysAndWeights) {
  const auto table = MakeTable();
  EXPECT_EQ(table->InsertAll(Variables({"a", "b/"})).error().code, Code::kInvalidArgument);
  std::vector<NewEntry> entries = Variables({"a"});
  entries.push_back({"c", Kind::kLayer, {MakeWeight("w"), MakeWeight("w")}});
  EXPECT_EQ(table->InsertAll(std::move(entries)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(table->size(), 0U);
}

TEST(InsertAllTest, PutsInCompanionsWithTheirOwnersInWhateverOrder) {
  const auto table = MakeTable();
  std::vector<NewEntry> entries = Variables({"a/optimizer/optimizer", "a/optimizer", "a"});
  entries[0].companion = entries[1].companion = true;
  const std::vector<EntryPtr> made = table->InsertAll(std::move(entries)).value();
  EXPECT_TRUE(made[0]->companion);
  EXPECT_FALSE(made[2]->companion);
  EXPECT_EQ(table->size(), 3U);
  ASSERT_TRUE(table->Erase("a").ok());
  EXPECT_EQ(table->size(), 0U);
}

TEST(InsertAllTest, RefusesACompanionWithoutItsOwner) {
  const auto table = MakeTable();
  std::vector<NewEntry> entries = Variables({"b", "a/optimizer"});
  entries[1].companion = true;
  EXPECT_EQ(table->InsertAll(std::move(entries)).error().code, Code::kFailedPrecondition);
  entries = Variables({"b", "a"});
  entries[1].companion = true;
  EXPECT_EQ(table->InsertAll(std::move(entries)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(table->size(), 0U);
  ASSERT_TRUE(table->Insert("a", Kind::kVariable, Variable()).ok());
  entries = Variables({"a/optimizer"});
  entries[0].companion = true;
  EXPECT_TRUE(table->InsertAll(std::move(entries)).value()[0]->companion);
}

// Every thread inserts the same keys, in the same or in the opposite order: one of them wins them all.
TEST(InsertAllTest, OfRacersAtMostOneWins) {
  for (int round = 0; round < 50; ++round) {
    const auto table = MakeTable();
    std::atomic<int> winners{0};
    RunTogether(4, [&](size_t thread) {
      std::vector<std::string> keys;
      for (int i = 0; i < 20; ++i) keys.push_back("k" + std::to_string(thread % 2 == 0 ? i : 19 - i));
      const auto made = table->InsertAll(Variables(keys));
      if (made.ok()) winners.fetch_add(1);
    });
    EXPECT_LE(winners.load(), 1);
    EXPECT_EQ(table->size(), winners.load() * 20U);
    EXPECT_EQ(table->Stats().creating, 0U);
    if (winners.load() == 0) {
      EXPECT_TRUE(table->InsertAll(Variables({"k0", "k19"})).ok());
    }
  }
}

}  // namespace
}  // namespace tlr::core
