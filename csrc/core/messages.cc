#include "core/messages.h"

#include <algorithm>

#include "core/key.h"

namespace tlr::core {
namespace {

std::string In(const std::string& registry) { return " in registry " + Quote(registry); }

std::string DescribeKind(Kind kind, size_t weights) {
  if (kind == Kind::kVariable) return "a variable";
  return "a layer of " + std::to_string(weights) + (weights == 1 ? " weight" : " weights");
}

std::string DescribeValue(DataType dtype, const Shape& shape) {
  return (dtype == 0 ? "any dtype" : DataTypeName(dtype)) + " " + shape.ToString();
}

std::string DescribeWanted(const WantedWeight& weight) {
  return (weight.name.empty() ? "" : Quote(weight.name) + " ") + DescribeValue(weight.dtype, weight.shape);
}

std::string DescribeFound(const Weight& weight) {
  return (weight.name.empty() ? "" : Quote(weight.name) + " ") + DescribeValue(weight.dtype, weight.shape);
}

// The first weight in which the two differ, as "wanted .., found ..".
std::string DescribeDifference(const Wanted& wanted, const Entry& found) {
  if (wanted.kind != found.kind || wanted.weights.size() != found.weights.size()) {
    const std::string want = wanted.kind == Kind::kLayer && !wanted.check_weights
                                 ? "a layer"
                                 : DescribeKind(wanted.kind, wanted.weights.size());
    return "wanted " + want + ", found " + DescribeKind(found.kind, found.weights.size());
  }
  for (size_t i = 0; i < found.weights.size(); ++i) {
    const WantedWeight& want = wanted.weights[i];
    const Weight& have = found.weights[i];
    Wanted one;
    one.kind = found.kind;
    one.weights = {want};
    const Entry held(found.key, found.id, found.kind, {have});
    if (one.Matches(held)) continue;
    const std::string where = found.kind == Kind::kLayer ? "weight " + std::to_string(i) + ": " : "";
    return where + "wanted " + DescribeWanted(want) + ", found " + DescribeFound(have);
  }
  return "";
}

// Of a registry that evicts, why it did not.
std::string NothingToEvict(bool evicts) {
  if (!evicts) return "";
  return " Evicting entries would not make room: what is in use by a running step, held by Python or being created "
         "stays.";
}

}  // namespace

Error NotFoundError(std::string_view key, const std::string& registry, uint64_t size, const std::string& nearest) {
  std::string message = "No entry under key " + Quote(key) + In(registry) + ", which holds " + std::to_string(size) +
                        (size == 1 ? " entry" : " entries") + ".";
  if (!nearest.empty()) message += " The nearest key is " + Quote(nearest) + ".";
  return {Code::kNotFound, message + " Create it first, or use a get-or-create call."};
}

Error ConflictError(const Wanted& wanted, const Entry& found, const std::string& registry) {
  return {Code::kInvalidArgument, "Key " + Quote(found.key) + In(registry) +
                                      " holds something else: " + DescribeDifference(wanted, found) +
                                      ". Ask for what is there, use another key, or erase this one first."};
}

Error DuplicateWeightError(std::string_view key, std::string_view weight_name) {
  return {Code::kInvalidArgument, "Layer " + Quote(key) + " has two weights named " + Quote(weight_name) +
                                      ". Give each weight of a layer a name of its own."};
}

Error DuplicateKeyError(std::string_view key, const std::string& registry) {
  return {Code::kInvalidArgument, "Key " + Quote(key) + " comes twice among those to be inserted" + In(registry) +
                                      ". Give each entry a key of its own."};
}

Error AlreadyExistsError(const Entry& found, const std::string& registry) {
  return {Code::kAlreadyExists, "Key " + Quote(found.key) + In(registry) + " is taken by " +
                                    DescribeKind(found.kind, found.weights.size()) +
                                    ". Use another key, or erase this one first."};
}

Error BeingCreatedError(std::string_view key, const std::string& registry) {
  return {Code::kAlreadyExists, "Key " + Quote(key) + In(registry) +
                                    " is being created by another caller. Use a get-or-create call, which waits for "
                                    "it, or another key."};
}

Error NotACompanionKeyError(std::string_view key) {
  return {Code::kInvalidArgument, "Key " + Quote(key) + " cannot be a companion's: it must end with \"/" +
                                      std::string(kCompanionSegment) +
                                      "\" after the key of the entry that the companion belongs to."};
}

Error OwnerMissingError(std::string_view key, const std::string& registry) {
  return {Code::kFailedPrecondition, "Key " + Quote(key) + In(registry) + " cannot be made a companion: there is no " +
                                         "entry under key " + Quote(OwnerKey(key)) +
                                         " for it to belong to. Make that one first."};
}

Error FullError(std::string_view key, const std::string& registry, uint64_t max_entries, bool evicts) {
  return {Code::kResourceExhausted, "Key " + Quote(key) + " cannot be created: registry " + Quote(registry) +
                                        " is full (max_entries=" + std::to_string(max_entries) + ")." +
                                        NothingToEvict(evicts) +
                                        " Erase entries, or open the registry with a larger max_entries."};
}

Error BytesFullError(std::string_view key, const std::string& registry, BytesOfRegistry bytes, bool evicts) {
  return {Code::kResourceExhausted,
          "Key " + Quote(key) + " cannot be created: its values take " + std::to_string(bytes.wanted) +
              " bytes, and registry " + Quote(registry) + " holds " + std::to_string(bytes.held) + " of at most " +
              std::to_string(bytes.bound) + " (max_bytes=" + std::to_string(bytes.bound) + ")." +
              NothingToEvict(evicts) + " Erase entries, or open the registry with a larger max_bytes."};
}

Error SelfWaitError(std::string_view key, const std::string& registry) {
  return {Code::kFailedPrecondition, "The initializer of key " + Quote(key) + In(registry) +
                                         " asks for that same key, which exists only once the initializer has "
                                         "ended. Compute the initial value without the entry."};
}

Error CrossedWaitError(std::string_view key, std::string_view creating, const std::string& registry) {
  return {Code::kFailedPrecondition, "The initializer of key " + Quote(creating) + " asks for key " + Quote(key) +
                                         In(registry) + ", whose own initializer waits for " + Quote(creating) +
                                         ": neither could ever end. Create one of the two first."};
}

Error CancelledError(std::string_view key, const std::string& registry) {
  return {Code::kCancelled,
          "Cancelled while waiting for another caller to create key " + Quote(key) + In(registry) + "."};
}

Error LostReservationError(std::string_view key, const std::string& registry) {
  return {Code::kFailedPrecondition, "Key " + Quote(key) + In(registry) +
                                         " is not reserved by this caller: the reservation was given up or used. "
                                         "Reserve the key again."};
}

Error SpentReservationError(std::string_view key) {
  return {Code::kFailedPrecondition, "The reservation of key " + Quote(key) +
                                         " is spent: it was committed or given up before. Reserve the key again."};
}

}  // namespace tlr::core
