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
  csrc/core/table_eviction.cc
  csrc/core/table_insert_all.cc
  csrc/core/wait_graph.cc)

set(TLR_OPS_SOURCES
  csrc/tf/registry_resource.cc
  csrc/tf/status.cc
  csrc/tf/variable.cc
  csrc/ops/bookkeeping_ops.cc
  csrc/ops/handle_ops.cc
  csrc/ops/layer_ops.cc
  csrc/ops/shape_functions.cc
  csrc/ops/transfer_ops.cc
  csrc/ops/variable_ops.cc
  csrc/kernels/bookkeeping_kernels.cc
  csrc/kernels/creation.cc
  csrc/kernels/describe_kernel.cc
  csrc/kernels/get_or_create_kernels.cc
  csrc/kernels/handle_kernels.cc
  csrc/kernels/insert_kernels.cc
  csrc/kernels/lookup_kernels.cc
  csrc/kernels/move_kernel.cc
  csrc/kernels/values_kernels.cc
  csrc/kernels/weights_spec.cc)

set(TLR_NATIVE_SOURCES
  csrc/python/entry.cc
  csrc/python/errors.cc
  csrc/python/layer_finder.cc
  csrc/python/module.cc
  csrc/python/reservation.cc
  csrc/python/shallow_copy.cc
  csrc/python/table.cc
  csrc/python/variable_getter.cc)

set(TLR_CORE_TEST_SOURCES
  csrc/tests/cancel_test.cc
  csrc/tests/companion_test.cc
  csrc/tests/conflict_test.cc
  csrc/tests/creation_scope_test.cc
  csrc/tests/directory_test.cc
  csrc/tests/dtype_test.cc
  csrc/tests/duplicate_weight_test.cc
  csrc/tests/entry_ptr_test.cc
  csrc/tests/erase_test.cc
  csrc/tests/eviction_groups_test.cc
  csrc/tests/eviction_test.cc
  csrc/tests/flat_index_random_test.cc
  csrc/tests/flat_index_test.cc
  csrc/tests/insert_all_test.cc
  csrc/tests/insert_test.cc
  csrc/tests/key_test.cc
  csrc/tests/list_test.cc
  csrc/tests/lookup_test.cc
  csrc/tests/max_bytes_test.cc
  csrc/tests/max_entries_test.cc
  csrc/tests/million_keys_test.cc
  csrc/tests/nearest_key_test.cc
  csrc/tests/payload_lifetime_test.cc
  csrc/tests/prefix_test.cc
  csrc/tests/quote_test.cc
  csrc/tests/race_cancel_test.cc
  csrc/tests/race_create_test.cc
  csrc/tests/race_eviction_test.cc
  csrc/tests/race_read_write_test.cc
  csrc/tests/race_room_test.cc
  csrc/tests/race_starvation_test.cc
  csrc/tests/reservation_test.cc
  csrc/tests/self_wait_test.cc
  csrc/tests/shape_test.cc
  csrc/tests/stats_test.cc
  csrc/tests/throwing_test.cc
  csrc/tests/utf8_test.cc
  csrc/tests/wait_graph_test.cc
  csrc/tests/waiter_test.cc
  csrc/tests/wanted_test.cc)

set(TLR_CORE_BENCH_SOURCES
  bench/core/contention_bench.cc
  bench/core/create_bench.cc
  bench/core/read_bench.cc
  bench/core/tables.cc)

# Compiled by bench/parts/floor_ops.py, and in no target: the benchmarks alone need it.
set(TLR_FLOOR_OPS_SOURCES
  bench/parts/floor_ops.cc)

file(GLOB_RECURSE tlr_on_disk CONFIGURE_DEPENDS
  RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" csrc/*.cc bench/*.cc)
list(REMOVE_ITEM tlr_on_disk
  ${TLR_CORE_SOURCES} ${TLR_OPS_SOURCES} ${TLR_NATIVE_SOURCES}
  ${TLR_CORE_TEST_SOURCES} ${TLR_CORE_BENCH_SOURCES} ${TLR_FLOOR_OPS_SOURCES})
if(tlr_on_disk)
  list(JOIN tlr_on_disk "\n  " tlr_on_disk)
  message(WARNING "Not listed in cmake/TlrSources.cmake, so not built:\n  ${tlr_on_disk}")
endif()
