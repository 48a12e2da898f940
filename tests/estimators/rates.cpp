// SPDX-License-Identifier: MIT
// SAGA, SVRG and Katyusha converge linearly, at least as fast as their theorems say, on logistic
// regression of real sparse data and of generated.
#include "ermine_catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <ermine/data/read_libsvm.hpp>
#include <ermine/data/sparse_power_law.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/trust_region_cg.hpp>

using namespace ermine;
using Eigen::VectorXd;
using Sparse = Dataset<SparseRows<double>>;

namespace {

auto logistic(const Sparse& data, double lambda) {
    return EmpiricalRisk{Linear{data.features(), false}, LogisticLoss{}, data} + L2{lambda};
}

auto minimum(const auto& f) {
    auto best =
        minimize(f, f.zero(), trust_region_cg(), first_of(GradientNorm{1e-12}, MaxIterations{500}));
    REQUIRE(best.gradient_norm < 1e-10);
    return best;
}

/// Steps that a run has taken where `full` epochs of it were full gradients.
double steps(double epoch, double full, Index n) { return (epoch - full) * static_cast<double>(n); }

/// Runs until the theorem's bound is below 1e-7 of where it begins, and returns the largest error
/// in units of the bound that was seen on the way.
template <class F, class M>
double worst(const F& f, const M& method, double epochs, const auto& bound, const auto& error) {
    double largest = 0;
    const auto result = minimize(f, f.zero(), method, MaxEpochs{epochs}, [&](const auto& p) {
        const double at = bound(p);
        if (std::isfinite(at)) largest = std::max(largest, error(p.point()) / at);
    });
    CHECK(result.status == Status::max_epochs);
    return largest;
}

/// Defazio, Bach & Lacoste-Julien 2014, theorem 1: with the step 1/(3L), E ‖x − x*‖² falls by
/// 1 − min(1/(4n), μ/(3L)) a step, from ‖x₀ − x*‖² + (2n/(3L)) (f(x₀) − f*).
void saga_keeps_its_rate(const Sparse& data, double lambda) {
    const auto f = logistic(data, lambda);
    const auto best = minimum(f);
    const double n = static_cast<double>(f.examples());
    const double smoothness = f.smoothness_per_example();
    const double rate = std::min(1 / (4 * n), lambda / (3 * smoothness));
    const double begin =
        best.x.squaredNorm() + 2 * n / (3 * smoothness) * (f.value(f.zero()) - best.value);
    const double epochs = std::min(1 + std::log(1e7) / rate / n, 150.0);
    const double ratio = worst(
        f, saga(), epochs,
        [&](const auto& p) {
            const double k = steps(p.epoch(), p.epoch() > 0 ? 1 : 0, f.examples());
            return begin * std::exp(k * std::log1p(-rate));
        },
        [&](const VectorXd& x) { return (x - best.x).squaredNorm(); });
    CAPTURE(rate * n, epochs);
    CHECK(ratio <= 1);
}

/// Johnson & Zhang 2013, theorem 1: with the step η and m steps a snapshot, E f(w) − f* falls by
/// α = 1/(μ η (1 − 2Lη) m) + 2Lη/(1 − 2Lη) from snapshot to snapshot: by ½ for η = 1/(10L) and
/// m = 50 L/μ.
void svrg_keeps_its_rate(const Sparse& data, double lambda) {
    const auto f = logistic(data, lambda);
    const auto best = minimum(f);
    const double n = static_cast<double>(f.examples());
    const double smoothness = f.smoothness_per_example();
    const auto m = static_cast<std::int64_t>(std::ceil(50 * smoothness / lambda));
    const double alpha = 10 * smoothness / (lambda * 0.8 * static_cast<double>(m)) + 0.25;
    CHECK(alpha == Approx(0.5).epsilon(1e-3));
    const double begin = f.value(f.zero()) - best.value;
    const double epochs = 25 * (1 + static_cast<double>(m) / n);
    int snapshots = 0;
    const double ratio = worst(
        f, svrg({.steps = m}), epochs,
        [&](const auto& p) {
            const auto& state = p.state().estimator;
            if (p.epoch() == 0 || state.until != 0) return std::nan("");
            ++snapshots;
            return begin * std::pow(alpha, snapshots) + 1e-15;
        },
        [&](const VectorXd& x) { return f.value(x) - best.value; });
    CHECK(snapshots >= 24);
    CHECK(ratio <= 1);
}

/// Kovalev, Horváth & Richtárik 2020, lemma 10 and theorem 11: Ψ = Z + Y + W with
/// Z = L (1 + ησ)/(2η) ‖z − x*‖², Y = (f(y) − f*)/θ₁, W = θ₂ (1 + θ₁)/(p θ₁) (f(w) − f*) falls in
/// expectation by the largest of 1/(1 + ησ), 1 − θ₁ (1 − θ₂) and 1 − p θ₁/(1 + θ₁) a step.
void katyusha_keeps_its_rate(const Sparse& data, double lambda) {
    const auto f = logistic(data, lambda);
    const auto best = minimum(f);
    const double n = static_cast<double>(f.examples());
    const double smoothness = f.smoothness_per_example();
    const double sigma = lambda / smoothness;
    const double theta1 = std::min(std::sqrt(2 * n * sigma / 3), 0.5);
    const double eta = 0.5 / (1.5 * theta1);
    const double factor =
        std::max({1 / (1 + eta * sigma), 1 - theta1 / 2, 1 - theta1 / n / (1 + theta1)});
    const double unit = smoothness * (1 + eta * sigma) / (2 * eta);
    const double gap = f.value(f.zero()) - best.value;
    const double begin =
        best.x.squaredNorm() + gap * (1 / theta1 + 0.5 * (1 + theta1) * n / theta1) / unit;
    // a snapshot and n steps are two epochs, on average
    const double epochs = std::min(1 + 2 * std::log(1e7) / -std::log(factor) / n, 200.0);
    double taken = 0;
    double last = 0;
    const double ratio = worst(
        f, katyusha(), epochs,
        [&](const auto& p) {
            // a round is at most n steps, and what is beyond that a full gradient
            double passed = p.epoch() - last - (last == 0 && p.epoch() > 0 ? 1 : 0);
            last = p.epoch();
            if (passed > 1 + 1e-9) passed -= 1;
            taken += passed * n;
            return begin * std::pow(factor, taken);
        },
        [&](const VectorXd& x) { return (x - best.x).squaredNorm(); });
    CAPTURE(factor, epochs);
    CHECK(ratio <= 1);
}

void keep_their_rates(const Sparse& data) {
    for (const double lambda : {1e-2, 1e-4}) {
        CAPTURE(lambda);
        saga_keeps_its_rate(data, lambda);
        katyusha_keeps_its_rate(data, lambda);
    }
    svrg_keeps_its_rate(data, 1e-2);
}

}  // namespace

TEST_CASE("rates of variance reduction on generated data") {
    keep_their_rates(sparse_power_law({.examples = 3000, .features = 500, .words = 30}).data);
}

TEST_CASE("rates of variance reduction on real data") {
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr) {
        WARN("left out: ERMINE_DATA_DIR is not set, so there is no a9a, ijcnn1 or reuters");
        return;
    }
    for (const char* name : {"a9a.gz", "ijcnn1.trn.gz", "reuters.trn.gz"}) {
        CAPTURE(name);
        keep_their_rates(read_libsvm(std::string(folder) + "/libsvm/" + name));
    }
}
