// The key a caller most likely meant.
#include "core/nearest_key.h"

#include <initializer_list>
#include <string>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

std::string Nearest(const std::string& key, std::initializer_list<const char*> candidates) {
  NearestKey nearest(key);
  for (const char* candidate : candidates) nearest.Consider(candidate);
  return nearest.best();
}

TEST(NearestKeyTest, FindsAKeyWithOneEdit) {
  EXPECT_EQ(Nearest("dense/kernel", {"dense/bias", "dense/kernal", "conv/kernel"}), "dense/kernal");
  EXPECT_EQ(Nearest("dense/kernel", {"dense/kernels"}), "dense/kernels");
  EXPECT_EQ(Nearest("dense/kernel", {"dense/kerel"}), "dense/kerel");
}

TEST(NearestKeyTest, PrefersTheSmallestDistance) {
  EXPECT_EQ(Nearest("dense_1/kernel", {"dense_12/kernels", "dense_2/kernel", "dense/kernel2"}), "dense_2/kernel");
  EXPECT_EQ(Nearest("dense_1/kernel", {"dense_2/kernel", "dense_12/kernels"}), "dense_2/kernel");
}

TEST(NearestKeyTest, TakesTheFirstInByteOrderAmongEquals) {
  EXPECT_EQ(Nearest("tenant", {"tenanz", "tenana", "tenanm"}), "tenana");
  EXPECT_EQ(Nearest("tenant", {"tenana", "tenanm", "tenanz"}), "tenana");
}

TEST(NearestKeyTest, IsEmptyWithoutCandidates) { EXPECT_EQ(Nearest("dense", {}), ""); }

TEST(NearestKeyTest, AllowsAThirdOfTheKeyToDiffer) {
  EXPECT_EQ(Nearest("abcdef", {"abcdXY"}), "abcdXY");
  EXPECT_EQ(Nearest("abcdef", {"abcXYZ"}), "");
}

TEST(NearestKeyTest, AllowsOneEditOfAShortKey) {
  EXPECT_EQ(Nearest("a", {"b"}), "b");
  EXPECT_EQ(Nearest("ab", {"cd"}), "");
}

TEST(NearestKeyTest, AllowsEightEditsAtMost) {
  const std::string key(60, 'k');
  EXPECT_EQ(Nearest(key, {(key + "12345678").c_str()}), key + "12345678");
  EXPECT_EQ(Nearest(key, {(key + "123456789").c_str()}), "");
  EXPECT_EQ(Nearest(key, {(std::string(8, 'x') + key.substr(8)).c_str()}), std::string(8, 'x') + key.substr(8));
  EXPECT_EQ(Nearest(key, {(std::string(9, 'x') + key.substr(9)).c_str()}), "");
}

TEST(NearestKeyTest, CountsEditsInTheMiddleAndAtBothEnds) {
  EXPECT_EQ(Nearest("encoder/layer_1/kernel", {"Encoder/layer_10/kerne"}), "Encoder/layer_10/kerne");
  EXPECT_EQ(Nearest("aaaaaaaaa", {"aaaa"}), "");
  EXPECT_EQ(Nearest("aaaaaaaaa", {"aaaaaa"}), "aaaaaa");
}

TEST(NearestKeyTest, ComparesTheLongestKeys) {
  const std::string key(1024, 'k');
  std::string other = key;
  other[3] = other[500] = other[1020] = 'x';
  EXPECT_EQ(Nearest(key, {other.c_str()}), other);
}

}  // namespace
}  // namespace tlr::core
