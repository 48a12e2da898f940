// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The products of linear models with one sparse row: `count` values and their columns, counted
/// from 0. Weights, sums and results are double whatever the values are, and the order of additions
/// is the same on every machine.
class SparseRowProducts {
public:
    /// Σₑ values[e] w[columns[e]], in eight sums, so that no addition waits for the one before it.
    template <class T, class S>
    static double dot(const T* values, const std::int32_t* columns, Index count, const S* w) {
        // Packets of four on every machine: a compiler without such registers takes two halves.
        typedef double Doubles __attribute__((vector_size(4 * sizeof(double))));
        typedef T Values __attribute__((vector_size(4 * sizeof(T))));
        const auto at = [&](Index e) { return static_cast<double>(w[columns[e]]); };
        Doubles even{};
        Doubles odd{};
        Index e = 0;
        for (; e + 8 <= count; e += 8) {
            Values first;
            Values second;
            std::memcpy(&first, values + e, sizeof first);
            std::memcpy(&second, values + e + 4, sizeof second);
            even += __builtin_convertvector(first, Doubles) *
                    Doubles{at(e), at(e + 1), at(e + 2), at(e + 3)};
            odd += __builtin_convertvector(second, Doubles) *
                   Doubles{at(e + 4), at(e + 5), at(e + 6), at(e + 7)};
        }
        even += odd;
        double sum = (even[0] + even[1]) + (even[2] + even[3]);
        for (; e < count; ++e) sum += static_cast<double>(values[e]) * at(e);
        return sum;
    }

    /// g[columns[e]] += s values[e] for each e.
    template <class T>
    static void add_scaled(const T* values, const std::int32_t* columns, Index count, double s,
                           double* g) {
        const auto add = [&](Index e) { g[columns[e]] += s * static_cast<double>(values[e]); };
        Index e = 0;
        for (; e + 4 <= count; e += 4) {
            add(e);
            add(e + 1);
            add(e + 2);
            add(e + 3);
        }
        for (; e < count; ++e) add(e);
    }
};

}  // namespace ermine
