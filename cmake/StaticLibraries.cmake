# Third-party libraries, each as an imported target that links statically. Debian's packages where they hold a
# static library; what script/static-libraries built from Debian's sources otherwise.
execute_process(
  COMMAND ${PROJECT_SOURCE_DIR}/script/static-libraries
  OUTPUT_VARIABLE LIMINAL_STATIC_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)

find_package(Threads REQUIRED)

function(liminal_static_library target)
  cmake_parse_arguments(ARG "" "INCLUDE;COMPILE_DEFINITION" "NAMES;PATHS;LINK" ${ARGN})
  # Each archive is a target that names what it needs, so that CMake puts them in an order that links.
  set(needs ${ARG_LINK})
  list(REVERSE ARG_NAMES)
  foreach(name ${ARG_NAMES})
    find_library(found NAMES lib${name}.a PATHS ${ARG_PATHS} NO_CACHE REQUIRED)
    set(archive ${target}_${name})
    add_library(${archive} STATIC IMPORTED GLOBAL)
    set_target_properties(${archive} PROPERTIES IMPORTED_LOCATION ${found})
    target_link_libraries(${archive} INTERFACE ${needs})
    set(needs ${archive} ${ARG_LINK})
    unset(found)
  endforeach()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(${target} INTERFACE ${needs})
  if(ARG_INCLUDE)
    target_include_directories(${target} SYSTEM INTERFACE ${ARG_INCLUDE})
  endif()
  if(ARG_COMPILE_DEFINITION)
    target_compile_definitions(${target} INTERFACE ${ARG_COMPILE_DEFINITION})
  endif()
endfunction()

set(ours ${LIMINAL_STATIC_PREFIX}/lib)
liminal_static_library(liminal_crypto NAMES crypto LINK Threads::Threads ${CMAKE_DL_LIBS})
liminal_static_library(liminal_ssl NAMES ssl LINK liminal_crypto)
liminal_static_library(liminal_zlib NAMES z)
liminal_static_library(liminal_zstd NAMES zstd)
liminal_static_library(liminal_nghttp2 NAMES nghttp2)
liminal_static_library(liminal_fmt NAMES fmt PATHS ${ours} INCLUDE ${LIMINAL_STATIC_PREFIX}/include)
liminal_static_library(liminal_curl NAMES curl PATHS ${ours} INCLUDE ${LIMINAL_STATIC_PREFIX}/include
  COMPILE_DEFINITION CURL_STATICLIB LINK liminal_ssl liminal_zlib liminal_nghttp2)
liminal_static_library(liminal_tinyxml2 NAMES tinyxml2 PATHS ${ours} INCLUDE ${LIMINAL_STATIC_PREFIX}/include)
liminal_static_library(liminal_yaml_cpp NAMES yaml-cpp)
liminal_static_library(liminal_archive NAMES archive nettle acl lzma bz2 lz4 xml2 icuuc icudata
  LINK liminal_zstd liminal_zlib liminal_crypto)
