# Every source file, by name, relative to the top folder. A file on disk that is in no list is
# reported below.

set(TLR_CORE_SOURCES
  csrc/core/creation_scope.cc
  csrc/core/directory.cc
  csrc/core/dtype.cc
  csrc/core/entry.cc
  csrc/core/key.cc
  csrc/core/messages.cc
  csrc/core/nearest_key.cc
  csrc/core/reservation.cc
  csrc/core/shape.cc
  csrc/core/table.cc
  csrc/core/table_creation.cc
  csrc/core/wait_graph.cc)

set(TLR_OPS_SOURCES)

set(TLR_NATIVE_SOURCES)

set(TLR_CORE_TEST_SOURCES)

set(TLR_CORE_BENCH_SOURCES)

file(GLOB_RECURSE tlr_on_disk CONFIGURE_DEPENDS
  RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" csrc/*.cc bench/*.cc)
list(REMOVE_ITEM tlr_on_disk
  ${TLR_CORE_SOURCES} ${TLR_OPS_SOURCES} ${TLR_NATIVE_SOURCES}
  ${TLR_CORE_TEST_SOURCES} ${TLR_CORE_BENCH_SOURCES})
if(tlr_on_disk)
  list(JOIN tlr_on_disk "\n  " tlr_on_disk)
  message(WARNING "Not listed in cmake/TlrSources.cmake, so not built:\n  ${tlr_on_disk}")
endif()
