// The key a caller most likely meant.
#include "core/nearest_key.h"

#include <algorithm>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

std::string Nearest(const std::string& key, std::initializer_list<const char*> candidates) {
  NearestKey nearest(key);
  for (const char* candidate : candidates) nearest.Consider(candidate);
  return nearest.best();
}

// The edit distance by its definition.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cells(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      size_t best = i == 0 ? j : cells[i - 1][j] + 1;
      if (j > 0) best = std::min(best, cells[i][j - 1] + 1);
      if (i > 0 && j > 0) best = std::min(best, cells[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
      cells[i][j] = best;
    }
  }
  return cells[a.size()][b.size()];
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

TEST(NearestKeyTest, DoesAsTheDefinitionDoes) {
  std::mt19937 random(17);
  const auto text = [&](size_t shortest, size_t longest) {
    std::string made(shortest + random() % (longest - shortest + 1), ' ');
    for (char& c : made) c = "ab/"[random() % 3];
    return made;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string key = text(1, 40);
    NearestKey nearest(key);
    const size_t furthest = std::min<size_t>(std::max<size_t>(key.size() / 3, 1), 8);
    std::pair<size_t, std::string> expected = {furthest + 1, ""};
    for (int i = 0; i < 10; ++i) {
      // Half of them are the key with a piece replaced, as mistyped keys are.
      std::string candidate = text(1, 40);
      if (i % 2 == 0) {
        candidate = key;
        candidate.replace(random() % key.size(), random() % 4, text(0, 5));
        if (candidate.empty()) continue;
      }
      nearest.Consider(candidate);
      const size_t distance = EditDistance(key, candidate);
      if (distance <= furthest) expected = std::min(expected, {distance, candidate});
    }
    ASSERT_EQ(nearest.best(), expected.second) << key;
  }
}

}  // namespace
}  // namespace tlr::core
