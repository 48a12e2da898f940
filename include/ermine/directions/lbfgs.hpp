// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// The direction of limited-memory BFGS: d ← H d, where H is the inverse Hessian that BFGS updates
/// make of γ I, γ = sᵀy / yᵀy, with the last `memory` pairs s = x⁺ − x, y = ∇f⁺ − ∇f; by two loops
/// over the pairs, in O(memory · n) (Nocedal 1980; Nocedal & Wright 2006, algorithm 7.4). Pairs
/// without positive curvature are left out. The first direction is the gradient at length 1 or
/// shorter. The natural step is 1; a line search with a curvature condition (StrongWolfe,
/// HagerZhang) keeps the curvature positive.
struct LBFGS {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool learns = true;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;

    Index memory = 10;  ///< number of pairs

    template <class V>
    struct Pairs {
        using Scalar = typename V::Scalar;
        using Block = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

        Block columns;  // s and y of each pair side by side, of whole packets: zeros below row n
        Eigen::Matrix<Scalar, Eigen::Dynamic, 1> q;       // the vector in work, as long as a column
        Eigen::Array<Scalar, Eigen::Dynamic, 2> numbers;  // 1/sᵀy, and α of the first loop
        Index next = 0;                                   // where the next pair goes
        Index known = 0;
        Scalar scale = 1;  // γ
        auto fields() { return std::tie(columns, numbers, next, known, scale); }
    };

    /// Throws std::invalid_argument for memory < 1.
    template <class V>
    Pairs<V> start(const auto&, const V& x) const {
        if (memory < 1)
            throw std::invalid_argument("LBFGS.memory is " + std::to_string(memory) +
                                        ": it must be at least 1");
        using P = Pairs<V>;
        const Index rows = padded(x.size());
        return {P::Block::Zero(rows, 2 * memory), decltype(P::q)::Zero(rows),
                decltype(P::numbers)::Zero(memory, 2)};
    }

    template <class V>
    void direct(const auto&, const V&, V& d, Pairs<V>& state) const {
        if (state.known == 0) {
            const auto norm = d.norm();
            if (norm > 1) d /= norm;
            return;
        }
        with_size<V>(d.size(), [&](auto size) {
            auto q = column<decltype(size)::value>(state.q.data(), state.q.size());
            q.head(d.size()) = d;
            two_loops<decltype(size)::value>(state, q);
            d = q.head(d.size());
        });
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, Pairs<V>& state) const {
        using Scalar = typename V::Scalar;
        with_size<V>(before.x.size(), [&](auto size) {
            const Index rows = state.columns.rows();
            Scalar* const place = state.columns.data() + 2 * state.next * rows;
            auto s = column<decltype(size)::value>(place, rows);
            auto y = column<decltype(size)::value>(place + rows, rows);
            const Index n = before.x.size();
            s.head(n) = after.x - before.x;
            y.head(n) = after.gradient - before.gradient;
            const Scalar sy = s.dot(y);
            const Scalar yy = y.squaredNorm();
            // the cosine of s and y must stand out of rounding
            constexpr Scalar noise = std::numeric_limits<Scalar>::epsilon();
            if (!(sy > noise * std::sqrt(yy * s.squaredNorm())) || !std::isfinite(yy)) return;
            state.numbers(state.next, 0) = 1 / sy;
            state.scale = sy / yy;
            state.next = state.next + 1 == memory ? 0 : state.next + 1;
            state.known = std::min(state.known + 1, memory);
        });
    }

    template <class V>
    bool forget(Pairs<V>& state) const {
        return std::exchange(state.known, 0) > 0;
    }

private:
    /// Columns of up to 16 numbers have a size that the compiler knows; longer ones are whole
    /// packets of 8 numbers.
    static constexpr Index padded(Index n) {
        return n <= 4 ? 4 : n <= 8 ? 8 : n <= 16 ? 16 : (n + 7) / 8 * 8;
    }

    /// Calls `work` with the padded size as a constant, where it is small.
    template <class V>
    static void with_size(Index n, auto&& work) {
        constexpr Index fixed = V::RowsAtCompileTime;
        const auto run = [&]<Index N>(std::integral_constant<Index, N> size) { work(size); };
        if constexpr (fixed != Eigen::Dynamic)
            run(std::integral_constant<Index, padded(fixed)>{});
        else if (n <= 4)
            run(std::integral_constant<Index, 4>{});
        else if (n <= 8)
            run(std::integral_constant<Index, 8>{});
        else if (n <= 16)
            run(std::integral_constant<Index, 16>{});
        else
            run(std::integral_constant<Index, Eigen::Dynamic>{});
    }

    template <Index N, class Scalar>
    static auto column(Scalar* data, Index rows) {
        using Column = Eigen::Matrix<std::remove_const_t<Scalar>, N, 1>;
        return Eigen::Map<Column, Eigen::Aligned16>(data, rows);
    }

    template <Index N, class V>
    void two_loops(Pairs<V>& state, auto& q) const {
        using Scalar = typename V::Scalar;
        const Index rows = state.columns.rows();
        Scalar* const pairs = state.columns.data();
        Scalar* const rho = state.numbers.data();
        Scalar* const alpha = rho + memory;
        const auto s = [&](Index i) { return column<N>(pairs + 2 * i * rows, rows); };
        const auto y = [&](Index i) { return column<N>(pairs + (2 * i + 1) * rows, rows); };
        const Index oldest = state.known < memory ? 0 : state.next;
        Index i = state.next;
        for (Index k = 0; k < state.known; ++k) {
            i = i == 0 ? memory - 1 : i - 1;
            alpha[i] = rho[i] * s(i).dot(q);
            q -= alpha[i] * y(i);
        }
        q *= state.scale;
        i = oldest;
        for (Index k = 0; k < state.known; ++k) {
            const Scalar beta = rho[i] * y(i).dot(q);
            q += (alpha[i] - beta) * s(i);
            i = i + 1 == memory ? 0 : i + 1;
        }
    }
};

}  // namespace ermine
