#include "core/dtype.h"

#include <array>
#include <cstddef>

namespace tlr::core {
namespace {

struct DataTypeInfo {
  const char* name;
  int64_t bytes;
};

// Indexed by TensorFlow's number, which starts at 1.
constexpr std::array<DataTypeInfo, 34> kDataTypes = {{
    {nullptr, 0},
    {"float32", 4},
    {"float64", 8},
    {"int32", 4},
    {"uint8", 1},
    {"int16", 2},
    {"int8", 1},
    {"string", 0},
    {"complex64", 8},
    {"int64", 8},
    {"bool", 1},
    {"qint8", 1},
    {"quint8", 1},
    {"qint32", 4},
    {"bfloat16", 2},
    {"qint16", 2},
    {"quint16", 2},
    {"uint16", 2},
    {"complex128", 16},
    {"float16", 2},
    {"resource", 0},
    {"variant", 0},
    {"uint32", 4},
    {"uint64", 8},
    {"float8_e5m2", 1},
    {"float8_e4m3fn", 1},
    {"float8_e4m3fnuz", 1},
    {"float8_e4m3b11fnuz", 1},
    {"float8_e5m2fnuz", 1},
    {"int4", 1},
    {"uint4", 1},
    {"int2", 1},
    {"uint2", 1},
    {"float4_e2m1fn", 1},
}};

bool IsKnown(DataType dtype) { return dtype > 0 && static_cast<size_t>(dtype) < kDataTypes.size(); }

}  // namespace

std::string DataTypeName(DataType dtype) {
  if (!IsKnown(dtype)) return "dtype " + std::to_string(dtype);
  return kDataTypes[static_cast<size_t>(dtype)].name;
}

int64_t DataTypeBytes(DataType dtype) { return IsKnown(dtype) ? kDataTypes[static_cast<size_t>(dtype)].bytes : 0; }

}  // namespace tlr::core
