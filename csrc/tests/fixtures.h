// What the core's tests share: short ways to say what a test makes, wants, asks for and expects.
#ifndef TLR_TESTS_FIXTURES_H_
#define TLR_TESTS_FIXTURES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/table.h"
#include "gtest/gtest.h"

namespace tlr::core {

inline constexpr DataType kFloat32 = 1;
inline constexpr DataType kInt64 = 9;

inline std::shared_ptr<Table> MakeTable(std::string name = "models", uint64_t max_entries = 0) {
  return Table::Create({std::move(name), max_entries});
}

inline Weight MakeWeight(std::string name, std::vector<int64_t> sizes = {2}, DataType dtype = kFloat32) {
  Weight weight;
  weight.name = std::move(name);
  weight.dtype = dtype;
  weight.shape = Shape(std::move(sizes));
  return weight;
}

// The one weight of a variable.
inline std::vector<Weight> Variable(std::vector<int64_t> sizes = {2}, DataType dtype = kFloat32) {
  return {MakeWeight("", std::move(sizes), dtype)};
}

inline Wanted Anything(Kind kind = Kind::kVariable) {
  Wanted wanted;
  wanted.kind = kind;
  wanted.check_weights = false;
  return wanted;
}

inline Wanted WantVariable(DataType dtype, Shape shape) {
  Wanted wanted;
  wanted.weights = {{"", dtype, std::move(shape)}};
  return wanted;
}

inline Wanted WantLayer(std::vector<WantedWeight> weights) {
  Wanted wanted;
  wanted.kind = Kind::kLayer;
  wanted.weights = std::move(weights);
  return wanted;
}

// One call of GetOrReserve, and what became of it. Gives up waiting when it goes out of scope.
class Ask {
 public:
  Ask(std::shared_ptr<Table> table, std::string key, const Wanted& wanted = Anything(),
      std::shared_ptr<CreationScope> asker = nullptr)
      : table_(std::move(table)), key_(std::move(key)) {
    wait_ = table_->GetOrReserve(key_, wanted, std::move(asker), [this](Outcome outcome) {
      EXPECT_FALSE(outcome_.has_value()) << "answered twice";
      outcome_.emplace(std::move(outcome));
    });
  }
  ~Ask() {
    if (!answered()) Cancel();
  }
  Ask(const Ask&) = delete;
  Ask& operator=(const Ask&) = delete;

  bool Cancel() { return table_->CancelWait(key_, wait_); }

  uint64_t wait() const { return wait_; }
  bool answered() const { return outcome_.has_value(); }
  bool reserved() const { return answered() && std::holds_alternative<Reservation>(*outcome_); }

  // REQUIRES: that is how it was answered (a test fails by the exception otherwise).
  const EntryPtr& entry() const { return std::get<EntryPtr>(outcome_.value()); }
  Reservation& reservation() { return std::get<Reservation>(outcome_.value()); }
  const Error& error() const { return std::get<Error>(outcome_.value()); }

 private:
  const std::shared_ptr<Table> table_;
  const std::string key_;
  uint64_t wait_ = 0;
  std::optional<Outcome> outcome_;
};

inline ::testing::AssertionResult IsError(const Error& error, Code code, std::string_view message) {
  if (error.code == code && error.message == message) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "got code " << static_cast<int>(error.code) << ", want "
                                       << static_cast<int>(code) << "\n got: " << error.message
                                       << "\nwant: " << message;
}

template <typename T>
::testing::AssertionResult IsError(const Result<T>& result, Code code, std::string_view message) {
  if (result.ok()) return ::testing::AssertionFailure() << "got a value, want: " << message;
  return IsError(result.error(), code, message);
}

template <typename Pointer>
std::vector<std::string> KeysOf(const std::vector<Pointer>& entries) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const Pointer& entry : entries) keys.push_back(entry->key);
  return keys;
}

}  // namespace tlr::core

#endif  // TLR_TESTS_FIXTURES_H_
