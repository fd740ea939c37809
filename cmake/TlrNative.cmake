# _native: the pybind11 module. Links the core only; never includes TensorFlow.

if(NOT EXISTS "${pybind11_DIR}/pybind11Config.cmake")
  unset(pybind11_DIR CACHE)
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir
    OUTPUT_VARIABLE pybind11_ROOT
    ERROR_QUIET
    OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 2.13 CONFIG REQUIRED)

pybind11_add_module(_native MODULE NO_EXTRAS ${TLR_NATIVE_SOURCES})
target_compile_features(_native PRIVATE cxx_std_17)
target_link_libraries(_native PRIVATE tlr_flags tlr_core)
set_target_properties(_native PROPERTIES
  INSTALL_RPATH "$ORIGIN"
  LIBRARY_OUTPUT_DIRECTORY "${TLR_PACKAGE_DIR}")

install(TARGETS _native LIBRARY DESTINATION tf_layer_registry COMPONENT python)
