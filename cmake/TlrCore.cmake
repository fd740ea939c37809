# libtlr_core.so: the table. Standard library only.

find_package(Threads REQUIRED)

# The objects are compiled once; the tests and benchmarks link them directly, so
# that they reach what the shared library does not export.
add_library(tlr_core_objects OBJECT ${TLR_CORE_SOURCES})
target_compile_features(tlr_core_objects PRIVATE cxx_std_20)
target_compile_definitions(tlr_core_objects PRIVATE TLR_CORE_BUILD)
target_include_directories(tlr_core_objects PUBLIC "${TLR_INCLUDE_ROOT}")
target_link_libraries(tlr_core_objects PUBLIC tlr_flags Threads::Threads)

add_library(tlr_core SHARED)
target_sources(tlr_core PRIVATE $<TARGET_OBJECTS:tlr_core_objects>)
target_include_directories(tlr_core PUBLIC "${TLR_INCLUDE_ROOT}")
target_link_libraries(tlr_core PRIVATE tlr_flags PUBLIC Threads::Threads)
target_link_options(tlr_core PRIVATE ${TLR_LINK_NO_UNDEFINED})
set_target_properties(tlr_core PROPERTIES
  LINKER_LANGUAGE CXX
  LIBRARY_OUTPUT_DIRECTORY "${TLR_PACKAGE_DIR}")

install(TARGETS tlr_core LIBRARY DESTINATION tf_layer_registry COMPONENT python)
