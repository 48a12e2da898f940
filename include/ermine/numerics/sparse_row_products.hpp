// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

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
        const auto at = [&](Index e) { return static_cast<double>(w[columns[e]]); };
        const auto value = [&](Index e) { return static_cast<double>(values[e]); };
        const auto add = [&](Doubles& sum, Index e) {
            sum += Doubles{value(e), value(e + 1), value(e + 2), value(e + 3)} *
                   Doubles{at(e), at(e + 1), at(e + 2), at(e + 3)};
        };
        Doubles even{};
        Doubles odd{};
        Index e = 0;
        for (; e + 8 <= count; e += 8) {
            add(even, e);
            add(odd, e + 4);
        }
        even += odd;
        double sum = (even[0] + even[1]) + (even[2] + even[3]);
        for (; e < count; ++e) sum += value(e) * at(e);
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
