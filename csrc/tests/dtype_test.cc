// TensorFlow's data types by number: the numbers are its wire format, so they are spelled out here once more.
#include "core/dtype.h"

#include <string>

#include "gtest/gtest.h"

namespace tlr::core {
namespace {

struct Known {
  DataType dtype;
  const char* name;
  int64_t bytes;
};

void PrintTo(const Known& known, std::ostream* out) { *out << known.name; }

class KnownDataTypeTest : public ::testing::TestWithParam<Known> {};

TEST_P(KnownDataTypeTest, HasItsNameAndBytes) {
  EXPECT_EQ(DataTypeName(GetParam().dtype), GetParam().name);
  EXPECT_EQ(DataTypeBytes(GetParam().dtype), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(All, KnownDataTypeTest,
                         ::testing::Values(Known{1, "float32", 4}, Known{2, "float64", 8}, Known{3, "int32", 4},
                                           Known{4, "uint8", 1}, Known{5, "int16", 2}, Known{6, "int8", 1},
                                           Known{7, "string", 0}, Known{8, "complex64", 8}, Known{9, "int64", 8},
                                           Known{10, "bool", 1}, Known{11, "qint8", 1}, Known{12, "quint8", 1},
                                           Known{13, "qint32", 4}, Known{14, "bfloat16", 2}, Known{15, "qint16", 2},
                                           Known{16, "quint16", 2}, Known{17, "uint16", 2}, Known{18, "complex128", 16},
                                           Known{19, "float16", 2}, Known{20, "resource", 0}, Known{21, "variant", 0},
                                           Known{22, "uint32", 4}, Known{23, "uint64", 8}, Known{24, "float8_e5m2", 1},
                                           Known{25, "float8_e4m3fn", 1}, Known{26, "float8_e4m3fnuz", 1},
                                           Known{27, "float8_e4m3b11fnuz", 1}, Known{28, "float8_e5m2fnuz", 1},
                                           Known{29, "int4", 1}, Known{30, "uint4", 1}, Known{31, "int2", 1},
                                           Known{32, "uint2", 1}, Known{33, "float4_e2m1fn", 1}));

TEST(DataTypeTest, GivesTheNumberOfATypeItDoesNotKnow) {
  for (const DataType dtype : {0, -1, 34, 99, 101}) {
    EXPECT_EQ(DataTypeName(dtype), "dtype " + std::to_string(dtype));
    EXPECT_EQ(DataTypeBytes(dtype), 0);
  }
}

}  // namespace
}  // namespace tlr::core
