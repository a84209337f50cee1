# Finds what the build needs, or says in one line what is missing and what to install.

# The line goes out unwrapped before CMake's own error, so that tools/build_native.py can show it alone.
function(pyc_missing what install)
  message(NOTICE "pyccolo_native: ${what} not found; install ${install}")
  message(FATAL_ERROR "${what} not found")
endfunction()

include(CheckLanguage)
foreach(language C CXX)
  check_language(${language})
  if(NOT CMAKE_${language}_COMPILER)
    pyc_missing("a working C and C++ compiler" "g++ (Debian), or set CC and CXX")
  endif()
  enable_language(${language})
endforeach()

set(ask "import sysconfig as s; print(s.get_path('include'), s.get_path('platinclude'), \
s.get_config_var('EXT_SUFFIX'), sep=chr(59), end='')")
execute_process(COMMAND ${PYC_PYTHON} -c "${ask}" OUTPUT_VARIABLE facts RESULT_VARIABLE status ERROR_QUIET)
if(NOT status EQUAL 0)
  pyc_missing("the Python interpreter ${PYC_PYTHON}" "python3 (Debian), version 3.11 or later")
endif()
list(GET facts 0 1 PYC_PYTHON_INCLUDES)
list(GET facts 0 include)
list(GET facts 2 PYC_EXTENSION_SUFFIX)
if(NOT EXISTS ${include}/Python.h)
  pyc_missing("Python headers (Python.h of ${PYC_PYTHON})" "python3-dev (Debian)")
endif()

find_path(PYC_BOOST_INCLUDE boost/container/small_vector.hpp HINTS ENV BOOST_ROOT PATH_SUFFIXES include)
if(NOT PYC_BOOST_INCLUDE)
  pyc_missing("Boost headers" "libboost-dev (Debian), or set BOOST_ROOT")
endif()

if(PYC_NATIVE_TESTS)
  find_path(PYC_DOCTEST_INCLUDE doctest/doctest.h)
  if(NOT PYC_DOCTEST_INCLUDE)
    pyc_missing("doctest headers" "doctest-dev (Debian)")
  endif()
endif()
