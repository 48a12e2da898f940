// SPDX-License-Identifier: MIT
// One's own loss. Outliers pull the least-squares line away; Cauchy's loss grows so slowly that
// they hardly count. A loss is a plain struct of formulas in two doubles.
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

/// log(1 + r²) with r = (p − y) / scale: the negative log-likelihood of Cauchy noise.
struct CauchyLoss {
    double scale = 1;

    double value(double p, double y) const { return std::log1p(square((p - y) / scale)); }
    double derivative(double p, double y) const {
        const double r = (p - y) / scale;
        return 2 * r / (1 + r * r) / scale;
    }
    double second_derivative(double p, double y) const {
        const double r2 = square((p - y) / scale);
        return 2 * (1 - r2) / square((1 + r2) * scale);
    }
    // What is known of it, each optional. The step 1/L of gradient descent comes from the second.
    double lipschitz() const { return 1 / scale; }
    double smoothness() const { return 2 / square(scale); }

    static double square(double r) { return r * r; }
};
static_assert(ermine::SurrogateLoss<CauchyLoss>);
static_assert(ermine::TwiceDifferentiableLoss<CauchyLoss>);

int main() {
    using namespace ermine;
    // one target in five is off by 10 or more, always upwards
    const auto [data, truth] = regression_with_outliers(
        {.examples = 2000, .features = 3, .noise = 0.1, .outliers = 0.2, .seed = 4});
    const Linear model{.features = data.features()};

    const EmpiricalRisk squares{model, SquaredLoss{}, data};
    const auto least_squares = minimize(squares, squares.zero(), newton());

    // not convex: begin where the convex risk ends
    const EmpiricalRisk robust{model, CauchyLoss{.scale = 0.5}, data};
    const auto cauchy = minimize(robust, least_squares.x, newton(), GradientNorm{1e-9});
    std::cout << cauchy;

    Eigen::VectorXd planted(truth.size() + 1);
    planted << truth, 0;
    const double pulled = (least_squares.x - planted).norm();
    const double steady = (cauchy.x - planted).norm();
    std::cout << "distance to the truth: least squares " << pulled << ", Cauchy " << steady << '\n';
    return cauchy.converged() && pulled > 1 && steady < 0.05 ? 0 : 1;
}
