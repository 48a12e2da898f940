// SPDX-License-Identifier: MIT
#include <ermine/data/read_libsvm.hpp>

// Linked, not called: it shows that fast_float and zlib were found.
ermine::Index examples_in(const char* path) { return ermine::read_libsvm(path).examples(); }
