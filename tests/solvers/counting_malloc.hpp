// SPDX-License-Identifier: MIT
#pragma once

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>

// Counts what a test program allocates. Eigen calls malloc itself, which a counting operator new
// would miss, so the C functions are replaced by counting ones. Include it in one file of a
// program.

namespace {

std::atomic<long> small_allocations{0};
std::atomic<long> large_allocations{0};  // packing buffers of Eigen's products and factorizations

}  // namespace

// The sanitizer of addresses replaces them itself: GCC says so by a macro, Clang by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif
#ifndef __SANITIZE_ADDRESS__
namespace {

void count(std::size_t bytes) { ++(bytes > 128 * 1024 ? large_allocations : small_allocations); }

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    static auto* const real = next<void*(std::size_t)>("malloc");
    count(size);
    return real(size);
}

void* realloc(void* old, std::size_t size) {
    static auto* const real = next<void*(void*, std::size_t)>("realloc");
    count(size);
    return real(old, size);
}

void* calloc(std::size_t items, std::size_t size) {
    // dlsym itself may ask for memory while the function is being looked up
    static std::array<char, 4096> early{};
    static std::size_t used = 0;
    static bool looking = false;
    static void* (*real)(std::size_t, std::size_t) = nullptr;
    if (real == nullptr) {
        if (looking) {
            void* const room = early.data() + used;
            used += (items * size + 15) / 16 * 16;
            return used <= early.size() ? room : nullptr;
        }
        looking = true;
        real = next<void*(std::size_t, std::size_t)>("calloc");
    }
    count(items * size);
    return real(items, size);
}

int posix_memalign(void** room, std::size_t alignment, std::size_t size) {
    static auto* const real = next<int(void**, std::size_t, std::size_t)>("posix_memalign");
    count(size);
    return real(room, alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    static auto* const real = next<void*(std::size_t, std::size_t)>("aligned_alloc");
    count(size);
    return real(alignment, size);
}

}  // extern "C"
#endif
