# Options, and the flags that every target shares.

option(TLR_BUILD_OPS "Build the op libraries and the Python module" ON)
option(TLR_BUILD_TESTS "Build the core's GoogleTest suite" OFF)
option(TLR_BUILD_BENCHMARKS "Build the core's Google Benchmark programs" OFF)
option(TLR_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
set(TLR_SANITIZE "" CACHE STRING
    "Sanitizers to build with, as -fsanitize takes them: address,undefined or thread")
set(TLR_TENSORFLOW_DIRS "" CACHE STRING
    "Installed tensorflow folders to build op libraries for; empty: find one")

if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  message(FATAL_ERROR "tf-layer-registry builds on Linux, not on ${CMAKE_SYSTEM_NAME}.")
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# The build folder has the wheel's layout, so the wheel's RPATHs fit both.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)

set(TLR_PACKAGE_DIR "${CMAKE_BINARY_DIR}/package/tf_layer_registry")
set(TLR_INCLUDE_ROOT "${CMAKE_CURRENT_SOURCE_DIR}/csrc")

# tlr_flags: compile and link flags of every target of this project.
add_library(tlr_flags INTERFACE)
target_compile_definitions(tlr_flags INTERFACE
  _GLIBCXX_USE_CXX11_ABI=1) # As TensorFlow 2.16 to 2.21 are built.
target_compile_options(tlr_flags INTERFACE
  -Wall -Wextra -ffunction-sections -fdata-sections
  $<$<BOOL:${TLR_WARNINGS_AS_ERRORS}>:-Werror>
  # GCC 12 reports `"text" + std::string` as a copy that overlaps or runs over, wrongly.
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:\
-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>")
target_link_options(tlr_flags INTERFACE
  -Wl,--gc-sections -Wl,--as-needed $<$<CONFIG:Release>:-s>)

if(TLR_SANITIZE)
  if(TLR_BUILD_OPS)
    message(FATAL_ERROR
      "TLR_SANITIZE=${TLR_SANITIZE} builds the core and its tests only: the installed "
      "TensorFlow and Python are not instrumented. Add -DTLR_BUILD_OPS=OFF.")
  endif()
  target_compile_options(tlr_flags INTERFACE
    -fsanitize=${TLR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tlr_flags INTERFACE -fsanitize=${TLR_SANITIZE})
else()
  # Every symbol a shared library uses must come from a library it names. (A
  # sanitizer's run-time is linked into the program only.)
  set(TLR_LINK_NO_UNDEFINED -Wl,-z,defs)
endif()
