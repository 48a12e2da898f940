// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// How an answer about a spectrum is found.
enum class Exactness {
    automatic,  ///< exactly for few variables, otherwise by an estimate
    exact,      ///< from the whole matrix
    estimate    ///< from products
};

/// Which end of a spectrum is looked at.
enum class SpectrumSide { both, largest, smallest };

/// Options of what looks at a spectrum: `extreme_eigenvalues`, `condition_number`, `classify`.
struct SpectrumOptions {
    Index count = 10;  ///< eigenpairs at each end that is looked at
    SpectrumSide side = SpectrumSide::both;
    /// Whether further copies of multiple eigenvalues are looked for, about as much work again.
    bool copies = true;
    Exactness by = Exactness::automatic;
    Index exact_size = 400;     ///< variables up to which `automatic` is exact
    double memory = 1e9;        ///< bytes that an exact answer may take
    double tolerance = 1e-8;    ///< of estimates, relative to the largest |λ|
    Index max_products = 2000;  ///< of an estimate, at most
    std::uint64_t seed = 1;     ///< of random starts

    /// Whether to form the matrix of so many variables. Throws std::invalid_argument where it was
    /// asked for and does not fit, naming the memory that it would take.
    [[nodiscard]] bool exactly(Index n, const char* who) const {
        if (by == Exactness::estimate) return false;
        const auto size = static_cast<double>(n);
        const double needed = 3 * sizeof(double) * size * size;  // it, its reduction, its vectors
        if (by == Exactness::automatic) return n <= exact_size && needed <= memory;
        if (needed > memory) {
            char text[256];
            std::snprintf(text, sizeof text,
                          ": an exact answer for %lld variables takes %.2g GB, and %.2g GB are "
                          "allowed (SpectrumOptions.memory): ask for Exactness::estimate, which "
                          "takes products alone",
                          static_cast<long long>(n), needed / 1e9, memory / 1e9);
            throw std::invalid_argument(who + std::string(text));
        }
        return true;
    }
};

}  // namespace ermine
