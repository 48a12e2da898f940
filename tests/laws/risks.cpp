// SPDX-License-Identifier: MIT
// Every model and every loss, over dense and sparse data, double and float: derivatives agree with
// differences, passes agree with the plain formula, batches with the whole.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/smoothed_hinge.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

struct Sample {
    MatrixXd x;
    VectorXd binary;
    VectorXd classes;
    VectorXd weights;
};

/// A sample with a third of its entries zero, and some weights, too.
Sample sample(Index n, Index d, std::uint64_t seed) {
    Random random{seed};
    Sample s;
    s.x =
        MatrixXd::NullaryExpr(n, d, [&] { return random.uniform() < 0.33 ? 0 : random.normal(); });
    s.binary = VectorXd::NullaryExpr(n, [&] { return random.uniform() < 0.4 ? -1.0 : 1.0; });
    s.classes = VectorXd::NullaryExpr(n, [&] { return static_cast<double>(random.below(4)); });
    s.weights =
        VectorXd::NullaryExpr(n, [&] { return random.uniform() < 0.2 ? 0 : random.uniform(); });
    return s;
}

VectorXd point(Index size, double scale = 1, std::uint64_t seed = 11) {
    Random random{seed};
    return VectorXd::NullaryExpr(size, [&] { return scale * random.normal(); });
}

/// The mean loss, written down as in the textbook.
template <class L>
double textbook(const L& loss, const Sample& s, const VectorXd& y, const VectorXd& theta,
                bool weighted) {
    double sum = 0;
    double total = 0;
    for (Index i = 0; i < s.x.rows(); ++i) {
        const double w = weighted ? s.weights[i] : 1;
        double p = theta[s.x.cols()];
        for (Index j = 0; j < s.x.cols(); ++j) p += s.x(i, j) * theta[j];
        sum += w * loss.value(p, y[i]);
        total += w;
    }
    return sum / total;
}

template <class F, class V>
void check_derivatives(const F& f, const V& x) {
    const auto gradient = check_gradient(f, x);
    INFO(gradient);
    CHECK(gradient.ok());
    if constexpr (TwiceDifferentiable<F, V>) {
        const auto hessian = check_hessian(f, x);
        INFO(hessian);
        CHECK(hessian.ok());
    }
}

template <class F, class V>
void check_batches(const F& f, const V& x) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(f.examples()));
    std::iota(rows.begin(), rows.end(), 0);
    V whole;
    V batch;
    const double value = f.value_and_gradient(x, whole);
    const double tolerance = sizeof(typename V::Scalar) > 4 ? 1e-12 : 1e-5;
    CHECK(f.value_and_gradient(x, Batch{rows}, batch) == Approx(value).epsilon(tolerance));
    CHECK((whole - batch).norm() <= tolerance * (1 + whole.norm()));
    // The mean over two halves, in another order, is the whole.
    std::swap(rows.front(), rows.back());
    const auto half = rows.size() / 2;
    V first;
    V second;
    const double mean =
        (static_cast<double>(half) * f.value_and_gradient(x, Batch{rows.data(), half}, first) +
         static_cast<double>(rows.size() - half) *
             f.value_and_gradient(x, Batch{rows}.subspan(half), second)) /
        static_cast<double>(rows.size());
    CHECK(mean == Approx(value).epsilon(tolerance));
    CHECK(f.value(x, Batch{rows}) == Approx(value).epsilon(tolerance));
}

template <class L>
void check_linear(const L& loss, const Sample& s, const VectorXd& y) {
    INFO(L::name);
    const Index d = s.x.cols();
    for (const bool weighted : {false, true}) {
        const Dataset plain{s.x, y};
        const auto dense = weighted ? plain.with_weights(s.weights) : plain;
        const Eigen::SparseMatrix<double, Eigen::RowMajor> sx = s.x.sparseView();
        const Dataset plain_sparse{sx, y};
        const auto sparse = weighted ? plain_sparse.with_weights(s.weights) : plain_sparse;
        const EmpiricalRisk risk{Linear{d}, loss, dense};
        const EmpiricalRisk sparse_risk{Linear{d}, loss, sparse};
        for (const double scale : {0.1, 1.0}) {
            const VectorXd theta = point(d + 1, scale);
            CHECK(risk.value(theta) == Approx(textbook(loss, s, y, theta, weighted)));
            CHECK(sparse_risk.value(theta) == Approx(risk.value(theta)).epsilon(1e-12));
            check_derivatives(risk, theta);
            check_derivatives(sparse_risk, theta);
            check_derivatives(risk + L2{0.3}, theta);
            check_batches(risk, theta);
            check_batches(sparse_risk + L2{0.3}, theta);
        }
        check_derivatives(EmpiricalRisk{Linear{.features = d, .intercept = false}, loss, sparse},
                          point(d));

        // Margins of ±1e4 and beyond: nothing overflows on the way.
        const VectorXd far = point(d + 1, 1e4);
        VectorXd g;
        CHECK(risk.value_and_gradient(far, g) ==
              Approx(textbook(loss, s, y, far, weighted)).epsilon(1e-12));
        CHECK(g.allFinite());
        check_derivatives(risk, far);
        VectorXd sparse_g;
        sparse_risk.value_and_gradient(far, sparse_g);
        CHECK((g - sparse_g).norm() <= 1e-11 * (1 + g.norm()));

        // Float data: what double says of the same numbers.
        const Eigen::MatrixXf xf = s.x.cast<float>();
        const Dataset plain_float{xf, y};
        const Dataset plain_double{MatrixXd(xf.cast<double>()), y};
        const auto small = weighted ? plain_float.with_weights(s.weights) : plain_float;
        const auto large = weighted ? plain_double.with_weights(s.weights) : plain_double;
        const EmpiricalRisk float_risk{Linear{d}, loss, small};
        const EmpiricalRisk double_risk{Linear{d}, loss, large};
        const Eigen::VectorXf thetaf = point(d + 1, 0.5).cast<float>();
        const VectorXd theta = thetaf.cast<double>();
        Eigen::VectorXf gf;
        CHECK(float_risk.value_and_gradient(thetaf, gf) ==
              Approx(double_risk.value_and_gradient(theta, g)).epsilon(1e-5));
        CHECK((gf.cast<double>() - g).norm() <= 1e-5 * (1 + g.norm()));
        check_batches(float_risk, thetaf);
    }
}

}  // namespace

TEST_CASE("Linear risks agree with the formula and their derivatives with differences") {
    const Sample s = sample(150, 9, 3);
    check_linear(LogisticLoss{}, s, s.binary);
    check_linear(SquaredLoss{}, s, point(150, 2, 5));
    check_linear(HuberLoss{}, s, point(150, 2, 5));
    check_linear(HingeLoss{}, s, s.binary);
    check_linear(SquaredHingeLoss{}, s, s.binary);
    check_linear(SmoothedHingeLoss{}, s, s.binary);
}

TEST_CASE("Risks of every width of row, around the widths of packets") {
    for (Index d = 0; d <= 40; ++d) {
        const Sample s = sample(70, d, static_cast<std::uint64_t>(d) + 1);
        const EmpiricalRisk risk{Linear{d}, LogisticLoss{}, Dataset{s.x, s.binary}};
        const VectorXd theta = point(d + 1);
        INFO("d = " << d);
        CHECK(risk.value(theta) == Approx(textbook(LogisticLoss{}, s, s.binary, theta, false)));
        check_derivatives(risk, theta);
        const Eigen::MatrixXf xf = s.x.cast<float>();
        const EmpiricalRisk float_risk{Linear{d}, LogisticLoss{}, Dataset{xf, s.binary}};
        Eigen::VectorXf gf;
        VectorXd g;
        risk.value_and_gradient(theta, g);
        float_risk.value_and_gradient(Eigen::VectorXf(theta.cast<float>()), gf);
        CHECK((gf.cast<double>() - g).norm() <= 1e-5 * (1 + g.norm()));
    }
}

TEST_CASE("Multiclass risks: dense, sparse, float, and two classes are logistic") {
    const Sample s = sample(120, 6, 9);
    for (const bool intercept : {true, false}) {
        const LinearMulticlass model{.features = 6, .classes = 4, .intercept = intercept};
        const Dataset dense{s.x, s.classes, s.weights};
        const Eigen::SparseMatrix<double, Eigen::RowMajor> sx = s.x.sparseView();
        const EmpiricalRisk risk{model, SoftmaxCrossEntropy{}, dense};
        const EmpiricalRisk sparse_risk{model, SoftmaxCrossEntropy{},
                                        Dataset{sx, s.classes, s.weights}};
        for (const double scale : {1.0, 1e4}) {
            const VectorXd theta = point(model.parameters(), scale);
            VectorXd g;
            VectorXd sparse_g;
            const double value = risk.value_and_gradient(theta, g);
            CHECK(std::isfinite(value));
            CHECK(sparse_risk.value_and_gradient(theta, sparse_g) == Approx(value).epsilon(1e-12));
            CHECK((g - sparse_g).norm() <= 1e-12 * (1 + g.norm()));
            check_derivatives(risk, theta);
            check_derivatives(sparse_risk + L2{0.1}, theta);
            check_batches(risk, theta);
        }
        const Eigen::MatrixXf xf = s.x.cast<float>();
        const EmpiricalRisk float_risk{model, SoftmaxCrossEntropy{},
                                       Dataset{xf, s.classes, s.weights}};
        const VectorXd theta = point(model.parameters());
        Eigen::VectorXf gf;
        VectorXd g;
        CHECK(float_risk.value_and_gradient(Eigen::VectorXf(theta.cast<float>()), gf) ==
              Approx(risk.value_and_gradient(theta, g)).epsilon(1e-5));
        CHECK((gf.cast<double>() - g).norm() <= 1e-5 * (1 + g.norm()));
    }

    const VectorXd half = point(7);
    VectorXd both(14);
    for (Index j = 0; j < 7; ++j) both.segment<2>(2 * j) << -half[j] / 2, half[j] / 2;
    const EmpiricalRisk logistic{Linear{6}, LogisticLoss{}, Dataset{s.x, s.binary}};
    const VectorXd zero_one = (s.binary.array() + 1) / 2;
    const EmpiricalRisk softmax{LinearMulticlass{6, 2}, SoftmaxCrossEntropy{},
                                Dataset{s.x, zero_one}};
    CHECK(softmax.value(both) == Approx(logistic.value(half)).epsilon(1e-13));
}
