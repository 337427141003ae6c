# guest_program(NAME [MUSL] [FOLDER FOLDER] SOURCES FILE... [FLAGS OPTION...]
#   [ARM64_FLAGS OPTION...]):
# builds a static guest program for both architectures with the system's cross
# compilers, never with our own flags or sanitizers, as
#   ${GUESTS}/x86_64/NAME and ${GUESTS}/arm64/NAME
# (with FOLDER: .../x86_64/FOLDER/NAME) and a target guest_NAME (guest_FOLDER_NAME)
# that is part of `all`. Sources that end in .cc are C++.
# MUSL links musl instead of glibc (C only; ./dev puts arm64's into build/deps).
set(GUESTS ${PROJECT_BINARY_DIR}/guests)
set(MUSL_ARM64_SPECS "${PROJECT_SOURCE_DIR}/build/deps/musl-arm64/usr/lib/\
aarch64-linux-musl/musl-gcc.specs")

# Sets VARIABLE to the compiler command for ARCH (x86_64 or arm64).
function(guest_compiler variable arch musl cxx)
  string(REPLACE arm64 aarch64 triple ${arch}-linux-gnu)
  if(cxx)
    set(command ${triple}-g++)
  elseif(musl AND arch STREQUAL x86_64)
    set(command musl-gcc)
  elseif(musl)
    set(command ${triple}-gcc -specs ${MUSL_ARM64_SPECS})
  else()
    set(command ${triple}-gcc)
  endif()
  set(${variable} ${command} PARENT_SCOPE)
endfunction()

function(guest_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "MUSL;DYNAMIC" "FOLDER"
    "SOURCES;FLAGS;ARM64_FLAGS")
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(target guest_${name})
  if(arg_FOLDER)
    set(target guest_${arg_FOLDER}_${name})
  endif()
  set(link -static)
  if(arg_DYNAMIC)
    set(link -pie -fPIE)
  endif()
  set(cxx FALSE)
  if(arg_SOURCES MATCHES "\\.cc$")
    set(cxx TRUE)
  endif()
  set(programs)
  foreach(arch x86_64 arm64)
    guest_compiler(compiler ${arch} ${arg_MUSL} ${cxx})
    set(flags ${arg_FLAGS})
    if(arch STREQUAL arm64)
      list(APPEND flags ${arg_ARM64_FLAGS})
    endif()
    set(folder ${GUESTS}/${arch}/${arg_FOLDER})
    cmake_path(SET program NORMALIZE ${folder}/${name})
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${program}
      COMMAND ${compiler} -O2 -g ${link} -Wall -Wextra -Werror
        -I ${PROJECT_SOURCE_DIR} ${arg_SOURCES} ${flags} -o ${program}
        -MD -MF ${program}.d
      DEPENDS ${arg_SOURCES} DEPFILE ${program}.d
      COMMENT "Guest program ${arch}/${arg_FOLDER}/${name}" VERBATIM)
    list(APPEND programs ${program})
  endforeach()
  add_custom_target(${target} ALL DEPENDS ${programs})
endfunction()
