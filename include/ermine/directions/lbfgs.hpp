// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/first_length.hpp>
#include <ermine/numerics/padded_products.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
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

        /// s and y of each pair side by side, then the vector in work: whole packets, with zeros
        /// below row n.
        Block columns;
        Block numbers;   // of each pair: 1/sᵀy, and α of the first loop
        Index next = 0;  // where the next pair goes
        Index known = 0;
        Scalar scale = 1;  // γ
        auto fields() { return std::tie(columns, numbers, next, known, scale); }
    };

    /// Throws std::invalid_argument for memory < 1.
    template <class V>
    Pairs<V> start(const auto&, const V& x) const {
        require_count(memory, "LBFGS.memory");
        using Block = typename Pairs<V>::Block;
        constexpr Index width = Eigen::internal::packet_traits<typename V::Scalar>::size;
        const Index n = x.size();
        const Index rows = n <= small ? small : (n + width - 1) / width * width;
        return {Block::Zero(rows, 2 * memory + 1), Block::Zero(2, memory)};
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, Pairs<V>& state) const {
        using Scalar = typename V::Scalar;
        if (state.known == 0) {
            first_length(x, d);
            return;
        }
        Scalar* const q = state.columns.col(2 * memory).data();
        std::copy_n(d.data(), d.size(), q);
        if (state.columns.rows() == small)
            two_loops<Packet<Scalar, small>>(state, q, small);
        else
            two_loops<Packet<Scalar, Eigen::Dynamic>>(state, q, state.columns.rows());
        std::copy_n(q, d.size(), d.data());
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, Pairs<V>& state) const {
        using Scalar = typename V::Scalar;
        Scalar* const s = state.columns.col(2 * state.next).data();
        Scalar* const y = state.columns.col(2 * state.next + 1).data();
        Scalar ss = 0, sy = 0, yy = 0;
        for (Index i = 0; i < before.x.size(); ++i) {
            s[i] = after.x[i] - before.x[i];
            y[i] = after.gradient[i] - before.gradient[i];
        }
        if (state.columns.rows() == small)
            measure<Packet<Scalar, small>>(s, y, small, ss, sy, yy);
        else
            measure<Packet<Scalar, Eigen::Dynamic>>(s, y, state.columns.rows(), ss, sy, yy);
        // the cosine of s and y must stand out of rounding
        constexpr Scalar noise = std::numeric_limits<Scalar>::epsilon();
        if (!(sy > noise * std::sqrt(yy) * std::sqrt(ss)) || !std::isfinite(yy)) return;
        state.numbers(0, state.next) = 1 / sy;
        state.scale = sy / yy;
        state.next = state.next + 1 == memory ? 0 : state.next + 1;
        state.known = std::min(state.known + 1, memory);
    }

    template <class V>
    bool forget(Pairs<V>& state) const {
        return std::exchange(state.known, 0) > 0;
    }

private:
    /// Vectors of up to so many numbers have columns of a length that the compiler knows.
    static constexpr Index small = 4;

    template <class Scalar, int Size>
    using Packet = typename Eigen::internal::find_best_packet<Scalar, Size>::type;

    template <class P, class Scalar>
    static void measure(const Scalar* s, const Scalar* y, Index rows, Scalar& ss, Scalar& sy,
                        Scalar& yy) {
        using Sums = PaddedProducts<P>;
        ss = Sums::dot(s, s, rows);
        sy = Sums::dot(s, y, rows);
        yy = Sums::dot(y, y, rows);
    }

    template <class P, class V>
    void two_loops(Pairs<V>& state, typename V::Scalar* q, Index rows) const {
        using Sums = PaddedProducts<P>;
        using Scalar = typename V::Scalar;
        const Index oldest = state.known < memory ? 0 : state.next;
        Scalar* s = nullptr;
        Scalar* numbers = nullptr;
        const auto take = [&](Index i) {
            s = state.columns.data() + 2 * i * rows;
            numbers = state.numbers.data() + 2 * i;
        };
        Index i = state.next;
        for (Index k = 0; k < state.known; ++k) {
            i = i == 0 ? memory - 1 : i - 1;
            take(i);
            const Scalar alpha = numbers[0] * Sums::dot(s, q, rows);
            numbers[1] = alpha;
            Sums::add(-alpha, s + rows, q, rows);
        }
        Sums::scale(state.scale, q, rows);
        i = oldest;
        for (Index k = 0; k < state.known; ++k) {
            take(i);
            const Scalar beta = numbers[0] * Sums::dot(s + rows, q, rows);
            Sums::add(numbers[1] - beta, s, q, rows);
            i = i + 1 == memory ? 0 : i + 1;
        }
    }
};

}  // namespace ermine
