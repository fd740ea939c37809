#include "tables.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <numeric>
#include <random>

namespace tlr::core {
namespace {

std::unique_ptr<FilledTable> Fill(size_t size) {
  auto filled = std::make_unique<FilledTable>();
  filled->table = Table::Create({"benchmark", 0});
  std::vector<size_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  for (const size_t number : numbers) filled->table->Insert(KeyOf(number), Kind::kVariable, SomeVariable());

  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(size));
  const size_t bytes = KeyOf(0).size();
  filled->text.reserve(size * bytes);
  for (const size_t number : numbers) filled->text += KeyOf(number);
  filled->keys.reserve(size);
  for (size_t i = 0; i < size; ++i) filled->keys.push_back(std::string_view(filled->text).substr(i * bytes, bytes));
  return filled;
}

}  // namespace

std::string KeyOf(size_t number) {
  char text[48];
  const int length = std::snprintf(text, sizeof(text), "tenant_%07zu/dense/kernel", number);
  return {text, static_cast<size_t>(length)};
}

Weights SomeVariable() {
  static const auto* shared = [] {
    Weight weight;
    weight.dtype = 1;
    weight.shape = Shape({16});
    return new Weights({weight});
  }();
  return *shared;
}

Wanted WantSomeVariable() {
  Wanted wanted;
  wanted.weights = {{"", 1, Shape({16})}};
  return wanted;
}

const FilledTable& TableOf(size_t size) {
  static std::mutex mutex;
  static auto* tables = new std::map<size_t, std::unique_ptr<FilledTable>>;
  const std::lock_guard lock(mutex);
  auto& filled = (*tables)[size];
  if (filled == nullptr) filled = Fill(size);
  return *filled;
}

}  // namespace tlr::core
