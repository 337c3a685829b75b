# liminal_embed(TARGET FILE VARIABLE NAMESPACE): compiles a file, of the source tree or by its absolute path, into a layer as `extern const std::string_view NAMESPACE::VARIABLE`.
function(liminal_embed target file variable namespace)
  set(output ${PROJECT_BINARY_DIR}/embedded/${variable}.cpp)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE input)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DVARIABLE=${variable} -DNAMESPACE=${namespace}
            -P ${PROJECT_SOURCE_DIR}/cmake/WriteEmbedded.cmake
    DEPENDS ${input} ${PROJECT_SOURCE_DIR}/cmake/WriteEmbedded.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
