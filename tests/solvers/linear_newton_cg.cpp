// SPDX-License-Identifier: MIT
#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/minimize.hpp>

#include <Eigen/Cholesky>
#include <Eigen/SparseCore>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine_catch.hpp>

using namespace ermine;

namespace {

struct Examples {
    Eigen::MatrixXd x;
    Eigen::VectorXd y;
    Eigen::VectorXd weights;
};

/// Labels that depend on the first columns, with noise; every third number is 0.
Examples examples(Index n, Index d) {
    Random random(11);
    Examples made{Eigen::MatrixXd(n, d), Eigen::VectorXd(n), Eigen::VectorXd(n)};
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j)
            made.x(i, j) = (i + j) % 3 == 0 ? 0 : random.normal() * (j == 1 ? 10 : 1);
        made.y[i] = made.x(i, 0) - 0.1 * made.x(i, 1) + random.normal() > 0 ? 1 : -1;
        made.weights[i] = i % 4 == 0 ? 0 : 0.5 + random.uniform();
    }
    return made;
}

/// Newton's method written plainly on [X 1] in double: the minimum of the risk + ½ λ ‖w‖².
template <class L>
double minimum(const L& loss, const Examples& data, bool intercept, bool weighted, double lambda) {
    const Index n = data.x.rows();
    const Index d = data.x.cols();
    Eigen::MatrixXd x(n, d + (intercept ? 1 : 0));
    x.leftCols(d) = data.x;
    if (intercept) x.col(d).setOnes();
    Eigen::VectorXd share = Eigen::VectorXd::Constant(n, 1.0 / static_cast<double>(n));
    if (weighted) share = data.weights / data.weights.sum();
    Eigen::VectorXd penalty = Eigen::VectorXd::Constant(x.cols(), lambda);
    if (intercept) penalty[d] = 0;
    const auto value = [&](const Eigen::VectorXd& w) {
        const Eigen::ArrayXd p = x * w;
        return (share.array() * loss.value(p, data.y.array())).sum() +
               0.5 * w.dot(penalty.cwiseProduct(w));
    };
    Eigen::VectorXd w = Eigen::VectorXd::Zero(x.cols());
    for (int k = 0; k < 100; ++k) {
        const Eigen::ArrayXd p = x * w;
        const Eigen::ArrayXd slopes = share.array() * loss.derivative(p, data.y.array());
        const Eigen::ArrayXd c = share.array() * loss.second_derivative(p, data.y.array());
        const Eigen::VectorXd g = x.transpose() * slopes.matrix() + penalty.cwiseProduct(w);
        Eigen::MatrixXd h = x.transpose() * c.matrix().asDiagonal() * x;
        h.diagonal() += penalty;
        const Eigen::VectorXd step = h.llt().solve(g);
        double t = 1;
        while (t > 1e-10 && value(w - t * step) > value(w) - 1e-4 * t * g.dot(step)) t /= 2;
        if (!(t > 1e-10)) break;
        w -= t * step;
        if (g.dot(step) < 1e-20) break;
    }
    return value(w);
}

template <class Risk>
void check_against(const Risk& risk, double lambda, double least) {
    const auto f = risk + L2{lambda};
    const Eigen::VectorXd zero = Eigen::VectorXd::Zero(f.parameters());
    for (const double gap : {1e-2, 1e-10}) {
        const auto result = minimize(f, zero, LinearNewtonCG{.accuracy = gap}, RelativeGap{gap});
        CHECK(result.converged());
        CHECK(result.certificate.kind == Certificate::Kind::gap);
        CHECK(result.certificate.value <= gap * result.value);
        CHECK(result.value - least <= result.certificate.value + 1e-14);
        CHECK(result.value >= least - 1e-13);
        CHECK(result.value == Approx(f.value(result.x)).epsilon(1e-12));
        CHECK(result.counts.gradients > 0);
        // a warm start is as good as done
        CHECK(minimize(f, result.x, LinearNewtonCG{.accuracy = gap}, RelativeGap{1.1 * gap})
                  .iterations <= 1);
    }
}

template <class L>
void check_all(const L& loss, const auto& x, const Examples& data, bool intercept, bool weighted) {
    const double lambda = 1e-3;
    const double least = minimum(loss, data, intercept, weighted, lambda);
    const Dataset plain{x, data.y};
    check_against(EmpiricalRisk{Linear{data.x.cols(), intercept}, loss,
                                weighted ? plain.with_weights(data.weights) : plain},
                  lambda, least);
}

/// Dense rows with one loss, sparse ones with the other: each pair takes long to compile.
void check_both(const Examples& data, bool intercept, bool weighted) {
    const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = data.x.sparseView();
    check_all(LogisticLoss{}, data.x, data, intercept, weighted);
    check_all(SquaredHingeLoss{}, sparse, data, intercept, weighted);
}

}  // namespace

TEST_CASE("LinearNewtonCG reaches the minimum with a gap that bounds what is left") {
    const Examples data = examples(400, 9);
    for (const bool intercept : {false, true})
        for (const bool weighted : {false, true}) check_both(data, intercept, weighted);
}

TEST_CASE("it begins on samples, and float data give the minimum of those floats") {
    Examples data = examples(20000, 12);
    const Eigen::MatrixXf floats = data.x.cast<float>();
    data.x = floats.cast<double>();
    const double least = minimum(LogisticLoss{}, data, true, false, 1e-4);
    check_against(EmpiricalRisk{Linear{12}, LogisticLoss{}, Dataset{floats, data.y}}.in_double(),
                  1e-4, least);
}

TEST_CASE("many features take a diagonal") {
    const Examples data = examples(300, 1600);
    check_both(data, false, false);
}

TEST_CASE("it has the same bits on any number of threads") {
#ifdef _OPENMP
    const Examples data = examples(20000, 12);
    const auto f = EmpiricalRisk{Linear{12}, LogisticLoss{}, Dataset{data.x, data.y}} + L2{1e-4};
    const int before = omp_get_max_threads();
    omp_set_num_threads(1);
    const auto one = minimize(f, f.zero(), LinearNewtonCG{}, RelativeGap{1e-9});
    omp_set_num_threads(2);
    const auto two = minimize(f, f.zero(), LinearNewtonCG{}, RelativeGap{1e-9});
    omp_set_num_threads(before);
    CHECK((one.x.array() == two.x.array()).all());
    CHECK(one.certificate.value == two.certificate.value);
#endif
}

TEST_CASE("separable classes without a penalty are named") {
    Examples data = examples(200, 5);
    for (Index i = 0; i < 200; ++i) data.y[i] = data.x(i, 0) + 0.3 > 0 ? 1 : -1;
    const EmpiricalRisk risk{Linear{5}, LogisticLoss{}, Dataset{data.x, data.y}};
    const auto result = minimize(risk, risk.zero(), LinearNewtonCG{}, RelativeGap{1e-6});
    CHECK(result.status == Status::separable);
    CHECK(((risk.predictions(result.x) * data.y.array()) > 0).all());
}

TEST_CASE("options out of range are refused") {
    const Examples data = examples(20, 2);
    const auto f = EmpiricalRisk{Linear{2}, LogisticLoss{}, Dataset{data.x, data.y}} + L2{1};
    CHECK_THROWS_WITH(LinearNewtonCG{.accuracy = -1}.start(f, f.zero()),
                      contains("LinearNewtonCG.accuracy"));
    CHECK_THROWS_WITH(LinearNewtonCG{.forcing = 2}.start(f, f.zero()),
                      contains("LinearNewtonCG.forcing"));
}
