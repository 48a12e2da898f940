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

        /// s/√sᵀy and y/√sᵀy of each pair side by side, a pair of zeros, then the vector in work:
        /// whole packets, with zeros below row n.
        Block columns;
        Block numbers;   // of each pair: α of the first loop; its y with the s before it
        Index next = 0;  // where the next pair goes
        Index known = 0;
        Scalar scale = 1;  // γ
        Index kept() const { return numbers.rows() - 1; }
        auto fields() { return std::tie(columns, numbers, next, known, scale); }
    };

    /// Throws std::invalid_argument for memory < 1.
    template <class V>
    Pairs<V> start(const auto&, const V& x) const {
        require_count(memory, "LBFGS.memory");
        using P = Pairs<V>;
        const Index kept = std::min(memory, std::max(Index{2}, 3 * x.size()));
        return {P::Block::Zero(padded<V>(x.size()), 2 * kept + 3), P::Block::Zero(kept + 1, 2)};
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
        if constexpr (in_registers<V>)
            two_loops(state, PaddedInRegisters<Scalar, register_size<V>>(q), register_size<V>);
        else if (rows == short_rows<Scalar>)
            two_loops(state, PaddedInRegisters<Scalar, short_rows<Scalar>>(q), short_rows<Scalar>);
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
        if (!take_pair(s, y, rows, state)) return;
        state.next = state.next + 1 == state.kept() ? 0 : state.next + 1;
        state.known = std::min(state.known + 1, state.kept());
    }

    template <class V>
    bool forget(Pairs<V>& state) const {
        return std::exchange(state.known, 0) > 0;
    }

private:
    /// Short vectors of fixed size are kept in registers, padded to a power of two; of those whose
    /// length is known only at run time only the shortest, as each length is compiled anew.
    template <class V>
    static constexpr bool in_registers =
        V::SizeAtCompileTime != Eigen::Dynamic && V::SizeAtCompileTime <= 16;
    template <class V>
    static constexpr int register_size = [] {
        int size = PaddedProducts<typename V::Scalar, 2>::width;
        while (in_registers<V> && size < V::SizeAtCompileTime) size *= 2;
        return size;
    }();
    template <class V>
    using Products =
        PaddedProducts<typename V::Scalar, in_registers<V> ? register_size<V> : Eigen::Dynamic>;

    template <class Scalar>
    static constexpr int short_rows = std::max(4, static_cast<int>(PaddedProducts<Scalar>::width));

    template <class V>
    static constexpr Index padded(Index n) {
        constexpr Index width = Products<V>::width;
        if constexpr (in_registers<V>) return register_size<V>;
        if (n <= short_rows<typename V::Scalar>) return short_rows<typename V::Scalar>;
        return (n + width - 1) / width * width;
    }

    /// Scales the pair s, y to sᵀy = 1; false, and the pair is as good as not there, where its
    /// curvature does not stand out of rounding.
    template <class V, class Scalar>
    static bool take_pair(Scalar* s, Scalar* y, Index rows, Pairs<V>& state) {
        using Dots = Products<V>;
        const Scalar ss = Dots::dot(s, s, rows);
        const Scalar sy = Dots::dot(s, y, rows);
        const Scalar yy = Dots::dot(y, y, rows);
        constexpr Scalar noise = std::numeric_limits<Scalar>::epsilon();
        if (!(sy > 0 && sy * sy > noise * noise * yy * ss) || !std::isfinite(yy)) return false;
        state.scale = sy / yy;
        const Scalar root = 1 / std::sqrt(sy);
        Dots::scale(root, s, rows);
        Dots::scale(root, y, rows);
        const Index last = (state.next == 0 ? state.kept() : state.next) - 1;
        state.numbers(state.next, 1) = Dots::dot(state.columns.data() + 2 * last * rows, y, rows);
        return true;
    }

    /// The loops take pairs two at a time: both are multiplied with the same q, and what the first
    /// of them would have changed in the second product is known from `links`. That halves the
    /// chain of products that wait for each other, most of the cost where vectors are short. The
    /// last of an odd number of pairs is taken with the pair of zeros.
    template <class V>
    void two_loops(Pairs<V>& state, auto q, Index rows) const {
        using Scalar = typename V::Scalar;
        const Scalar* const pairs = state.columns.data();
        const Index kept = state.kept();
        Scalar* const alpha = state.numbers.data();
        const Scalar* const links = alpha + kept + 1;
        const auto s = [&](Index i) { return pairs + 2 * i * rows; };
        const auto y = [&](Index i) { return s(i) + rows; };
        const auto before = [&](Index i) { return i == 0 ? kept - 1 : i - 1; };
        const auto after = [&](Index i) { return i + 1 == kept ? 0 : i + 1; };

        Index i = before(state.next);
        for (Index left = state.known; left > 0; left -= 2) {
            const Index j = left > 1 ? before(i) : kept;
            const Scalar first = q.dot(s(i));
            const Scalar second = q.dot(s(j)) - first * links[i];
            q.add(-(alpha[i] = first), y(i));
            q.add(-(alpha[j] = second), y(j));
            i = before(j);
        }
        q.scale(state.scale);
        i = state.known < kept ? 0 : state.next;
        for (Index left = state.known; left > 0; left -= 2) {
            const Index j = left > 1 ? after(i) : kept;
            const Scalar first = alpha[i] - q.dot(y(i));
            const Scalar second = alpha[j] - q.dot(y(j)) - first * links[j];
            q.add(first, s(i));
            q.add(second, s(j));
            i = after(j);
        }
        q.finish();
    }
};

}  // namespace ermine
