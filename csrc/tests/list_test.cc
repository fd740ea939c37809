// Listings: the subtree a prefix selects, in the byte order of the keys.
#include "fixtures.h"

namespace tlr::core {
namespace {

using Keys = std::vector<std::string>;

std::shared_ptr<Table> TableOf(const Keys& keys) {
  auto table = MakeTable();
  for (const std::string& key : keys) EXPECT_TRUE(table->Insert(key, Kind::kVariable, Variable()).ok()) << key;
  return table;
}

TEST(ListTest, IsEmptyForAnEmptyTable) { EXPECT_TRUE(MakeTable()->List("").value().empty()); }

TEST(ListTest, SortsByBytes) {
  const auto table = TableOf({"b", "\u00e9", "a/b", "a", "a-b", "Z", "a0", "b/a"});
  // '-' sorts before '/', which sorts before '0'; upper case before lower; beyond ASCII last.
  EXPECT_EQ(KeysOf(table->List("").value()), (Keys{"Z", "a", "a-b", "a/b", "a0", "b", "b/a", "\u00e9"}));
}

TEST(ListTest, SelectsBySegments) {
  const auto table = TableOf({"enc/w", "enc", "enc/l/w", "encoder/w", "dec/enc"});
  EXPECT_EQ(KeysOf(table->List("enc").value()), (Keys{"enc", "enc/l/w", "enc/w"}));
  EXPECT_EQ(KeysOf(table->List("enc/").value()), (Keys{"enc/l/w", "enc/w"}));
  EXPECT_EQ(KeysOf(table->List("enc/l").value()), (Keys{"enc/l/w"}));
  EXPECT_EQ(KeysOf(table->List("none").value()), Keys{});
}

TEST(ListTest, GivesTheEntriesThemselves) {
  const auto table = TableOf({"a"});
  EXPECT_EQ(table->List("").value().at(0), Listed(table->Find("a")));
}

TEST(ListTest, LeavesOutWhatIsBeingCreated) {
  const auto table = TableOf({"a"});
  Ask creator(table, "b");
  EXPECT_EQ(KeysOf(table->List("").value()), Keys{"a"});
}

TEST(ListTest, RefusesAMalformedPrefix) {
  EXPECT_TRUE(IsError(TableOf({})->List("a\xc0\xaf"), Code::kInvalidArgument,
                      "Prefix \"a\\xc0\\xaf\" is not valid: it must be valid UTF-8. Keys are UTF-8 of 1 to 1024 bytes, "
                      "in segments joined by '/'."));
}

}  // namespace
}  // namespace tlr::core
