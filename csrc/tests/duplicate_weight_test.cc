// Names tell a layer's weights apart.
#include "fixtures.h"

namespace tlr::core {
namespace {

constexpr char kWords[] =
    "Layer \"dense\" has two weights named \"kernel\". Give each weight of a layer a name of its own.";

TEST(DuplicateWeightTest, IsRefusedByInsert) {
  const auto table = MakeTable();
  EXPECT_TRUE(IsError(table->Insert("dense", Kind::kLayer, {MakeWeight("kernel"), MakeWeight("kernel")}),
                      Code::kInvalidArgument, kWords));
  EXPECT_EQ(table->size(), 0U);
}

TEST(DuplicateWeightTest, IsRefusedByCommitWhichGivesTheKeyUp) {
  const auto table = MakeTable();
  Ask creator(table, "dense", Anything(Kind::kLayer));
  EXPECT_TRUE(IsError(creator.reservation().Commit(Kind::kLayer, {MakeWeight("kernel"), MakeWeight("kernel")}),
                      Code::kInvalidArgument, kWords));
  EXPECT_EQ(table->Stats().creating, 0U);
}

}  // namespace
}  // namespace tlr::core
