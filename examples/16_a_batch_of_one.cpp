// SPDX-License-Identifier: MIT
// Small batches can regularize, by the noise that they add: of all points that explain the training
// data, a batch of one may lead to a better one than the full gradient (Wilson & Martinez, "The
// general inefficiency of batch training for gradient descent learning", 2003; Goodfellow, Bengio &
// Courville 2016, section 8.1.3).
//
// Not so for least squares in w: each step is a sum of examples, and only one such w fits them all.
// But where the weights are w = u² - v², a network of two layers without cross connections, it is
// proved: noise shrinks what is small, and the w that is found has fewer weights (Pesme,
// Pillaud-Vivien & Flammarion, "Implicit bias of SGD for diagonal linear networks", NeurIPS 2021).
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/risk_estimate.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include <cmath>
#include <cstdint>
#include <iostream>

using namespace ermine;
using Eigen::ArrayXd, Eigen::MatrixXd, Eigen::VectorXd;

int main() {
    constexpr Index seeds = 10;
    constexpr Index n = 40;   // examples, fewer than
    constexpr Index d = 100;  // features, of which five matter
    constexpr double noise = 0.1;
    ArrayXd full(seeds), one_small(seeds), one_large(seeds), plain_full(seeds), plain_one(seeds);
    bool all_fit = true;
    for (Index k = 0; k < seeds; ++k) {
        const auto seed = static_cast<std::uint64_t>(k + 1);
        Random random(seed);
        VectorXd truth = VectorXd::Zero(d);
        truth.head(5) << 1, -1, 1, -1, 1;
        MatrixXd x(n, d);
        for (double& number : x.reshaped()) number = random.normal();
        VectorXd y = x * truth;
        for (double& number : y) number += noise * random.normal();

        // ½ (xᵀw - y)², its gradient in w, and in (u, v) by the chain rule
        const auto squares = finite_sum(n, [&](Index i, const VectorXd& w, VectorXd& g) {
            const double r = x.row(i).dot(w) - y[i];
            g += r * x.row(i).transpose();
            return 0.5 * r * r;
        });
        const auto weights = [](const VectorXd& uv) -> VectorXd {
            return uv.head(d).cwiseAbs2() - uv.tail(d).cwiseAbs2();
        };
        const auto network = finite_sum(n, [&](Index i, const VectorXd& uv, VectorXd& g) {
            const double r = x.row(i).dot(weights(uv)) - y[i];
            g.head(d) += 2 * r * x.row(i).transpose().cwiseProduct(uv.head(d));
            g.tail(d) -= 2 * r * x.row(i).transpose().cwiseProduct(uv.tail(d));
            return 0.5 * r * r;
        });

        // each to the same training loss, looked at after whole epochs
        const auto fit = [&](const auto& risk, const VectorXd& start, const auto& method) {
            const auto fits = [&](const auto& progress) {
                const bool whole = std::abs(progress.epoch() - progress.whole_epochs()) < 1e-6;
                return whole && risk.value(progress.point()) < 1e-4;
            };
            const auto result = minimize(risk, start, method, first_of(MaxEpochs{5000}, fits));
            all_fit = all_fit && result.status == Status::stopped;
            return result.x;
        };
        // features are standard normal: the risk on new data is known exactly
        const auto risk_of = [&](const VectorXd& w) {
            return 0.5 * ((w - truth).squaredNorm() + noise * noise);
        };
        const auto batch_of_one = Minibatch{.size = 1, .seed = seed};
        const VectorXd zero = VectorXd::Zero(d);
        const VectorXd small = VectorXd::Constant(2 * d, 0.1);  // w = 0 here, too
        plain_full[k] = risk_of(fit(squares, zero, FullGradient{} | Constant{0.03}));
        plain_one[k] = risk_of(fit(squares, zero, batch_of_one | Constant{0.003}));
        full[k] = risk_of(weights(fit(network, small, FullGradient{} | Constant{0.03})));
        one_small[k] = risk_of(weights(fit(network, small, batch_of_one | Constant{0.003})));
        one_large[k] = risk_of(weights(fit(network, small, batch_of_one | Constant{0.015})));
    }

    std::cout << "all fit the training data to a loss of 1e-4; risk on unseen data:\n"
              << "w            full gradient          " << estimate_risk(plain_full) << '\n'
              << "w            batch 1, step 0.003    " << estimate_risk(plain_one) << '\n'
              << "u² - v²      full gradient          " << estimate_risk(full) << '\n';
    const auto gain = [&](const char* name, const ArrayXd& risks) {
        const RiskEstimate less = estimate_risk(full - risks);  // on the same data
        std::cout << name << estimate_risk(risks) << ", less by " << less << '\n';
        return less;
    };
    const RiskEstimate little = gain("u² - v²      batch 1, step 0.003    ", one_small);
    const RiskEstimate much = gain("u² - v²      batch 1, step 0.015    ", one_large);

    const bool regularizes = little.mean > 4 * little.standard_error &&
                             much.mean > 4 * much.standard_error && much.mean > 2 * little.mean;
    const bool not_in_the_plain = (plain_one - plain_full).abs().maxCoeff() < 0.01;
    return all_fit && regularizes && not_in_the_plain ? 0 : 1;
}
