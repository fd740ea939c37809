# The core's GoogleTest suite: the system's GoogleTest, else a fetched one.

include(GoogleTest)
find_package(GTest 1.12 QUIET)
if(NOT GTest_FOUND)
  include(FetchContent)
  message(STATUS "GoogleTest is not installed (Debian: libgtest-dev); fetching it")
  set(BUILD_GMOCK OFF CACHE BOOL "" FORCE)
  set(INSTALL_GTEST OFF CACHE BOOL "" FORCE)
  FetchContent_Declare(googletest
    GIT_REPOSITORY https://github.com/google/googletest.git
    GIT_TAG b514bdc898e2951020cbdca1304b75f5950d1f59 # v1.15.2
    SYSTEM)
  FetchContent_MakeAvailable(googletest)
endif()

add_executable(tlr_core_tests ${TLR_CORE_TEST_SOURCES})
target_compile_features(tlr_core_tests PRIVATE cxx_std_20)
target_link_libraries(tlr_core_tests PRIVATE
  tlr_core_objects GTest::gtest GTest::gtest_main)
target_precompile_headers(tlr_core_tests PRIVATE <gtest/gtest.h>)
# Ten files at once take half the time. So no two files may give different things the same name.
set_target_properties(tlr_core_tests PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
gtest_discover_tests(tlr_core_tests
  DISCOVERY_MODE PRE_TEST
  PROPERTIES TIMEOUT 300 LABELS core)
