# SPDX-License-Identifier: MIT
# ermine_catch: Catch2 with its main function; ermine_test_headers: what all tests precompile.
find_package(Catch2 QUIET)
if(NOT Catch2_FOUND)
    message(STATUS "tests in C++ are left out: Catch2 was not found (Debian: catch2)")
    return()
endif()
get_target_property(ERMINE_CATCH_INCLUDE_DIR Catch2::Catch2 INTERFACE_INCLUDE_DIRECTORIES)

if(TARGET Catch2::Catch2WithMain)
    add_library(ermine_catch INTERFACE)
    target_link_libraries(ermine_catch INTERFACE Catch2::Catch2WithMain)
else()
    add_library(ermine_catch STATIC ermine_catch.cpp)
    target_link_libraries(ermine_catch PUBLIC Catch2::Catch2)
endif()
target_include_directories(ermine_catch INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})

file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/headers.cpp CONTENT "")
add_library(ermine_test_headers OBJECT ${CMAKE_CURRENT_BINARY_DIR}/headers.cpp)
target_link_libraries(ermine_test_headers PRIVATE ermine::ermine ermine_warnings ermine_catch)
target_precompile_headers(ermine_test_headers PRIVATE
    <algorithm> <cmath> <string> <vector> <Eigen/Core> ${CMAKE_CURRENT_SOURCE_DIR}/ermine_catch.hpp)
