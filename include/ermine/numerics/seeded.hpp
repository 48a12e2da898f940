// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dual.hpp>

namespace ermine {

/// A point whose numbers are read as numbers of type T, without memory of its own: for T double as
/// they are; for `Dual<double, N>` with the slopes of the N coordinates from `first` on; for
/// `Dual<Dual<double, N>, 1>` also with the outer slope along `direction`, or where that is empty
/// along the coordinate `row`. A formula that reads x[i] then yields N entries of its gradient, or
/// of its Hessian times the direction.
template <class T, class Scalar = double>
struct Seeded {
    using Number = T;

    const Scalar* x = nullptr;
    Index size = 0;
    Index first = 0;
    Index row = -1;
    const Scalar* direction = nullptr;

    T operator[](Index i) const { return read(i, static_cast<T*>(nullptr)); }

private:
    double read(Index i, double*) const { return static_cast<double>(x[i]); }

    template <int N>
    Dual<double, N> read(Index i, Dual<double, N>*) const {
        Dual<double, N> number(static_cast<double>(x[i]));
        const Index k = i - first;
        if (k >= 0 && k < N) number.slope[static_cast<std::size_t>(k)] = 1;
        return number;
    }

    template <int N>
    Dual<Dual<double, N>, 1> read(Index i, Dual<Dual<double, N>, 1>*) const {
        Dual<Dual<double, N>, 1> number;
        number.value = read(i, static_cast<Dual<double, N>*>(nullptr));
        number.slope[0].value = direction ? static_cast<double>(direction[i]) : double(i == row);
        return number;
    }
};

}  // namespace ermine
