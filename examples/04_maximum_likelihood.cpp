// SPDX-License-Identifier: MIT
// Maximum likelihood: the mean of −log density over a sample is a finite sum of one's own. Fits
// the shape k and scale s of Weibull lifetimes, with density (k/s) (t/s)^(k−1) exp(−(t/s)^k).
#include <ermine/ermine.hpp>

#include <Eigen/LU>  // inverse(): ermine includes no more of Eigen than it needs

#include <cmath>
#include <iostream>
#include <vector>

using namespace ermine;
using Eigen::Vector2d;

int main() {
    // 5000 lifetimes with k = 1.7 and s = 3, by inverting the distribution function
    const double shape = 1.7;
    const double scale = 3;
    Random random(5);
    std::vector<double> log_lifetime(5000);
    for (double& t : log_lifetime)
        t = std::log(scale) + std::log(-std::log1p(-random.uniform())) / shape;

    // Unknowns are log k and log s, so that no step makes them negative. The formula must hold for
    // numbers of any kind: autodiff takes its gradient and its Hessian.
    const auto n = static_cast<Index>(log_lifetime.size());
    const auto likelihood = finite_sum(n, [&](Index i, const auto& x) {
        using std::exp;
        const double t = log_lifetime[static_cast<std::size_t>(i)];
        const auto k = exp(x[0]);
        const auto z = k * (t - x[1]);  // log (t/s)^k
        return exp(z) - z - x[0] + t;
    });

    // Batches first: they come near in one pass. Then Newton, to the last digit.
    const auto near =
        minimize(likelihood, Vector2d(0, 0), sgd(0.05, {.size = 50, .seed = 1}), MaxEpochs{1});
    const auto result = minimize(likelihood, near.x, newton(), GradientNorm{1e-12});
    std::cout << "after one epoch of batches: k = " << std::exp(near.x[0])
              << ", s = " << std::exp(near.x[1]) << '\n'
              << result;

    // The inverse of n times the Hessian is the covariance of the estimate (Fisher).
    Eigen::Matrix2d information;
    likelihood.hessian(result.x, information);
    const Eigen::Matrix2d covariance = information.inverse() / static_cast<double>(n);
    const Vector2d truth(std::log(shape), std::log(scale));
    const Vector2d error = covariance.diagonal().cwiseSqrt();
    std::cout << "k = " << std::exp(result.x[0]) << " ± " << std::exp(result.x[0]) * error[0]
              << ", s = " << std::exp(result.x[1]) << " ± " << std::exp(result.x[1]) * error[1]
              << '\n';
    const bool within = ((result.x - truth).array().abs() <= 3 * error.array()).all();
    return result.converged() && within ? 0 : 1;
}
