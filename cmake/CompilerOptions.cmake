set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# With -Wl,--gc-sections what nothing calls stays out of the binary.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -ffunction-sections -fdata-sections")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(LIMINAL_STATIC "Link the program as one static binary" ON)
set(LIMINAL_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

add_library(liminal_options INTERFACE)
target_compile_options(liminal_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<CONFIG:Debug>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # With optimization GCC 12 warns of overlaps and of uninitialized parts inside std::string that cannot be (its bug 105651).
  target_compile_options(liminal_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(LIMINAL_SANITIZE)
  target_compile_options(liminal_options INTERFACE -fsanitize=${LIMINAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(liminal_options INTERFACE -fsanitize=${LIMINAL_SANITIZE})
else()
  # A release is hardened; a sanitizer does the same work better.
  target_compile_options(liminal_options INTERFACE $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2 -fstack-protector-strong>)
endif()
