// TensorFlow's data types by their number. The numbers are TensorFlow's wire format (types.proto) and never change;
// core needs them only to compare, to print and to count bytes.
#ifndef TLR_CORE_DTYPE_H_
#define TLR_CORE_DTYPE_H_

#include <cstdint>
#include <string>

#include "core/export.h"

namespace tlr::core {

using DataType = int32_t;

// As TensorFlow's Python names it ("float32"); "dtype 99" for a number not known here.
TLR_CORE_EXPORT std::string DataTypeName(DataType dtype);

// Bytes one element takes in a tensor; 0 for types without a fixed size (string, resource, variant) and for numbers
// not known here.
TLR_CORE_EXPORT int64_t DataTypeBytes(DataType dtype);

}  // namespace tlr::core

#endif  // TLR_CORE_DTYPE_H_
