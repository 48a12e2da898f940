// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <ostream>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/estimate.hpp>

namespace ermine {

/// What a point is, by gradient and Hessian.
enum class PointKind {
    minimum,         ///< all eigenvalues are positive
    maximum,         ///< all are negative
    saddle,          ///< some are positive, and some negative
    degenerate,      ///< some are 0, and the others of one sign: second order does not tell
    not_stationary,  ///< the gradient is not 0
    undecided        ///< an estimate that did not converge, and saw no negative eigenvalue
};

/// The kind in a word.
constexpr const char* name(PointKind kind) {
    switch (kind) {
        case PointKind::minimum:
            return "minimum";
        case PointKind::maximum:
            return "maximum";
        case PointKind::saddle:
            return "saddle point";
        case PointKind::degenerate:
            return "degenerate";
        case PointKind::not_stationary:
            return "not stationary";
        case PointKind::undecided:
            return "undecided";
    }
    return "unknown";
}

/// A point with the evidence of what it is. Made by `classify`.
struct CriticalPoint {
    Eigen::VectorXd x;
    PointKind kind = PointKind::undecided;
    double value = std::numeric_limits<double>::quiet_NaN();
    double gradient_norm = 0;     ///< ‖∇f(x)‖∞
    double gradient_allowed = 0;  ///< up to which the point counts as stationary
    Index index = 0;  ///< negative eigenvalues: of the whole, or those that were counted
    bool index_is_complete = true;  ///< else there are at least so many
    Index flat = 0;       ///< eigenvalues that count as 0; of an estimate those at its ends
    double smallest = 0;  ///< eigenvalue
    double largest = 0;   ///< eigenvalue
    double zero = 0;      ///< the size up to which an eigenvalue counts as 0
    double error = 0;     ///< of the eigenvalues
    bool exact = false;   ///< from all eigenvalues
    Index products = 0;   ///< with the Hessian
    /// Unit vectors of the most negative curvature, the steepest first, each turned so that the
    /// gradient does not rise along it: f falls along them to second order.
    Eigen::MatrixXd escape_directions;
    /// Where the point is degenerate: how much lower f was found beside it along a flat direction;
    /// none where it was nowhere lower.
    std::optional<double> falls_by;
    std::int64_t runs = 1;  ///< of `find_critical_points`: how many came here

    /// The share of directions in which f falls.
    [[nodiscard]] double index_share() const {
        return static_cast<double>(index) / static_cast<double>(x.size());
    }

    /// What it is, and why, and what to do about it.
    [[nodiscard]] std::string explain() const {
        const auto n = static_cast<long long>(x.size());
        char text[256];
        std::string all = name(kind);
        if (kind == PointKind::saddle) {
            std::snprintf(text, sizeof text, " of index %s%lld of %lld",
                          index_is_complete ? "" : "at least ", static_cast<long long>(index), n);
            all += text;
        }
        all += ": eigenvalues " + in_digits(smallest, error) + " to " + in_digits(largest, error);
        if (flat > 0) {
            std::snprintf(text, sizeof text, ", %lld of them 0 to within %.1e",
                          static_cast<long long>(flat), zero);
            all += text;
        }
        std::snprintf(text, sizeof text, ", gradient norm %.1e (%s, up to %.1e counts as 0)",
                      gradient_norm, exact ? "exact" : "by products", gradient_allowed);
        all += text;
        switch (kind) {
            case PointKind::saddle:
                return all + "; leave along escape_directions, or by SaddleFreeNewton";
            case PointKind::degenerate:
                if (falls_by) {
                    std::snprintf(text, sizeof text,
                                  "; no minimum: along a flat direction f was lower by %.1e",
                                  *falls_by);
                    return all + text;
                }
                return all + "; the second derivatives do not tell what it is";
            case PointKind::not_stationary:
                return all + "; descend further before it is classified";
            case PointKind::undecided:
                return all + "; raise max_products";
            default:
                return all;
        }
    }

    friend std::ostream& operator<<(std::ostream& out, const CriticalPoint& p) {
        return out << p.explain() << '\n';
    }
};

}  // namespace ermine
