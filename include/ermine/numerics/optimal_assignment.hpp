// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The permutation p that makes Σᵢ cost(i, p[i]) smallest, of all n! of them, in O(n³): rows come
/// in one by one, each by a shortest augmenting path under prices that keep all reduced costs
/// nonnegative (Jonker & Volgenant, "A shortest augmenting path algorithm for dense and sparse
/// linear assignment problems", Computing 38, 1987; Crouse, "On implementing 2D rectangular
/// assignment algorithms", IEEE TAES 52, 2016, section II). Among equal ones the choice is fixed by
/// the order of the columns.
///
/// Throws std::invalid_argument for a matrix that is not square, and for costs that are not finite.
template <class X>
std::vector<Index> optimal_assignment(const Eigen::MatrixBase<X>& costs) {
    const Index n = costs.rows();
    if (costs.cols() != n)
        throw std::invalid_argument("optimal_assignment: the costs are " + std::to_string(n) +
                                    " x " + std::to_string(costs.cols()) +
                                    ": give a square matrix");
    // A row is read as a whole.
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> cost =
        costs.template cast<double>();
    if (!cost.allFinite())
        throw std::invalid_argument("optimal_assignment: the costs hold NaN or infinity");

    constexpr double infinity = std::numeric_limits<double>::infinity();
    Eigen::ArrayXd row_price = Eigen::ArrayXd::Zero(n);
    Eigen::ArrayXd column_price = Eigen::ArrayXd::Zero(n);
    std::vector<Index> row_of(static_cast<std::size_t>(n), -1);
    std::vector<Index> column_of(static_cast<std::size_t>(n), -1);
    std::vector<Index> before(static_cast<std::size_t>(n));  // the row that a column is reached by
    std::vector<char> done(static_cast<std::size_t>(n));
    const auto at = [](Index k) { return static_cast<std::size_t>(k); };
    Eigen::ArrayXd distance(n);

    for (Index start = 0; start < n; ++start) {
        distance.setConstant(infinity);
        done.assign(at(n), 0);
        double shortest = 0;
        Index row = start;
        Index sink = -1;
        while (sink < 0) {
            Index next = -1;
            double least = infinity;
            for (Index j = 0; j < n; ++j) {
                if (done[at(j)] != 0) continue;
                const double through = shortest + (cost(row, j) - row_price[row] - column_price[j]);
                if (through < distance[j]) {
                    distance[j] = through;
                    before[at(j)] = row;
                }
                // A free column ends the path: taken first among equals.
                if (distance[j] < least || (distance[j] == least && next >= 0 &&
                                            row_of[at(j)] < 0 && row_of[at(next)] >= 0)) {
                    least = distance[j];
                    next = j;
                }
            }
            shortest = least;
            done[at(next)] = 1;
            if (row_of[at(next)] < 0)
                sink = next;
            else
                row = row_of[at(next)];
        }
        row_price[start] += shortest;
        for (Index j = 0; j < n; ++j) {
            if (done[at(j)] == 0 || j == sink) continue;
            row_price[row_of[at(j)]] += shortest - distance[j];
            column_price[j] -= shortest - distance[j];
        }
        for (Index j = sink;;) {
            const Index i = before[at(j)];
            row_of[at(j)] = i;
            std::swap(column_of[at(i)], j);
            if (i == start) break;
        }
    }
    return column_of;
}

}  // namespace ermine
