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

    Index memory = 10;  ///< number of pairs; of n variables, no more than 3n are kept

    template <class V>
    struct Pairs {
        using Scalar = typename V::Scalar;
        using Block = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

        /// s/√sᵀy and y/√sᵀy of each pair side by side, then the vector in work: whole packets,
        /// with zeros below row n.
        Block columns;
        Block numbers;   // of each pair: α of the first loop; its y with the s before it
        Index next = 0;  // where the next pair goes
        Index known = 0;
        Scalar scale = 1;  // γ
        auto fields() { return std::tie(columns, numbers, next, known, scale); }
    };

    /// Throws std::invalid_argument for memory < 1.
    template <class V>
    Pairs<V> start(const auto&, const V& x) const {
        require_count(memory, "LBFGS.memory");
        using P = Pairs<V>;
        const Index kept = std::min(memory, std::max(Index{2}, 3 * x.size()));
        return {P::Block::Zero(padded<typename V::Scalar>(x.size()), 2 * kept + 1),
                P::Block::Zero(kept, 2)};
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, Pairs<V>& state) const {
        using Scalar = typename V::Scalar;
        if (state.known == 0) {
            first_length(x, d);
            return;
        }
        const Index rows = state.columns.rows();
        Scalar* const q = state.columns.data() + 2 * state.numbers.rows() * rows;
        std::copy_n(d.data(), d.size(), q);
        if (rows == tiny<Scalar>)
            two_loops(state, PaddedInRegisters<Scalar, tiny<Scalar>>(q), tiny<Scalar>);
        else if (rows == small)
            two_loops(state, PaddedInRegisters<Scalar, small>(q), small);
        else if (rows == medium)
            two_loops(state, PaddedInRegisters<Scalar, medium>(q), medium);
        else
            two_loops(state, PaddedInMemory<Scalar>{q, rows}, rows);
        std::copy_n(q, d.size(), d.data());
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, Pairs<V>& state) const {
        using Scalar = typename V::Scalar;
        const Index rows = state.columns.rows();
        Scalar* const s = state.columns.data() + 2 * state.next * rows;
        Scalar* const y = s + rows;
        for (Index i = 0; i < before.x.size(); ++i) {
            s[i] = after.x[i] - before.x[i];
            y[i] = after.gradient[i] - before.gradient[i];
        }
        const bool curved = rows == tiny<Scalar>
                                ? take_pair<PaddedProducts<Scalar, tiny<Scalar>>>(s, y, rows, state)
                            : rows == small
                                ? take_pair<PaddedProducts<Scalar, small>>(s, y, rows, state)
                                : take_pair<PaddedProducts<Scalar>>(s, y, rows, state);
        if (!curved) return;
        state.next = state.next + 1 == state.numbers.rows() ? 0 : state.next + 1;
        state.known = std::min(state.known + 1, state.numbers.rows());
    }

    template <class V>
    bool forget(Pairs<V>& state) const {
        return std::exchange(state.known, 0) > 0;
    }

private:
    /// Vectors of up to so many numbers are kept in registers, padded to that length.
    template <class Scalar>
    static constexpr int tiny = PaddedProducts<Scalar, 2>::width == 2 ? 2 : 4;
    static constexpr int small = 4;
    static constexpr int medium = 16;

    template <class Scalar>
    static constexpr Index padded(Index n) {
        constexpr Index width = PaddedProducts<Scalar>::width;
        for (const Index size : {tiny<Scalar>, small, medium})
            if (n <= size) return size;
        return (n + width - 1) / width * width;
    }

    /// Scales the pair s, y to sᵀy = 1; false, and the pair is as good as not there, where its
    /// curvature does not stand out of rounding.
    template <class Products, class V, class Scalar>
    static bool take_pair(Scalar* s, Scalar* y, Index rows, Pairs<V>& state) {
        const Scalar ss = Products::dot(s, s, rows);
        const Scalar sy = Products::dot(s, y, rows);
        const Scalar yy = Products::dot(y, y, rows);
        constexpr Scalar noise = std::numeric_limits<Scalar>::epsilon();
        if (!(sy > 0 && sy * sy > noise * noise * yy * ss) || !std::isfinite(yy)) return false;
        state.scale = sy / yy;
        const Scalar root = 1 / std::sqrt(sy);
        Products::scale(root, s, rows);
        Products::scale(root, y, rows);
        const Index last = (state.next == 0 ? state.numbers.rows() : state.next) - 1;
        state.numbers(state.next, 1) =
            Products::dot(state.columns.data() + 2 * last * rows, y, rows);
        return true;
    }

    /// The loops take pairs two at a time: both are multiplied with the same q, and what the first
    /// of them would have changed in the second product is known from `links`. That halves the
    /// chain of products that wait for each other, most of the cost where vectors are short.
    template <class V>
    void two_loops(Pairs<V>& state, auto q, Index rows) const {
        using Scalar = typename V::Scalar;
        const Scalar* const pairs = state.columns.data();
        const Index kept = state.numbers.rows();
        Scalar* const alpha = state.numbers.data();
        const Scalar* const links = alpha + kept;
        const auto s = [&](Index i) { return pairs + 2 * i * rows; };
        const auto y = [&](Index i) { return s(i) + rows; };
        const auto before = [&](Index i) { return i == 0 ? kept - 1 : i - 1; };
        const auto after = [&](Index i) { return i + 1 == kept ? 0 : i + 1; };

        Index i = before(state.next);
        Index left = state.known;
        for (; left > 1; left -= 2) {
            const Index j = before(i);
            const Scalar first = q.dot(s(i));
            const Scalar second = q.dot(s(j)) - first * links[i];
            q.add(-(alpha[i] = first), y(i));
            q.add(-(alpha[j] = second), y(j));
            i = before(j);
        }
        if (left == 1) {
            alpha[i] = q.dot(s(i));
            q.add(-alpha[i], y(i));
        }
        q.scale(state.scale);
        i = state.known < kept ? 0 : state.next;
        for (left = state.known; left > 1; left -= 2) {
            const Index j = after(i);
            const Scalar first = alpha[i] - q.dot(y(i));
            const Scalar second = alpha[j] - q.dot(y(j)) - first * links[j];
            q.add(first, s(i));
            q.add(second, s(j));
            i = after(j);
        }
        if (left == 1) q.add(alpha[i] - q.dot(y(i)), s(i));
        q.finish();
    }
};

}  // namespace ermine
