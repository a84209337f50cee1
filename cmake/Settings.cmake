# pyc_settings: how every source is compiled. pyc_add_extension(): a Python extension of such sources.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# pyproject.toml is the one place that has the version.
file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/pyproject.toml version REGEX "^version = ")
string(REGEX REPLACE "^version = \"(.*)\"$" "\\1" version "${version}")

add_library(pyc_settings INTERFACE)
target_compile_features(pyc_settings INTERFACE cxx_std_20 c_std_11)
target_include_directories(pyc_settings INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/csrc)
target_include_directories(pyc_settings SYSTEM INTERFACE ${PYC_PYTHON_INCLUDES} ${PYC_BOOST_INCLUDE})
target_compile_definitions(pyc_settings INTERFACE PYC_VERSION="${version}")
target_compile_options(pyc_settings INTERFACE -fPIC -fvisibility=hidden
  $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
if(NOT APPLE)
  target_compile_options(pyc_settings INTERFACE -fno-plt -fno-semantic-interposition)
endif()

if(PYC_DEVELOPER)
  target_compile_options(pyc_settings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-missing-field-initializers)
  target_compile_definitions(pyc_settings INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(PYC_SANITIZE)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_compile_options(pyc_settings INTERFACE ${sanitize})
  target_link_options(pyc_settings INTERFACE ${sanitize})
endif()

if(PYC_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT PYC_HAS_LTO OUTPUT ignored LANGUAGES C CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${PYC_HAS_LTO})
endif()

function(pyc_add_extension name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE pyc_core)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX "${PYC_EXTENSION_SUFFIX}")
  if(APPLE)
    target_link_options(${name} PRIVATE -undefined dynamic_lookup)
  endif()
endfunction()

# A header with the digest of all sources, made anew when one of them changes.
function(pyc_add_build_id name)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/generated/module/build_id.hpp)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/BuildId.cmake)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/csrc/*)
  add_custom_command(OUTPUT ${header} DEPENDS ${inputs} ${script}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR} -DOUTPUT=${header} -P ${script})
  target_sources(${name} PRIVATE ${header})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()
