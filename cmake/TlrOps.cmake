# One op library per TensorFlow minor version: _ops/tf<major.minor>/libtlr_ops.so.

# Headers that most kernels and ops include; parsed once per TensorFlow.
set(TLR_TENSORFLOW_HEADERS
  <tensorflow/core/framework/common_shape_fns.h>
  <tensorflow/core/framework/function.h>
  <tensorflow/core/framework/op.h>
  <tensorflow/core/framework/op_kernel.h>
  <tensorflow/core/framework/resource_mgr.h>
  <tensorflow/core/framework/resource_var.h>
  <tensorflow/core/framework/shape_inference.h>)

function(tlr_add_op_library directory minor version)
  set(target "tlr_ops_tf${minor}")
  string(REPLACE "." "_" target "${target}")
  if(TARGET ${target})
    message(FATAL_ERROR
      "Two TensorFlow folders of version ${minor} were given; one op library is built per "
      "minor version. Second folder: ${directory}")
  endif()
  string(REGEX MATCH "^([0-9]+)\\.([0-9]+)\\.([0-9]+)" _ "${version}")

  add_library(${target} SHARED ${TLR_OPS_SOURCES})
  target_compile_features(${target} PRIVATE cxx_std_17)
  target_compile_definitions(${target} PRIVATE
    EIGEN_MAX_ALIGN_BYTES=64
    NDEBUG # As TensorFlow itself: its headers' inline code differs without.
    TLR_TF_MAJOR_VERSION=${CMAKE_MATCH_1}
    TLR_TF_MINOR_VERSION=${CMAKE_MATCH_2}
    TLR_TF_PATCH_VERSION=${CMAKE_MATCH_3})
  target_include_directories(${target} SYSTEM PRIVATE "${directory}/include")
  target_precompile_headers(${target} PRIVATE ${TLR_TENSORFLOW_HEADERS})
  target_link_libraries(${target} PRIVATE
    tlr_flags tlr_core "${directory}/libtensorflow_framework.so.2")
  target_link_options(${target} PRIVATE ${TLR_LINK_NO_UNDEFINED})
  # No RPATH to TensorFlow: its framework library is in the process already, found
  # by its SONAME, when Python loads this one.
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME tlr_ops
    INSTALL_RPATH "$ORIGIN/../.."
    LIBRARY_OUTPUT_DIRECTORY "${TLR_PACKAGE_DIR}/_ops/tf${minor}")

  install(TARGETS ${target}
    LIBRARY DESTINATION "tf_layer_registry/_ops/tf${minor}" COMPONENT python)
endfunction()

foreach(entry IN LISTS TLR_TENSORFLOWS)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 directory)
  list(GET entry 1 minor)
  list(GET entry 2 version)
  message(STATUS "Op library for TensorFlow ${version}: ${directory}")
  tlr_add_op_library("${directory}" "${minor}" "${version}")
endforeach()
