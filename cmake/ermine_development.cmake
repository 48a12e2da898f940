# SPDX-License-Identifier: MIT
# What ermine's own tests, examples and benchmarks are built with. Nothing here is installed.
#
#   ermine_test(name source… [LIBS text json cli] [LABELS sanitize …] [USES train …])
#   ermine_compile_fail(name source "sentence on the first error line")
#   ermine_example(name [LIBS …])              examples/<name>.cpp, run as a test
#   ermine_tool(name source… [LIBS …])         a program in the build folder
#   ermine_part(name source… [LIBS …])         what several programs share, as LIBS name
#   ermine_benchmark(name [source…] [LIBS …])  benchmarks/<name>.cpp and more sources
#
# A part whose packages are missing is left out, with a line that says so.
# ERMINE_TEST_LABELS: build only tests that carry one of these labels (a test's folder is a label);
# ERMINE_SYNTAX_ONLY: everything else becomes a test that runs the compiler with -fsyntax-only;
# ERMINE_BENCHMARKS_SYNTAX_ONLY: so do the benchmarks, which no test runs.

set(ERMINE_TEST_LABELS "" CACHE STRING "Build only tests with one of these labels (empty: all)")
option(ERMINE_SYNTAX_ONLY "Check what is not built with -fsyntax-only" OFF)
option(ERMINE_BENCHMARKS_SYNTAX_ONLY "Check the benchmarks with -fsyntax-only" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

# Templates make much that GCC would else collect over and over; a job takes up to 2 GB instead of 1.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(--param=ggc-min-heapsize=1048576)
    add_compile_options(-fpch-preprocess)  # for ccache
endif()

set(ERMINE_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
add_library(ermine_warnings INTERFACE)
target_compile_options(ermine_warnings INTERFACE ${ERMINE_WARNINGS})

# The command-line tools read their flags with CLI11.
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp)
mark_as_advanced(CLI11_INCLUDE_DIR)
if(CLI11_INCLUDE_DIR)
    add_library(ermine::cli INTERFACE IMPORTED GLOBAL)
    target_include_directories(ermine::cli INTERFACE ${CLI11_INCLUDE_DIR})
endif()

# Sets <out> to the targets for the names in LIBS, and <out>_MISSING to the names that are not here.
function(ermine_libraries out)
    set(targets ermine::ermine ermine_warnings)
    set(missing "")
    foreach(lib IN LISTS ARGN)
        if(TARGET ermine::${lib})
            list(APPEND targets ermine::${lib})
        else()
            list(APPEND missing ${lib})
        endif()
    endforeach()
    set(${out} ${targets} PARENT_SCOPE)
    set(${out}_MISSING "${missing}" PARENT_SCOPE)
endfunction()

# Sets <out> to the compiler's command line that parses, and does not compile, with these targets.
function(ermine_syntax_command out)
    separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
    set(command ${CMAKE_CXX_COMPILER} -std=c++20 ${flags} ${ERMINE_WARNINGS} -fsyntax-only
        -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR}/tests)
    if(CMAKE_COMPILE_WARNING_AS_ERROR)
        list(APPEND command -Werror)
    endif()
    if(TARGET OpenMP::OpenMP_CXX AND ERMINE_OPENMP)
        list(APPEND command ${OpenMP_CXX_FLAGS})
    endif()
    # Only what lies outside the default path: -isystem /usr/include would reorder it.
    get_target_property(eigen Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
    foreach(folder IN ITEMS ${eigen} ${FAST_FLOAT_INCLUDE_DIR} ${NLOHMANN_JSON_INCLUDE_DIR}
                            ${CLI11_INCLUDE_DIR} ${ERMINE_CATCH_INCLUDE_DIR})
        if(EXISTS ${folder} AND NOT folder STREQUAL "/usr/include")
            list(APPEND command -isystem ${folder})
        endif()
    endforeach()
    set(${out} ${command} PARENT_SCOPE)
endfunction()

# eigen.hpp, which is most of what a small source parses: `-include` of this file takes it precompiled.
set(ermine_eigen ${PROJECT_BINARY_DIR}/eigen.hpp)
function(ermine_precompile_eigen)
    file(CONFIGURE OUTPUT ${ermine_eigen} CONTENT "#include <Eigen/Core>\n")
    ermine_syntax_command(command)
    list(REMOVE_ITEM command -fsyntax-only)
    add_custom_command(OUTPUT ${ermine_eigen}.gch DEPENDS ${ermine_eigen} VERBATIM COMMAND_EXPAND_LISTS
        COMMAND ${command} -x c++-header ${ermine_eigen} -o ${ermine_eigen}.gch)
    add_custom_target(ermine_eigen_precompiled ALL DEPENDS ${ermine_eigen}.gch)
endfunction()
if(ERMINE_TESTS)
    cmake_language(DEFER CALL ermine_precompile_eigen)
endif()

# A test that parses one source, where ERMINE_SYNTAX_ONLY asks for it.
function(ermine_syntax_test source)
    if(ERMINE_TESTS AND ERMINE_SYNTAX_ONLY)
        ermine_syntax_command(command)
        cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE full)
        cmake_path(RELATIVE_PATH full BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE short)
        add_test(NAME syntax.${short} COMMAND ${command} -include ${ermine_eigen} ${full}
                 COMMAND_EXPAND_LISTS)
        set_tests_properties(syntax.${short} PROPERTIES LABELS syntax)
    endif()
endfunction()

# Every test finds train and predict on its PATH, and works in a folder of its own.
function(ermine_test_properties name labels)
    set(scratch ${PROJECT_BINARY_DIR}/scratch/${name})
    file(MAKE_DIRECTORY ${scratch})
    set_tests_properties(${name} PROPERTIES
        WORKING_DIRECTORY ${scratch}
        ENVIRONMENT "OMP_WAIT_POLICY=passive;ERMINE_SOURCE_DIR=${PROJECT_SOURCE_DIR};\
LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/leaks_of_others.txt:print_suppressions=0"
        ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:${PROJECT_BINARY_DIR}"
        TIMEOUT 900 LABELS "${labels}")
endfunction()

function(ermine_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS;LABELS;USES")
    list(GET arg_UNPARSED_ARGUMENTS 0 first)
    cmake_path(GET first PARENT_PATH folder)
    set(labels ${folder} ${arg_LABELS})
    set(selected TRUE)
    if(ERMINE_TEST_LABELS)
        set(selected FALSE)
        foreach(label IN LISTS labels)
            if(label IN_LIST ERMINE_TEST_LABELS)
                set(selected TRUE)
            endif()
        endforeach()
    endif()
    ermine_libraries(libraries ${arg_LIBS})
    if(libraries_MISSING)
        message(STATUS "test ${name} is left out: no packages for ${libraries_MISSING}")
    elseif(NOT selected)
        foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
            ermine_syntax_test(${source})
        endforeach()
    else()
        set(target test_${name})
        add_executable(${target} ${arg_UNPARSED_ARGUMENTS})
        target_link_libraries(${target} PRIVATE ${libraries} ermine_catch)
        target_precompile_headers(${target} REUSE_FROM ermine_test_headers)
        add_test(NAME ${name} COMMAND ${target})
        ermine_test_properties(${name} "${labels}")
        foreach(program IN LISTS arg_USES)
            if(TARGET ${program})
                add_dependencies(${target} ${program})
            endif()
        endforeach()
    endif()
endfunction()

function(ermine_compile_fail name source sentence)
    set(selected TRUE)
    if(ERMINE_TEST_LABELS AND NOT "compile_fail" IN_LIST ERMINE_TEST_LABELS)
        return()
    endif()
    ermine_syntax_command(command)
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE full)
    add_test(NAME compile_fail.${name}
        COMMAND ${CMAKE_COMMAND} "-DSENTENCE=${sentence}"
                -P ${PROJECT_SOURCE_DIR}/tests/expect_refusal.cmake -- ${command} -include ${ermine_eigen} ${full}
        COMMAND_EXPAND_LISTS)
    set_tests_properties(compile_fail.${name} PROPERTIES LABELS compile_fail)
endfunction()

# What all programs precompile.
function(ermine_add_program_headers)
    if(NOT TARGET ermine_program_headers)
        set(source ${PROJECT_BINARY_DIR}/program_headers.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "")
        add_library(ermine_program_headers OBJECT ${source})
        target_link_libraries(ermine_program_headers PRIVATE ermine::ermine ermine_warnings)
        target_precompile_headers(ermine_program_headers PRIVATE <algorithm> <string> <vector> <Eigen/Core>)
    endif()
endfunction()

# Sets <out> to `missing`, with a line that says so, where packages of LIBS are, to `parsed` where the sources
# become tests that parse them, else to `compiled`; <out>_SOURCES and <out>_LIBRARIES.
function(ermine_sources out name)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBS")
    ermine_libraries(libraries ${arg_LIBS})
    set(${out} compiled PARENT_SCOPE)
    set(${out}_SOURCES ${arg_UNPARSED_ARGUMENTS} PARENT_SCOPE)
    set(${out}_LIBRARIES ${libraries} PARENT_SCOPE)
    if(libraries_MISSING)
        message(STATUS "${name} is left out: no packages for ${libraries_MISSING}")
        set(${out} missing PARENT_SCOPE)
    elseif(ERMINE_TEST_LABELS OR ERMINE_SYNTAX_ONLY)
        foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
            ermine_syntax_test(${source})
        endforeach()
        set(${out} parsed PARENT_SCOPE)
    else()
        ermine_add_program_headers()
    endif()
endfunction()

function(ermine_program name)
    ermine_sources(program ${name} ${ARGN})
    if(program STREQUAL "compiled")
        add_executable(${name} ${program_SOURCES})
        target_link_libraries(${name} PRIVATE ${program_LIBRARIES})
        target_precompile_headers(${name} REUSE_FROM ermine_program_headers)
    endif()
endfunction()

# Sources that several programs share: their LIBS name it.
function(ermine_part name)
    ermine_sources(part ${name} ${ARGN})
    if(part STREQUAL "parsed")
        add_library(ermine::${name} INTERFACE IMPORTED GLOBAL)
    elseif(part STREQUAL "compiled")
        add_library(ermine_${name} STATIC EXCLUDE_FROM_ALL ${part_SOURCES})
        target_link_libraries(ermine_${name} PUBLIC ${part_LIBRARIES})
        target_precompile_headers(ermine_${name} REUSE_FROM ermine_program_headers)
        add_library(ermine::${name} ALIAS ermine_${name})
    endif()
endfunction()

function(ermine_example name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
    ermine_program(${name} ${name}.cpp LIBS ${arg_LIBS})
    if(TARGET ${name} AND ERMINE_TESTS)
        add_test(NAME example.${name} COMMAND ${name})
        ermine_test_properties(example.${name} examples)
    endif()
endfunction()

function(ermine_tool name)
    ermine_program(${name} ${ARGN})
    if(TARGET ${name})
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    endif()
endfunction()

function(ermine_benchmark name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
    ermine_program(${name} ${name}.cpp ${arg_UNPARSED_ARGUMENTS} LIBS ${arg_LIBS})
endfunction()
