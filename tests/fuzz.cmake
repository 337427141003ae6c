# Every *_fuzz.cc below tests/ is a fuzzer named after its file; its seeds, and
# what it has found, are in tests/corpus/NAME. With FAULTLINE_FUZZ it is a
# libFuzzer program, else a test that runs the corpus.
file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cc)
set(syscall_fuzz_sources
  ${CMAKE_CURRENT_SOURCE_DIR}/plugin/linux/syscall/call_program.cc)

foreach(source ${fuzzers})
  get_filename_component(name ${source} NAME_WE)
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  add_executable(${name} ${source} ${${name}_sources})
  target_link_libraries(${name} PRIVATE project_options
    explore gdb inject report)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(FAULTLINE_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/run_corpus.cc)
    if(IS_DIRECTORY ${corpus})
      add_test(NAME corpus.${name} COMMAND ${name} ${corpus})
    endif()
  endif()
endforeach()
