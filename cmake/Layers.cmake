# liminal_layer(NAME [USES layer...] [LINKS target...])
#
# Declares src/NAME as the library liminal_NAME. A layer sees its own headers (include/liminal/NAME) and those of the
# layers it uses, and no others: each layer's include path is a folder that holds that layer's headers alone, so an
# include of a higher layer does not compile.
function(liminal_layer name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  set(include_root ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_root}/liminal)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/liminal/${name} ${include_root}/liminal/${name} SYMBOLIC)
  list(TRANSFORM ARG_USES PREPEND liminal_)
  if(sources)
    add_library(liminal_${name} STATIC ${sources})
    target_include_directories(liminal_${name} PUBLIC ${include_root} PRIVATE ${PROJECT_SOURCE_DIR}/src/${name})
    target_link_libraries(liminal_${name} PUBLIC ${ARG_USES} ${ARG_LINKS} PRIVATE liminal_options)
  else()
    add_library(liminal_${name} INTERFACE)
    target_include_directories(liminal_${name} INTERFACE ${include_root})
    target_link_libraries(liminal_${name} INTERFACE ${ARG_USES} ${ARG_LINKS})
  endif()
endfunction()

# liminal_tests(NAME [USES layer...] [LINKS target...])
#
# Declares tests/NAME/*_test.cpp as the test program NAME_tests; every TEST in it is one ctest case.
function(liminal_tests name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM ARG_USES PREPEND liminal_)
  add_executable(${name}_tests ${sources})
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_tests PRIVATE LIMINAL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name}_tests PRIVATE ${ARG_USES} ${ARG_LINKS} liminal_options GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit)
endfunction()
