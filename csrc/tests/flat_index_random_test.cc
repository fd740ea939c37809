// The index against std::unordered_map, by random operations from fixed seeds and with hashes good and bad.
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>

#include "core/flat_index.h"
#include "gtest/gtest.h"

namespace tlr::core {
namespace {

struct Hashing {
  const char* name;
  uint64_t (*hash)(uint64_t number);
};

void PrintTo(const Hashing& hashing, std::ostream* out) { *out << hashing.name; }

class FlatIndexRandomTest : public ::testing::TestWithParam<Hashing> {};

TEST_P(FlatIndexRandomTest, DoesAsUnorderedMapDoes) {
  constexpr int kOperations = 60000;
  constexpr uint64_t kNumbers = 300;
  std::mt19937_64 random(20240229);
  FlatIndex index;
  std::unordered_map<std::string, EntryPtr> model;
  for (int i = 0; i < kOperations; ++i) {
    // Phases in which the index mostly fills and mostly drains, so that every fill level is passed many times.
    const bool filling = (i / 1000) % 2 == 0;
    const uint64_t number = random() % kNumbers;
    const std::string key = "key/" + std::to_string(number);
    const uint64_t hash = GetParam().hash(number);
    const auto expected = model.find(key);
    const EntryPtr* found = index.Find(key, hash);
    ASSERT_EQ(found != nullptr, expected != model.end()) << key;
    if (found != nullptr) {
      ASSERT_EQ(*found, expected->second);
    }
    if (random() % 4 == (filling ? 0U : 1U) || (found == nullptr) != filling) {
      const EntryPtr removed = index.Remove(key, hash);
      ASSERT_EQ(removed, expected == model.end() ? nullptr : expected->second);
      model.erase(key);
    } else if (found == nullptr) {
      const EntryPtr entry(new Entry(key, 1, Kind::kVariable, {}));
      index.Insert(hash, entry);
      model[key] = entry;
    }
    ASSERT_EQ(index.size(), model.size());
  }
  size_t visited = 0;
  index.ForEach([&](const EntryPtr& entry) {
    ++visited;
    ASSERT_EQ(model.at(entry->key), entry);
  });
  EXPECT_EQ(visited, model.size());
}

INSTANTIATE_TEST_SUITE_P(
    Hashes, FlatIndexRandomTest,
    ::testing::Values(Hashing{"spread", [](uint64_t number) { return number * 0x9E3779B97F4A7C15U; }},
                      Hashing{"dense", [](uint64_t number) { return number; }},
                      Hashing{"seven values", [](uint64_t number) { return number % 7; }},
                      Hashing{"all the same", [](uint64_t) { return uint64_t{0xFFFFFFFFFFFFFFFF}; }},
                      Hashing{"high bits only", [](uint64_t number) { return number << 40; }},
                      Hashing{"homes at the end", [](uint64_t number) { return ~(number % 3); }}),
    [](const auto& info) {
      std::string name = info.param.name;
      for (char& c : name) c = c == ' ' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace tlr::core
