// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// λ Σ_g √|g| ‖w_g‖₂ over groups of neighbours (Yuan & Lin, "Model selection and estimation in
/// regression with grouped variables", 2006, eq. 2.1): convex, and makes whole groups exactly 0.
/// Groups are of one size, `GroupLasso{.lambda = 0.1, .group_size = 4}`, or of sizes in order,
/// `GroupLasso{.lambda = 0.1, .sizes = {3, 1, 5}}`; they must cover the penalized parameters.
struct GroupLasso {
    double lambda = 1;
    Index group_size = 0;           ///< of all groups; 0 where `sizes` is given
    std::vector<Index> sizes = {};  ///< of the groups, one by one

    static constexpr const char* name = "GroupLasso";
    static constexpr bool separable = false;

    /// λ Σ_g √|g| ‖w_g‖, summed in double.
    /// Throws std::invalid_argument where the groups don't cover w, as prox does.
    double value(const auto& w) const {
        double sum = 0;
        for_each_group(w, [&](const auto& group, double root) { sum += root * norm(group); });
        return lambda * sum;
    }

    /// Block soft thresholding: w_g · max(1 − t λ √|g| / ‖w_g‖, 0). A NaN makes its group NaN.
    void prox(auto&& w, double t) const {
        using T = Number<decltype(w)>;
        if (t * lambda == 0) return;
        for_each_group(w, [&](auto&& group, double root) {
            const double length = norm(group);
            const double threshold = t * lambda * root;
            if (length <= threshold)
                group.setZero();
            else
                group *= static_cast<T>(1 - threshold / length);
        });
    }

    /// 0 where ‖v_g‖ <= λ √|g| for all groups, up to rounding (4 (n + 4) ε λ √|g|); otherwise +∞.
    double conjugate(const auto& v) const {
        const double room = 4 * (static_cast<double>(v.size()) + 4) *
                            double{std::numeric_limits<Number<decltype(v)>>::epsilon()};
        bool inside = true;
        for_each_group(v, [&](const auto& group, double root) {
            inside = inside && norm(group) <= lambda * root * (1 + room);
        });
        return inside ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The least of 1 and λ √|g| / ‖v_g‖, and NaN where an entry is.
    double shrink(const auto& v) const {
        double least = 1;
        for_each_group(v, [&](const auto& group, double root) {
            const double size = norm(group);
            const double share = size <= lambda * root ? 1 : lambda * root / size;
            if (!(share >= least)) least = share;
        });
        return least;
    }

    /// Throws std::invalid_argument unless λ is finite and >= 0, and either group_size or sizes is
    /// given, with groups of one number or more.
    void check() const {
        require_nonnegative(lambda, "GroupLasso: lambda");
        if ((group_size == 0) == sizes.empty())
            throw std::invalid_argument(
                "GroupLasso: give either group_size or sizes, and not both");
        if (group_size < 0)
            throw std::invalid_argument("GroupLasso: group_size is " + std::to_string(group_size) +
                                        ": it must be positive");
        for (std::size_t g = 0; g < sizes.size(); ++g)
            if (sizes[g] < 1)
                throw std::invalid_argument("GroupLasso: sizes[" + std::to_string(g) + "] is " +
                                            std::to_string(sizes[g]) + ": it must be positive");
    }

private:
    /// ‖w_g‖, which neither overflows nor vanishes where w_g does not.
    static double norm(const auto& group) { return group.template cast<double>().stableNorm(); }

    void for_each_group(auto&& w, auto&& body) const {
        if (sizes.empty()) {
            if (group_size < 1 || w.size() % group_size != 0) refuse(w.size());
            const double root = std::sqrt(static_cast<double>(group_size));
            for (Index begin = 0; begin < w.size(); begin += group_size)
                body(w.segment(begin, group_size), root);
        } else {
            if (std::accumulate(sizes.begin(), sizes.end(), Index{0}) != w.size()) refuse(w.size());
            Index begin = 0;
            for (const Index size : sizes) {
                body(w.segment(begin, size), std::sqrt(static_cast<double>(size)));
                begin += size;
            }
        }
    }

    [[noreturn]] void refuse(Index size) const {
        throw std::invalid_argument(
            "GroupLasso: " + std::to_string(size) + " parameters cannot be cut into groups of " +
            (sizes.empty()
                 ? std::to_string(group_size) + " numbers"
                 : "the given sizes, which cover " +
                       std::to_string(std::accumulate(sizes.begin(), sizes.end(), Index{0}))));
    }
};

}  // namespace ermine
