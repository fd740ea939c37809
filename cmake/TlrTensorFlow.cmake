# Finds the TensorFlow packages to build against by reading their files, never by
# importing them: inside pip's isolated build TensorFlow cannot be imported, but
# its folder can still be found.
#
# Sets TLR_TENSORFLOWS, a list of "<folder>|<major.minor>|<version>".

find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)

string(REPLACE ";" ":" tlr_tensorflow_dirs "${TLR_TENSORFLOW_DIRS}")
execute_process(
  COMMAND "${Python_EXECUTABLE}" -B
          "${CMAKE_CURRENT_SOURCE_DIR}/tools/find_tensorflow.py" ${tlr_tensorflow_dirs}
  OUTPUT_VARIABLE tlr_found
  ERROR_VARIABLE tlr_error
  RESULT_VARIABLE tlr_result
  OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT tlr_result EQUAL 0)
  # Indented lines are printed by CMake as they are, not re-flowed.
  string(REPLACE "\n" "\n  " tlr_error "  ${tlr_error}")
  message(FATAL_ERROR "${tlr_error}")
endif()
string(REPLACE "\n" ";" TLR_TENSORFLOWS "${tlr_found}")
