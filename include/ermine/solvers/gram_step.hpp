// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/quadratic_lasso.hpp>

namespace ermine {

/// The step of a proximal Newton method on some columns W of a linear problem by their weighted
/// Gram matrix, (1/n) X_Wᵀ diag(c) X_W + l2 I, which is formed in products of floats: for few
/// columns, |W|² n multiplications.
class GramStep {
public:
    /// Moves w, the weights of the columns W, to the minimum of the model with the gradient g
    /// there, to within `tolerance`.
    template <class Problem>
    void solve(const Problem& problem, const Eigen::VectorXd& c, std::span<const Index> columns,
               const Eigen::VectorXd& g, const Eigen::VectorXd& lambda, double tolerance,
               Eigen::VectorXd& w) {
        form(problem, c, columns);
        linear_ = g - gram_ * w;
        lasso_.minimize(gram_, linear_, lambda, tolerance, w);
    }

    /// (1/n) X_Wᵀ diag(c) X_W + l2 I, both triangles.
    template <class Problem>
    const Eigen::MatrixXd& form(const Problem& problem, const Eigen::VectorXd& c,
                                std::span<const Index> columns) {
        const auto size = static_cast<Index>(columns.size());
        const Index n = problem.examples();
        constexpr Index rows = 512;
        constexpr Index together = 4;  // panels whose products are added up as floats
        // eight of one size, or as many as have a panel each: an odd one would leave a thread idle
        const Index parts = std::clamp<Index>(n / rows / 2 * 2, 1, 8);
        const Chunks chunks = chunks_for(n, std::max<Index>((n + parts - 1) / parts, 1), parts);
        // products of the numbers of a row by themselves are fewer than those of a panel with zeros
        bool few = false;
        std::size_t leading = 0;
        if constexpr (requires { problem.rows.columns; }) {
            const double a_row = static_cast<double>(problem.rows.nonzeros()) /
                                 static_cast<double>(std::max<Index>(n, 1));
            few = problem.features() > 1000 ||
                  a_row * a_row * 16 < static_cast<double>(size) * static_cast<double>(size);
            place_.assign(static_cast<std::size_t>(problem.parameters()), -1);
            for (Index k = 0; k < size; ++k)
                place_[static_cast<std::size_t>(columns[static_cast<std::size_t>(k)])] =
                    static_cast<std::int32_t>(k);
        } else {
            while (leading < columns.size() && columns[leading] < problem.features() &&
                   columns[leading] == static_cast<Index>(leading))
                ++leading;
        }
        spaces_.resize(static_cast<std::size_t>(chunks.count()));
        for_each_chunk(chunks.count(), [&](Index chunk) {
            Space& space = spaces_[static_cast<std::size_t>(chunk)];
            space.sum.setZero(size, size);
            if constexpr (requires { problem.rows.columns; })
                if (few) {
                    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
                        add_outer(problem, i, c[i], space);
                    return;
                }
            if constexpr (!requires { problem.rows.columns; })
                if (size <= 16) {
                    const auto add = size <= 8 ? &GramStep::add_small<8, Problem>
                                               : &GramStep::add_small<16, Problem>;
                    add(problem, c, columns, chunks.begin(chunk), chunks.end(chunk), space.sum);
                    return;
                }
            space.panel.resize(rows, size);
            space.product.setZero(size, size);
            Index added = 0;
            for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += rows) {
                const Index count = std::min(rows, chunks.end(chunk) - first);
                for (Index k = 0; k < count; ++k)
                    fill(problem, first + k, std::sqrt(c[first + k]), columns, leading,
                         space.panel.data() + k * size);
                add_gram_product(space.panel.topRows(count), space.product);
                if (++added < together && first + count < chunks.end(chunk)) continue;
                space.sum += space.product.template cast<double>();
                space.product.setZero();
                added = 0;
            }
        });
        gram_ = spaces_[0].sum;
        for (std::size_t k = 1; k < spaces_.size(); ++k) gram_ += spaces_[k].sum;
        gram_ /= static_cast<double>(n);
        gram_.template triangularView<Eigen::StrictlyUpper>() = gram_.transpose();
        for (Index k = 0; k < size; ++k)
            if (columns[static_cast<std::size_t>(k)] < problem.penalized())
                gram_(k, k) += problem.l2;
        return gram_;
    }

private:
    using Panel = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    struct Space {
        Panel panel;
        Eigen::MatrixXf product;
        Eigen::MatrixXd sum;
        std::vector<std::int32_t> places;
        std::vector<double> numbers;
    };

    std::vector<Space> spaces_;
    std::vector<std::int32_t> place_;  // of a parameter among the columns, or −1
    Eigen::MatrixXd gram_;
    Eigen::VectorXd linear_;
    QuadraticLasso lasso_;

    /// Adds to the lower triangle the products of the numbers of a sparse example.
    template <class Problem>
    void add_outer(const Problem& problem, Index i, double c, Space& space) const {
        space.places.clear();
        space.numbers.clear();
        for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e) {
            const std::int32_t at = place_[static_cast<std::size_t>(problem.rows.columns[e])];
            if (at < 0) continue;
            space.places.push_back(at);
            space.numbers.push_back(static_cast<double>(problem.rows.values[e]));
        }
        if (problem.intercept() && place_.back() >= 0) {
            space.places.push_back(place_.back());
            space.numbers.push_back(1);
        }
        for (std::size_t a = 0; a < space.places.size(); ++a) {
            const double by = c * space.numbers[a];
            for (std::size_t b = 0; b <= a; ++b)
                space.sum(std::max(space.places[a], space.places[b]),
                          std::min(space.places[a], space.places[b])) += by * space.numbers[b];
        }
    }

    /// Adds the products of the few numbers of some dense examples, in double and in registers.
    template <int most, class Problem>
    static void add_small(const Problem& problem, const Eigen::VectorXd& c,
                          std::span<const Index> columns, Index begin, Index end,
                          Eigen::MatrixXd& sum) {
        constexpr Index together = 16;  // what has just been stored number by number loads slowly
        Eigen::Array<double, most, most> all = Eigen::Array<double, most, most>::Zero();
        Eigen::Array<double, most, together> x = Eigen::Array<double, most, together>::Zero();
        const Index d = problem.features();
        const auto size = static_cast<Index>(columns.size());
        for (Index first = begin; first < end; first += together) {
            const Index count = std::min(together, end - first);
            for (Index i = 0; i < count; ++i) {
                const auto* const row = problem.rows.row(first + i);
                for (Index k = 0; k < size; ++k) {
                    const Index column = columns[static_cast<std::size_t>(k)];
                    x(k, i) = column < d ? static_cast<double>(row[column]) : 1.0;
                }
            }
            for (Index i = 0; i < count; ++i)
                for (Index j = 0; j < most; ++j) all.col(j) += (c[first + i] * x(j, i)) * x.col(i);
        }
        sum += all.matrix().topLeftCorner(sum.rows(), sum.cols());
    }

    /// The numbers of example i in the columns, scaled; of dense rows, the first `leading` columns
    /// are those of the row.
    template <class Problem>
    void fill(const Problem& problem, Index i, double scale, std::span<const Index> columns,
              std::size_t leading, float* out) const {
        const auto root = static_cast<float>(scale);
        if constexpr (requires { problem.rows.columns; }) {
            std::fill_n(out, columns.size(), 0.0F);
            for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e) {
                const std::int32_t at = place_[static_cast<std::size_t>(problem.rows.columns[e])];
                if (at >= 0) out[at] = root * static_cast<float>(problem.rows.values[e]);
            }
            if (problem.intercept() && place_.back() >= 0) out[place_.back()] = root;
        } else {
            const Index d = problem.features();
            const auto* const row = problem.rows.row(i);
            for (std::size_t k = 0; k < leading; ++k) out[k] = root * static_cast<float>(row[k]);
            for (std::size_t k = leading; k < columns.size(); ++k)
                out[k] = columns[k] < d ? root * static_cast<float>(row[columns[k]]) : root;
        }
    }
};

}  // namespace ermine
