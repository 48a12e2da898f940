// SPDX-License-Identifier: MIT
// The duality gap of linear problems: a bound at every point, and none at the optimum.

#include <algorithm>
#include <cmath>
#include <limits>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/poisson.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/duality_gap.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/nonnegative.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/relative_gap.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

constexpr Index n = 150;
constexpr Index d = 6;

// Features of different sizes, targets of the kind that is asked for: ±1, counts, classes or any.
template <class L>
auto some_data(const L& loss, bool weighted) {
    Random random(1);
    DenseRows<double>::Matrix x(n, d);
    VectorXd y(n);
    VectorXd w(n);
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j) x(i, j) = random.normal() / double(1 + j);
        const double score = x(i, 0) - 2 * x(i, 1) + 0.7 + 0.5 * random.normal();
        if constexpr (ManyOutputLoss<L>)
            y(i) = score > 1 ? 2 : score > 0 ? 1 : 0;
        else if (!loss.accepts(-1))
            y(i) = std::floor(std::exp(std::min(score, 2.0)));
        else
            y(i) = loss.accepts(0.5) ? score : score > 0 ? 1 : -1;
        w(i) = weighted ? static_cast<double>(random.below(4)) : 1;
    }
    return weighted ? Dataset(x, y, w) : Dataset(x, y);
}

template <class L>
auto model_of(const L&, bool intercept) {
    if constexpr (ManyOutputLoss<L>)
        return LinearMulticlass{.features = d, .classes = 3, .intercept = intercept};
    else
        return Linear{.features = d, .intercept = intercept};
}

// The law at the start, on the way, and at the optimum, which `method` finds.
template <class F, class M>
void require_bound(const F& f, const VectorXd& zero, const M& method, double least) {
    const auto best = minimize(f, zero, method, first_of(RelativeGap{1e-10}, MaxIterations{3000}));
    const DualityGap at_best = duality_gap(f, best.x);
    CAPTURE(at_best.primal, at_best.dual, name(best.status));
    REQUIRE(at_best.primal == Approx(f.value(best.x)).epsilon(1e-12));
    REQUIRE(at_best.relative() <= least);
    if (best.status == Status::converged) {
        REQUIRE(best.certificate.kind == Certificate::Kind::gap);
        REQUIRE(best.certificate.value == at_best.absolute());
    }
    Random random(2);
    for (const double far : {1e-4, 1e-2, 1.0, 30.0}) {
        for (int k = 0; k < 3; ++k) {
            VectorXd x = best.x;
            for (Index j = 0; j < x.size(); ++j) x(j) += far * random.normal();
            const DualityGap gap = duality_gap(f, x);
            CAPTURE(far, gap.primal, gap.dual);
            REQUIRE(gap.primal == Approx(f.value(x)).epsilon(1e-12));
            // weak duality: no dual value above any primal value
            REQUIRE(gap.dual <= at_best.primal);
            REQUIRE(gap.absolute() >= gap.primal - at_best.primal);
        }
    }
}

template <class Law>
void for_each_setting(Law law) {
    for (const bool intercept : {false, true})
        for (const bool weighted : {false, true}) {
            CAPTURE(intercept, weighted);
            law(intercept, weighted);
        }
}

}  // namespace

TEST_CASE("l2: the gap bounds the suboptimality everywhere and closes at the optimum") {
    const auto law = [](const auto& loss, double least) {
        CAPTURE(loss.name);
        for_each_setting([&](bool intercept, bool weighted) {
            const EmpiricalRisk risk(model_of(loss, intercept), loss, some_data(loss, weighted));
            require_bound(risk + L2{0.05}, risk.zero(), lbfgs(), least);
        });
    };
    law(LogisticLoss{}, 1e-9);
    law(SquaredHingeLoss{}, 1e-9);
    law(PoissonLoss{}, 1e-9);
    law(SoftmaxCrossEntropy{}, 1e-9);
}

TEST_CASE("kinked penalties: the gap bounds the suboptimality and closes") {
    const auto law = [](const auto& loss, const auto& penalty, double l2) {
        CAPTURE(loss.name, penalty.name, l2);
        for_each_setting([&](bool intercept, bool weighted) {
            const EmpiricalRisk risk(model_of(loss, intercept), loss, some_data(loss, weighted));
            require_bound(risk + L2{l2} + penalty, risk.zero(), fista(), 1e-8);
        });
    };
    law(LogisticLoss{}, L1{0.02}, 0);
    law(LogisticLoss{}, L1{0.02}, 0.01);
    law(SquaredLoss{}, GroupLasso{.lambda = 0.03, .group_size = 2}, 0);
    law(SquaredHingeLoss{}, ElasticNet{.l1 = 0.02, .l2 = 0.05}, 0);
    law(LogisticLoss{}, Nonnegative{}, 0.05);
}

TEST_CASE("the gap is what the formulas say, in double over floats, on any number of threads") {
    Random random(3);
    DenseRows<float>::Matrix x(700, 5);
    VectorXd y(700);
    for (Index i = 0; i < 700; ++i) {
        for (Index j = 0; j < 5; ++j) x(i, j) = static_cast<float>(1e3 * random.normal());
        y(i) = random.below(2) == 0 ? -1 : 1;
    }
    const Eigen::MatrixXd wide = x.cast<double>();
    const double lambda = 0.7;
    const VectorXd w = VectorXd::Constant(5, 1e-3);
    const auto f =
        EmpiricalRisk(Linear{5, false}, LogisticLoss{}, Dataset(x, y)).in_double() + L2{lambda};
    const DualityGap gap = duality_gap(f, w);
    // by hand: a = −y σ(−y p), D = −mean of the conjugates − ‖Xᵀa / n‖² / 2λ
    const Eigen::ArrayXd margins = y.array() * (wide * w).array();
    const Eigen::ArrayXd s = 1 / (1 + margins.exp());
    const VectorXd v = -wide.transpose() * VectorXd(-y.array() * s) / 700;
    const double dual =
        -(s * s.log() + (1 - s) * (1 - s).log()).mean() - v.squaredNorm() / (2 * lambda);
    const double primal = (1 + (-margins).exp()).log().mean() + lambda / 2 * w.squaredNorm();
    CHECK(gap.primal == Approx(primal).epsilon(1e-13));
    CHECK(gap.dual == Approx(dual).epsilon(1e-13));
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    omp_set_num_threads(before == 1 ? 2 : 1);
    const DualityGap again = duality_gap(f, w);
    omp_set_num_threads(before);
    CHECK((again.primal == gap.primal && again.dual == gap.dual));
#endif
}

TEST_CASE("where nothing is proven, the gap says so") {
    const auto data = some_data(LogisticLoss{}, false);
    const EmpiricalRisk risk(Linear{d}, LogisticLoss{}, data);
    // without a penalty no slopes but 0 are feasible
    CHECK(std::isinf(duality_gap(risk, risk.zero()).absolute()));
    CHECK(std::isinf(duality_gap(risk + Nonnegative{}, risk.zero()).absolute()));
    // outside of the penalty's domain there is no value, and with NaN nothing at all
    const auto bounded = risk + L2{1} + Nonnegative{};
    CHECK(duality_gap(bounded, VectorXd::Constant(d + 1, -1)).absolute() ==
          std::numeric_limits<double>::infinity());
    const VectorXd unknown = VectorXd::Constant(d + 1, std::numeric_limits<double>::quiet_NaN());
    CHECK(std::isinf(duality_gap(risk + L2{1}, unknown).absolute()));
    // all of one class and a free intercept: the infimum, 0, is not attained
    const auto alone = risk.data().with_targets(VectorXd::Ones(n));
    const auto f = EmpiricalRisk(Linear{d}, LogisticLoss{}, alone) + L2{1};
    CHECK(duality_gap(f, f.zero()).dual == Approx(0).margin(1e-12));
    CHECK(std::isinf(duality_gap(f, f.zero()).relative()));
    // at λ >= λmax, 0 is the lasso's answer, and known to be
    const EmpiricalRisk squares(Linear{d, false}, SquaredLoss{}, some_data(SquaredLoss{}, false));
    VectorXd g(d);
    squares.value_and_gradient(squares.zero(), g);
    const double most = g.lpNorm<Eigen::Infinity>();
    CHECK(duality_gap(squares + L1{most}, squares.zero()).relative() < 1e-14);
    CHECK(duality_gap(squares + L1{0.5 * most}, squares.zero()).relative() > 1e-3);
}
