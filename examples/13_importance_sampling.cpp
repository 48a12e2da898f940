// SPDX-License-Identifier: MIT
// Importance sampling. Where examples differ much, most of a gradient comes from a few of them.
// Draw example i with probability pᵢ and give it the weight 1/(n pᵢ): the mean stays what it was
// for any pᵢ > 0 (Goodfellow, Bengio & Courville 2016, section 17.2), its variance is least for pᵢ
// in proportion to ‖∇fᵢ‖. Its bound, the Lipschitz constant Lᵢ of ∇fᵢ, is known before the run:
// drawn by it, the step may be 1/mean(L) instead of 1/max(L) (Needell, Srebro & Ward 2014; Zhao &
// Zhang 2015).
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>

#include <ermine/data/dataset.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/example_smoothness.hpp>
#include <ermine/objectives/gradient_lengths.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

using namespace ermine;
using Eigen::VectorXd;

int main() {
    // y = xᵀw without noise; the lengths of the x are spread over powers of ten
    const Index n = 1000;
    const Index d = 5;
    Random random(1);
    VectorXd truth(d);
    for (double& w : truth) w = random.normal();
    Eigen::MatrixXd x(n, d);
    for (Index i = 0; i < n; ++i) {
        const double length = std::exp(random.normal());
        for (Index j = 0; j < d; ++j) x(i, j) = length * random.normal();
    }
    const EmpiricalRisk risk{Linear{.features = d, .intercept = false}, SquaredLoss{},
                             Dataset{x, x * truth}};

    const VectorXd theta = risk.zero();
    VectorXd exact(d);
    risk.value_and_gradient(theta, exact);
    const VectorXd L = example_smoothness(risk);
    const double draws = 100000;
    std::cout << std::setprecision(3) << "L from " << L.minCoeff() << " to " << L.maxCoeff()
              << ", mean " << L.mean() << "; gradient of length " << exact.norm() << "\n\n"
              << "drawn by         error of   mean of 100000   the same with-     step   steps\n"
              << "                 one draw   draws is off by  out weights              to 1e-8\n";

    struct Seen {
        double error;      // root mean square of the error of one draw
        double off;        // how far the mean of the draws is from the gradient, in standard errors
        double forgotten;  // the same where the weights are left out
        double steps;      // until the truth is found
    };
    const auto look = [&](const char* title, const Importance& sampler) {
        auto state = sampler.start(n);
        VectorXd one(d);
        VectorXd sum = VectorXd::Zero(d);
        VectorXd unweighted = VectorXd::Zero(d);
        double squares = 0;
        for (int k = 0; k < static_cast<int>(draws); ++k) {
            const WeightedBatch batch = sampler.draw(state, 1);
            risk.value_and_gradient(theta, batch, one);
            sum += one;
            unweighted += one / batch.weights[0];
            squares += (one - exact).squaredNorm();
        }
        Seen seen{};
        seen.error = std::sqrt(squares / draws);
        const double standard_error = seen.error / std::sqrt(draws);
        seen.off = (sum / draws - exact).norm() / standard_error;
        seen.forgotten = (unweighted / draws - exact).norm() / standard_error;

        // the step that theory allows is one over the largest Lᵢ, as it counts with its weight
        double largest = 0;
        for (Index i = 0; i < n; ++i) {
            const double weight = 1 / (static_cast<double>(n) * sampler.probability(i));
            largest = std::max(largest, weight * L[i]);
        }
        const auto near = [&](const auto& progress) {
            return (progress.point() - truth).norm() <= 1e-8 * truth.norm();
        };
        const auto run =
            minimize(risk, theta, minibatch(sampler, {.size = 1}) | Constant{1 / largest},
                     first_of(MaxEpochs{1000}, near));
        seen.steps = static_cast<double>(run.iterations);
        std::cout << std::left << std::setw(14) << title << std::right << std::setw(11)
                  << seen.error << std::setw(13) << seen.off << " s.e." << std::setw(12)
                  << seen.forgotten << " s.e." << std::setw(11) << 1 / largest << std::setw(8)
                  << run.iterations << '\n';
        return seen;
    };
    const Seen alike = look("nothing", Importance{VectorXd::Ones(n), {.seed = 2}});
    const Seen by_L = look("L", Importance{L, {.seed = 2}});
    // half of the draws uniform: no weight is above 2, for half the step
    const Seen mixed = look("half by L", Importance{L, {.uniform = 0.5, .seed = 2}});
    // the least error at this θ; elsewhere, examples of a short gradient here are seen too rarely
    const Seen by_length = look("gradient", Importance{gradient_lengths(risk, theta), {.seed = 2}});

    bool as_theory_says = true;
    for (const Seen& seen : {alike, by_L, mixed, by_length})
        as_theory_says = as_theory_says && seen.off < 4;
    for (const Seen& seen : {by_L, mixed, by_length})
        as_theory_says = as_theory_says && seen.forgotten > 40;
    as_theory_says = as_theory_says && by_L.error < 0.2 * alike.error &&
                     mixed.error < 0.2 * alike.error && by_length.error < by_L.error;
    // steps are in proportion to max(L) and mean(L)
    const double gain = alike.steps / by_L.steps;
    std::cout << "\nmax(L) / mean(L) is " << L.maxCoeff() / L.mean() << ", steps were " << gain
              << " times fewer\n";
    const double ratio = gain / (L.maxCoeff() / L.mean());
    return as_theory_says && ratio > 0.5 && ratio < 2 ? 0 : 1;
}
