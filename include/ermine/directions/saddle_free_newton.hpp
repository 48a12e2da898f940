// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/directions/hessian_products.hpp>
#include <ermine/directions/newton.hpp>
#include <ermine/numerics/absolute_inverse.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/stretches.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Saddle-free Newton: d ← |H|⁻¹ d, where |H| has the absolute values of the eigenvalues of the
/// Hessian H: Newton's step where the curvature is positive, the same length downhill where it is
/// negative, so that it leaves a saddle at the rate at which Newton's method would be drawn to it
/// (Dauphin, Pascanu, Gulcehre, Cho, Ganguli & Bengio 2014, section 5).
///
/// For small n exactly, by the eigenvalues, and where all of them are positive by Cholesky. For
/// large n in a Krylov subspace, through products with H alone (their algorithm 1): with the basis
/// V of Lanczos' method and T = Vᵀ H V it is V |T|⁻¹ Vᵀ d. The method starts with the gradient d,
/// which thus lies in the subspace and leaves no rest to be scaled otherwise.
struct SaddleFreeNewton {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;  // the step to try first is 1

    /// Dimension of the subspace, at most n. 0 chooses: exactly where f has a dense Hessian and n
    /// is at most 200, otherwise 50.
    Index krylov = 0;
    double damping = 0;   ///< added to each |λ|
    double floor = 1e-8;  ///< of |λ|, in units of the largest, where one λ is not positive

    /// The exact Hessian, where it is asked for.
    template <class F, class V>
    struct Exact {
        explicit Exact(Index) {}
    };
    template <class F, class V>
        requires(TwiceDifferentiable<F, V> && std::same_as<HessianMatrix<F, V>, SquareMatrix<V>>)
    struct Exact<F, V> {
        std::optional<NewtonSystem<SquareMatrix<V>>> system;
        explicit Exact(Index n) {
            if (n > 0) system.emplace(n, Indefinite::eigenvalues);
        }
    };

    template <class F, class V>
    struct State {
        using Scalar = typename V::Scalar;
        using Numbers = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
        Exact<F, V> exact;
        HessianProducts<F, V> products;
        Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> basis;
        Numbers diagonal;  // of T
        Numbers off_diagonal;
        Numbers turned;
        AbsoluteInverse<Scalar> absolute;
        V vector;
        V product;
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = HasHessianProducts<SmoothPart<F>, V>;
        static_assert(fits,
                      "SaddleFreeNewton needs f.hessian(x, H) or f.hessian_product(x, v, Hv): "
                      "write one, wrap f in autodiff(f) or finite_difference(f), or use a method "
                      "that needs gradients alone, such as gradient_descent()");
        return fits;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    State<F, V> start(const F&, const V& x) const {
        require_nonnegative(damping, "SaddleFreeNewton.damping");
        require_positive(floor, "SaddleFreeNewton.floor");
        if (krylov < 0)
            throw std::invalid_argument("SaddleFreeNewton.krylov is " + std::to_string(krylov) +
                                        ": it must not be negative");
        const Index n = x.size();
        const bool exactly = wants_exact<F, V>(n);
        const Index k = exactly ? 0 : std::min(n, krylov > 0 ? krylov : Index{50});
        const Index products = exactly ? 0 : n;
        return {Exact<F, V>(exactly ? n : 0),
                HessianProducts<F, V>(products),
                decltype(State<F, V>::basis)(products, k),
                decltype(State<F, V>::diagonal)(k),
                decltype(State<F, V>::diagonal)(std::max(k - 1, Index{0})),
                decltype(State<F, V>::diagonal)(k),
                AbsoluteInverse<typename V::Scalar>(k),
                V(n),
                V(n)};
    }

    template <class F, class V>
    void direct(const auto& f, const V& x, V& d, State<F, V>& state) const {
        const bool finite =
            state.basis.cols() == 0 ? exactly(f, x, d, state) : in_subspace(f, x, d, state);
        if (!finite) d.setConstant(std::numeric_limits<typename V::Scalar>::quiet_NaN());
    }

    /// Where it is exact, what Newton notes, too.
    template <class F, class V>
    void note(const State<F, V>& state, Notes& notes) const {
        if constexpr (requires { state.exact.system; })
            if (state.exact.system) state.exact.system->note(notes);
    }

private:
    template <class F, class V>
    bool wants_exact([[maybe_unused]] Index n) const {
        if constexpr (requires(Exact<F, V> exact) { exact.system; })
            return krylov == 0 && n <= 200;
        else
            return false;
    }

    template <class F, class V>
    bool exactly(const auto& f, const V& x, V& d, State<F, V>& state) const {
        if constexpr (requires { state.exact.system; }) {
            if (!state.exact.system) return true;  // no variables
            auto& system = *state.exact.system;
            f.hessian(x, system.hessian);
            const bool finite =
                damping == 0 ? system.factor(Indefinite::eigenvalues) : system.factor_absolute();
            if (finite) system.solve_in_place(d, floor, damping);
            return finite;
        } else {
            return true;
        }
    }

    /// Lanczos' method from d, with full reorthogonalization, and |T|⁻¹.
    template <class F, class V>
    bool in_subspace(const auto& f, const V& x, V& d, State<F, V>& state) const {
        using Scalar = typename V::Scalar;
        const Index n = d.size();
        const Index k = state.basis.cols();
        const Scalar size = d.stableNorm();
        if (!std::isfinite(size)) return false;
        if (size == 0) return true;
        state.products.at(f, x);
        state.vector = d / size;
        state.off_diagonal.setZero();
        Scalar norm = 0;
        Index found = 0;
        while (found < k) {
            Scalar* const q = state.basis.data() + found * n;
            std::copy(state.vector.data(), state.vector.data() + n, q);
            state.products.multiply(f, x, state.vector, state.product);
            Scalar* const next = state.product.data();
            state.diagonal[found] = dot_product(n, static_cast<const Scalar*>(next), q);
            // twice is enough (Parlett 1998, section 6.9)
            for (int pass = 0; pass < 2; ++pass)
                for (Index j = 0; j <= found; ++j) {
                    const Scalar* const earlier = state.basis.data() + j * n;
                    add_multiple(n, -dot_product(n, earlier, static_cast<const Scalar*>(next)),
                                 earlier, next);
                }
            const Scalar left = state.product.norm();
            norm = std::max(norm, std::abs(state.diagonal[found]) + left);
            if (!std::isfinite(norm)) return false;
            ++found;
            constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();
            if (found == k || left <= static_cast<Scalar>(n) * epsilon * norm) break;
            state.off_diagonal[found - 1] = left;
            state.vector = state.product / left;
        }
        // the rest of an invariant subspace, coupled to nothing
        for (Index j = found; j < k; ++j) state.diagonal[j] = state.diagonal[0];
        if (!state.absolute.compute(state.diagonal, state.off_diagonal)) return false;
        state.turned.setZero();
        state.turned[0] = size;
        state.absolute.solve_in_place(state.turned, floor, damping);
        d.setZero();
        for (Index j = 0; j < found; ++j)
            add_multiple(n, state.turned[j], static_cast<const Scalar*>(state.basis.data() + j * n),
                         d.data());
        return true;
    }
};

}  // namespace ermine
