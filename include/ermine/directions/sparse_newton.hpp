// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/directions/newton.hpp>
#include <ermine/numerics/condition_number.hpp>

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace ermine {

/// The system of a Newton step with a sparse Hessian, in compressed columns: the sparse Cholesky
/// factor of H or, where H is not positive definite to working precision, of H + shift · max|Hᵢᵢ| I
/// with the shift raised tenfold from √ε until that is. The order of elimination (approximate
/// minimum degree) and the pattern of the factor are found once, and again only where the pattern
/// of H changes. Eigen allocates a permuted copy of H for each factorization.
///
/// There are no eigenvalues of a large sparse matrix to be had, and LDLᵀ without exchanges is not
/// stable for indefinite ones: other treatments than Indefinite::modify are refused.
template <class S, int Options, class I>
struct NewtonSystem<Eigen::SparseMatrix<S, Options, I>> {
    using Matrix = Eigen::SparseMatrix<S, Options, I>;
    using Vector = Eigen::Matrix<S, Eigen::Dynamic, 1>;

    /// Eigen's factorizations are not copyable: a copied run analyzes and factors anew.
    struct Factor : Eigen::SimplicialLLT<Matrix> {
        bool analyzed = false;
        Factor() = default;
        Factor(const Factor&) : Eigen::SimplicialLLT<Matrix>() {}
        Factor& operator=(const Factor&) = delete;
    };

    Matrix hessian;
    Factor llt;
    std::vector<I> outer;  // the pattern that was analyzed
    std::vector<I> inner;
    Vector permuted;
    bool factored = false;
    std::int64_t regularized = 0;
    S added = 0;  // to the diagonal of the last
    auto fields() { return std::tie(regularized); }

    /// Throws std::invalid_argument for another treatment than Indefinite::modify.
    NewtonSystem(Index n, Indefinite treatment) : hessian(n, n), permuted(n) {
        if (treatment != Indefinite::modify)
            throw std::invalid_argument(
                "Newton.indefinite: of a sparse Hessian there is only Indefinite::modify; use "
                "saddle_free_newton() or newton_cg(), which need products with it");
    }

    /// Factors `hessian`; false where it is not finite.
    bool factor(Indefinite) {
        factored = false;
        if (!hessian.isCompressed()) hessian.makeCompressed();
        if (!llt.analyzed || pattern_changed()) {
            llt.analyzePattern(hessian);
            llt.analyzed = true;
            outer.assign(hessian.outerIndexPtr(), hessian.outerIndexPtr() + hessian.cols() + 1);
            inner.assign(hessian.innerIndexPtr(), hessian.innerIndexPtr() + hessian.nonZeros());
        }
        if (try_shift(0)) return factored = true;
        S largest = 0;
        for (Index j = 0; j < hessian.outerSize(); ++j)
            for (typename Matrix::InnerIterator entry(hessian, j); entry; ++entry) {
                if (!std::isfinite(entry.value())) return false;
                largest = std::max(largest, std::abs(entry.value()));
            }
        if (largest == 0) largest = 1;
        constexpr S epsilon = std::numeric_limits<S>::epsilon();
        for (S shift = std::sqrt(epsilon); shift < 1 / epsilon; shift *= 10)
            if (try_shift(shift * largest)) {
                ++regularized;
                return factored = true;
            }
        return false;
    }

    /// d ← the solution of the factored system.
    template <class V>
    void solve_in_place(V& d, double) {
        solve(d, permuted);
    }

    /// What Newton notes; how many eigenvalues are negative is not known where H was regularized.
    void note(Notes& notes) const {
        notes.regularized_hessians = regularized;
        if (!factored) return;
        if (added == 0) notes.negative_eigenvalues = 0;
        Vector work(hessian.rows());
        notes.condition_number = ermine::condition_number<Vector>(
            hessian.rows(), [&](Vector& v) { v = (hessian * v + added * v).eval(); },
            [&](Vector& v) { solve(v, work); });
    }

private:
    template <class V>
    void solve(V& d, Vector& work) const {
        const auto& order = llt.permutationP();
        if (order.size() > 0)
            work.noalias() = order * d;
        else
            work = d;
        llt.matrixL().solveInPlace(work);
        llt.matrixU().solveInPlace(work);
        if (order.size() > 0)
            d.noalias() = llt.permutationPinv() * work;
        else
            d = work;
    }

    [[nodiscard]] bool pattern_changed() const {
        return static_cast<std::size_t>(hessian.nonZeros()) != inner.size() ||
               static_cast<std::size_t>(hessian.outerSize()) + 1 != outer.size() ||
               !std::equal(outer.begin(), outer.end(), hessian.outerIndexPtr()) ||
               !std::equal(inner.begin(), inner.end(), hessian.innerIndexPtr());
    }

    /// As ModifiedCholesky: each pivot must stand out of the rounding error of its diagonal entry.
    bool try_shift(S shift) {
        llt.setShift(shift);
        llt.factorize(hessian);
        if (llt.info() != Eigen::Success) return false;
        const Index n = hessian.rows();
        const S noise = static_cast<S>(2 * n) * std::numeric_limits<S>::epsilon();
        const auto& lower = llt.matrixL().nestedExpression();
        const auto& order = llt.permutationP();
        for (Index i = 0; i < n; ++i) {
            const Index row = order.size() > 0 ? Index{order.indices()[i]} : i;
            const S pivot = lower.valuePtr()[lower.outerIndexPtr()[row]];
            if (!(pivot * pivot > noise * (hessian.coeff(i, i) + shift))) return false;
        }
        added = shift;
        return true;
    }
};

}  // namespace ermine
