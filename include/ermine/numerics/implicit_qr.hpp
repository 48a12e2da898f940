// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A rotation of coordinates `at` and `at` + 1: (x, y) ↦ (c x − s y, s x + c y).
template <std::floating_point Scalar>
struct PlaneRotation {
    Scalar c;
    Scalar s;
    Index at;
};

/// One implicit QR step with Wilkinson's shift on rows first to last of a symmetric tridiagonal
/// matrix, which are coupled (Golub & Van Loan 2013, algorithm 8.3.2); each rotation of it is shown
/// to `see`.
template <std::floating_point Scalar, class See>
void implicit_qr_step(Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& values,
                      Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& off, Index first, Index last,
                      const See& see) {
    const Scalar beside = off[last - 1];
    const Scalar half = (values[last - 1] - values[last]) / 2;
    const Scalar root = std::hypot(half, beside);
    const Scalar shift = values[last] - beside / (half + (half < 0 ? -root : root)) * beside;
    Scalar x = values[first] - shift;
    Scalar bulge = off[first];
    for (Index k = first; k < last; ++k) {
        const Scalar r = std::hypot(x, bulge);
        const Scalar c = r > 0 ? x / r : Scalar{1};
        const Scalar s = r > 0 ? -bulge / r : Scalar{0};
        see(PlaneRotation<Scalar>{c, s, k});
        const Scalar a = values[k];
        const Scalar b = values[k + 1];
        const Scalar e = off[k];
        if (k > first) off[k - 1] = r;
        values[k] = c * c * a - 2 * c * s * e + s * s * b;
        values[k + 1] = s * s * a + 2 * c * s * e + c * c * b;
        off[k] = c * s * (a - b) + (c * c - s * s) * e;
        if (k + 1 == last) break;
        x = off[k];
        bulge = -s * off[k + 1];
        off[k + 1] *= c;
    }
}

/// The eigenvalues of a symmetric tridiagonal matrix by the implicit QR method (Golub & Van Loan
/// 2013, algorithm 8.3.3): `values` holds its diagonal and then the eigenvalues, in no order; `off`
/// the n − 1 numbers beside it (more are not looked at), and is destroyed. Each rotation of
/// coordinates is shown to `see`; a row of numbers zᵀ that is turned by all of them is zᵀ times the
/// matrix of eigenvectors. False where it does not converge, as with numbers that are not finite.
template <std::floating_point Scalar, class See>
bool implicit_qr(Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& values,
                 Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& off, const See& see) {
    const Index n = values.size();
    constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
    Index last = n - 1;
    for (Index sweep = 0; last > 0; ++sweep) {
        if (sweep > 50 * n) return false;
        // the unreduced block that ends at `last`
        Index first = last;
        while (first > 0 && std::abs(off[first - 1]) >
                                epsilon * (std::abs(values[first - 1]) + std::abs(values[first])))
            --first;
        if (first == last)
            --last;
        else
            implicit_qr_step(values, off, first, last, see);
    }
    return true;
}

/// The eigenvalues of a symmetric tridiagonal matrix in increasing order into `values`, which holds
/// its diagonal; `off` is destroyed. Replaces Z, of n columns, by Z times the eigenvectors: begun
/// with the identity they are the eigenvectors, with a row of it their components in that place.
/// False where the matrix is not finite.
template <std::floating_point Scalar>
bool tridiagonal_eigen(Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& values,
                       Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& off,
                       Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& z) {
    const Index n = values.size();
    for (Index i = 0; i < n; ++i)
        if (!std::isfinite(values[i]) || (i + 1 < n && !std::isfinite(off[i]))) return false;
    const bool found = implicit_qr(values, off, [&z](const PlaneRotation<Scalar>& turn) {
        Scalar* const left = z.data() + turn.at * z.rows();
        Scalar* const right = left + z.rows();
        for (Index i = 0; i < z.rows(); ++i) {
            const Scalar x = left[i];
            left[i] = turn.c * x - turn.s * right[i];
            right[i] = turn.s * x + turn.c * right[i];
        }
    });
    for (Index i = 0; i < n; ++i) {
        Index least = i;
        for (Index j = i + 1; j < n; ++j)
            if (values[j] < values[least]) least = j;
        if (least == i) continue;
        std::swap(values[i], values[least]);
        for (Index k = 0; k < z.rows(); ++k) std::swap(z(k, i), z(k, least));
    }
    return found;
}

}  // namespace ermine
