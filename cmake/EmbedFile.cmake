# liminal_embed(TARGET FILE VARIABLE NAMESPACE): compiles a text file into a layer as `extern const std::string_view NAMESPACE::VARIABLE`.
function(liminal_embed target file variable namespace)
  set(output ${PROJECT_BINARY_DIR}/embedded/${variable}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${PROJECT_SOURCE_DIR}/${file} -DOUTPUT=${output} -DVARIABLE=${variable} -DNAMESPACE=${namespace}
            -P ${PROJECT_SOURCE_DIR}/cmake/WriteEmbedded.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${PROJECT_SOURCE_DIR}/cmake/WriteEmbedded.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
