# Tests that span rooms or need the operating system. Unit tests are registered by quorate_unit_tests().

find_package(Python3 REQUIRED COMPONENTS Interpreter)

# End to end: real masters, a real ZooKeeper, on loopback.
if(TARGET quorate-master)
  file(GLOB process_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/processes/*_test.py)
  foreach(file ${process_tests})
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME e2e.${name} COMMAND Python3::Interpreter -B ${file})
    # Their time bounds are the product's own: nothing else runs beside them (PROCESSORS).
    set_tests_properties(e2e.${name} PROPERTIES LABELS e2e TIMEOUT 300 PROCESSORS 2
      ENVIRONMENT QUORATE_BUILD=${CMAKE_BINARY_DIR})
  endforeach()
endif()

# One suite for each port, on the real and on the simulated one.
file(GLOB contract_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/contract/*.cpp)
if(contract_tests AND TARGET sim AND TARGET master_platform)
  add_executable(contract_test ${contract_tests})
  target_link_libraries(contract_test PRIVATE quorate_options sim master_platform master_core
    GTest::gmock GTest::gtest_main)
  target_compile_options(contract_test PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(contract_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME contract.contract COMMAND contract_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(contract.contract PROPERTIES LABELS contract TIMEOUT 300)
endif()

# Every fuzz target is a program with a plain main, which runs its corpus; under the preset `fuzz` it
# is a libFuzzer program.
option(FUZZ_ENGINE "link fuzz targets with libFuzzer (clang)" OFF)
file(GLOB fuzz_targets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cpp)
foreach(file ${fuzz_targets})
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_link_libraries(${name} PRIVATE quorate_options master_core)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  set(corpus ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
  if(FUZZ_ENGINE)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${name} -runs=0 ${corpus})
  else()
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/standalone_main.cpp)
    add_test(NAME fuzz.${name} COMMAND ${name} ${corpus})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endforeach()

# Every scenario with many seeds, in two processes whose hashes must be equal.
if(TARGET quorate-sim)
  add_test(NAME scenario.all COMMAND ${CMAKE_SOURCE_DIR}/ci/scenarios ${CMAKE_BINARY_DIR})
  set_tests_properties(scenario.all PROPERTIES LABELS scenario TIMEOUT 900 PROCESSORS 2)
endif()

# The log by itself under faults of disks and messages: the short lane of the long campaign.
if(TARGET quorate-sim)
  add_test(NAME campaign.log COMMAND quorate-sim log --seeds=1..1500 --jobs=2)
  set_tests_properties(campaign.log PROPERTIES LABELS campaign TIMEOUT 300 PROCESSORS 2)
endif()

# Errors planted in the simulator itself are noticed.
if(TARGET quorate-sim)
  add_test(NAME selftest.harness COMMAND quorate-sim selftest)
  set_tests_properties(selftest.harness PROPERTIES LABELS campaign TIMEOUT 300)
endif()
