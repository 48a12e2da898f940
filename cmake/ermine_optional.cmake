# SPDX-License-Identifier: MIT
# Read by ermine's own build and by the installed ermineConfig.cmake, so that both agree.
# In: ermine_target, the target that stands for the headers.
#   ermine::ermine  gets OpenMP where it is found, unless ERMINE_OPENMP is OFF
#   ermine::text    the readers of LIBSVM and CSV files: fast_float and zlib
#   ermine::json    what writes or reads JSON: nlohmann-json
#   ermine::blas    Eigen's products, and those of networks, by BLAS (with OpenBLAS: the one with OpenMP)

if(NOT DEFINED ERMINE_OPENMP OR ERMINE_OPENMP)
    find_package(OpenMP QUIET COMPONENTS CXX)
    if(OpenMP_CXX_FOUND)
        target_link_libraries(${ermine_target} INTERFACE $<BUILD_INTERFACE:OpenMP::OpenMP_CXX>)
    endif()
endif()

find_package(ZLIB QUIET)
find_path(FAST_FLOAT_INCLUDE_DIR fast_float/fast_float.h)
mark_as_advanced(FAST_FLOAT_INCLUDE_DIR)
if(ZLIB_FOUND AND FAST_FLOAT_INCLUDE_DIR AND NOT TARGET ermine::text)
    add_library(ermine::text INTERFACE IMPORTED GLOBAL)
    target_include_directories(ermine::text INTERFACE ${FAST_FLOAT_INCLUDE_DIR})
    target_link_libraries(ermine::text INTERFACE ermine::ermine ZLIB::ZLIB)
endif()

find_path(NLOHMANN_JSON_INCLUDE_DIR nlohmann/json.hpp)
mark_as_advanced(NLOHMANN_JSON_INCLUDE_DIR)
if(NLOHMANN_JSON_INCLUDE_DIR AND NOT TARGET ermine::json)
    add_library(ermine::json INTERFACE IMPORTED GLOBAL)
    target_include_directories(ermine::json INTERFACE ${NLOHMANN_JSON_INCLUDE_DIR})
    target_link_libraries(ermine::json INTERFACE ermine::ermine)
endif()

find_package(BLAS QUIET)
if(BLAS_FOUND AND NOT TARGET ermine::blas)
    add_library(ermine::blas INTERFACE IMPORTED GLOBAL)
    target_compile_definitions(ermine::blas INTERFACE EIGEN_USE_BLAS)
    target_link_libraries(ermine::blas INTERFACE ${ermine_target} BLAS::BLAS)
endif()
