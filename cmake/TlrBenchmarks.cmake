# The core's Google Benchmark programs: the system's library, else a fetched one.

find_package(benchmark 1.7 QUIET)
if(NOT benchmark_FOUND)
  include(FetchContent)
  message(STATUS "Google Benchmark is not installed (Debian: libbenchmark-dev); fetching it")
  set(BENCHMARK_ENABLE_TESTING OFF CACHE BOOL "" FORCE)
  set(BENCHMARK_ENABLE_INSTALL OFF CACHE BOOL "" FORCE)
  FetchContent_Declare(benchmark
    URL https://github.com/google/benchmark/archive/refs/tags/v1.9.0.tar.gz
    URL_HASH SHA256=35a77f46cc782b16fac8d3b107fbfbb37dcd645f7c28eee19f3b8e0758b48994
    SYSTEM)
  FetchContent_MakeAvailable(benchmark)
endif()

add_executable(tlr_core_bench ${TLR_CORE_BENCH_SOURCES})
target_compile_features(tlr_core_bench PRIVATE cxx_std_20)
target_link_libraries(tlr_core_bench PRIVATE
  tlr_core_objects benchmark::benchmark benchmark::benchmark_main)
