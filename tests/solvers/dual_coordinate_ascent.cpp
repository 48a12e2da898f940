// SPDX-License-Identifier: MIT
// One coordinate of the dual against a search along it, and logistic regression by coordinate
// ascent, whose gap proves its answer.
#include "ermine_catch.hpp"

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/dual_coordinate.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/linear_candidates.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <Eigen/SparseCore>

#include <cmath>
#include <vector>

using namespace ermine;

namespace {

/// What the coordinate's maximum makes least.
template <class Loss>
double cost(const DualCoordinate<Loss>& coordinate, double margin, double before, double alpha) {
    return coordinate.c * Loss{}.conjugate(-alpha / coordinate.c, 1.0) +
           (margin - coordinate.q * before) * alpha + 0.5 * coordinate.q * alpha * alpha;
}

template <class Loss>
void is_least(double c, double q, double margin, double share) {
    const DualCoordinate<Loss> coordinate{c, q};
    const double before = share * c;
    const double found = coordinate.maximum(before, margin);
    INFO(Loss::name << ": C = " << c << ", q = " << q << ", margin " << margin << ", from "
                    << share);
    REQUIRE(found >= 0);
    if (std::isfinite(coordinate.most())) REQUIRE(found <= coordinate.most());
    const double least = cost(coordinate, margin, before, found);
    // the equation of the logistic loss is solved to 2 % of where it began
    const double gain = cost(coordinate, margin, before, before) - least;
    CHECK(gain >= 0);
    for (const double step : {-0.3, -0.1, 0.1, 0.3}) {
        const double other = found + step * (std::abs(found - before) + 1e-3 * c);
        if (other < 0 || other > coordinate.most()) continue;
        CHECK(cost(coordinate, margin, before, other) >= least - 1e-3 * gain - 1e-12 * c);
    }
}

}  // namespace

TEST_CASE("one coordinate goes to the maximum along it") {
    for (const double c : {1e-3, 1.0, 1e4})
        for (const double q : {0.0, 0.5, 100.0})
            for (const double margin : {-30.0, -1.0, 0.3, 2.0, 40.0})
                for (const double share : {0.0, 0.2, 1.0}) {
                    is_least<HingeLoss>(c, q, margin, share);
                    is_least<SquaredHingeLoss>(c, q, margin, share);
                    is_least<LogisticLoss>(c, q, margin, share);
                }
}

TEST_CASE("logistic regression by coordinate ascent proves its value") {
    Random random(3);
    constexpr Index examples = 400;
    constexpr Index features = 600;
    std::vector<Eigen::Triplet<float>> entries;
    Eigen::VectorXd targets(examples);
    for (Index i = 0; i < examples; ++i) {
        for (int k = 0; k < 12; ++k)
            entries.emplace_back(static_cast<int>(i),
                                 static_cast<int>(random.below(std::uint64_t{features})),
                                 static_cast<float>(0.3 * random.normal()));
        targets[i] = random.normal() > 0 ? 1 : -1;
    }
    Eigen::SparseMatrix<float, Eigen::RowMajor> rows(examples, features);
    rows.setFromTriplets(entries.begin(), entries.end());
    Eigen::VectorXd weights = Eigen::VectorXd::Ones(examples);
    weights.head(50).setConstant(3);
    weights.tail(7).setZero();
    const Dataset data = Dataset(rows, targets).with_weights(weights);
    const auto f = EmpiricalRisk{Linear{features, false}, LogisticLoss{}, data}.in_double() +
                   L2{1.0 / examples};
    CHECK(choose_linear(f).method == "DualCoordinateAscent");
    const auto result = minimize(f, f.zero(), DualCoordinateAscent{}, RelativeGap{1e-10});
    REQUIRE(result.converged());
    Eigen::VectorXd gradient;
    f.value_and_gradient(result.x, gradient);
    // ½ ‖∇F‖² / λ bounds the suboptimality by itself
    CHECK(gradient.squaredNorm() * examples / 2 < 1e-8 * result.value);
}
