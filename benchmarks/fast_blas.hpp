// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>

#include <unistd.h>

/// Debian's OpenBLAS takes kernels of an old processor for those that it does not know. It reads
/// the environment as it is loaded.
inline void restart_with_fast_blas(char** words) {
    if (std::getenv("OPENBLAS_CORETYPE") != nullptr) return;
    const char* const type = __builtin_cpu_supports("avx512dq") ? "SKYLAKEX"
                             : __builtin_cpu_supports("avx2")   ? "HASWELL"
                                                                : "NEHALEM";
    setenv("OPENBLAS_CORETYPE", type, 1);
    execv("/proc/self/exe", words);
}
