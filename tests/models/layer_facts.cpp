// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/dataset.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/batch_norm.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/describe.hpp>
#include <ermine/models/dropout.hpp>
#include <ermine/models/elu.hpp>
#include <ermine/models/embedding.hpp>
#include <ermine/models/gelu.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/layer_norm.hpp>
#include <ermine/models/leaky_relu.hpp>
#include <ermine/models/lipschitz_bound.hpp>
#include <ermine/models/maxout.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/residual_block.hpp>
#include <ermine/models/sigmoid.hpp>
#include <ermine/models/sized.hpp>
#include <ermine/models/softplus.hpp>
#include <ermine/numerics/autodiff.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace {

using namespace ermine;
using Eigen::ArrayXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd normal_vector(Index size, std::uint64_t seed, double scale = 1) {
    Random random(seed);
    VectorXd v(size);
    for (double& x : v) x = scale * random.normal();
    return v;
}

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<std::int32_t> first(std::int32_t count) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

/// What a network makes of columns.
template <class M>
MatrixXd outputs(const M& model, const VectorXd& theta, const MatrixXd& x, Pass pass = {}) {
    typename M::template Memory<double> memory;
    memory.in.value = x;
    pass.examples = x.cols();
    model.forward(pass, theta.data(), memory);
    return memory.out->value;
}

template <class M>
MatrixXd outputs(const M& model, const MatrixXd& x, const Pass& pass = {}) {
    return outputs(model, VectorXd(), x, pass);
}

}  // namespace

TEST_CASE("layers that say their sizes as constants are the same layers, and checked") {
    const auto model = network<3>(dense<3, 4>(), sigmoid(), sized<4, 2>(Dense{.units = 2}));
    CHECK(model.parameters() == network(3, dense(4), sigmoid(), dense(2)).parameters());
    CHECK(model.blocks().front().name == "dense1.weights");
    CHECK_THROWS_WITH(network(5, dense<3, 4>()), "dense1 takes 3 numbers, and is given 5");
    CHECK_THROWS_WITH(network(3, (sized<3, 4>(dense(2)))),
                      "dense1 hands on 2 numbers, and was said to hand on 4");
}

TEST_CASE("Activations keep their values far out, and NaN") {
    const double inf = std::numeric_limits<double>::infinity();
    MatrixXd x(1, 7);
    x << -inf, -800, -1e-9, 0, 1e-9, 800, inf;
    const auto row = [&](const auto& layer) -> ArrayXd {
        const MatrixXd nan = MatrixXd::Constant(1, 9, std::nan(""));
        CHECK(outputs(network(1, layer), nan).array().isNaN().all());
        return outputs(network(1, layer), x).transpose().array();
    };
    const ArrayXd leaky = row(leaky_relu(0.5));
    CHECK(leaky[0] == -inf);
    CHECK(leaky[1] == -400);
    CHECK(leaky[5] == 800);
    const ArrayXd exponential = row(elu(2));
    CHECK(exponential[0] == -2);
    CHECK(exponential[2] == Approx(-2e-9).epsilon(1e-8));  // no cancellation
    CHECK(exponential[6] == inf);
    const ArrayXd logistic = row(sigmoid());
    CHECK(logistic[0] == 0);
    CHECK(logistic[3] == 0.5);
    CHECK(logistic[6] == 1);
    const ArrayXd soft = row(softplus());
    CHECK(soft[0] == 0);
    CHECK(soft[3] == Approx(std::log(2)).epsilon(1e-15));
    CHECK(soft[5] == 800);
    CHECK(soft[6] == inf);
    const ArrayXd gaussian = row(gelu());
    CHECK(gaussian[0] == 0);
    CHECK(gaussian[5] == 800);
    CHECK(gaussian[6] == inf);
    // x Φ(x) at −10, from Φ(−10) = 7.61985302416052606597e-24 (tables)
    CHECK(outputs(network(1, gelu()), MatrixXd::Constant(1, 1, -10))(0, 0) ==
          Approx(-7.61985302416052606597e-23).epsilon(1e-12));
    // float, too
    typename decltype(network(1, gelu()))::Memory<float> memory;
    memory.in.value.setConstant(1, 1, 1.0F);
    network(1, gelu()).forward({}, static_cast<const float*>(nullptr), memory);
    CHECK(memory.out->value(0, 0) == Approx(0.8413447).epsilon(1e-6));
}

TEST_CASE("Maxout takes the largest piece, and its NaN") {
    const auto model = network(1, maxout(2, 3));
    VectorXd theta(12);
    theta << 1, 2, -1, 0, 0, -2,  // weights: pieces 0, 1, 2 of units 0 and 1
        0, 0, 0, 5, 0.5, 0;       // biases
    MatrixXd x(1, 3);
    x << 2, -3, 0.1;
    MatrixXd expected(2, 3);
    expected << 2, 3, 0.5, 5, 6, 5;
    CHECK(outputs(model, theta, x) == expected);
    theta[6] = std::nan("");
    CHECK(std::isnan(outputs(model, theta, x)(0, 1)));
    CHECK(outputs(model, theta, x)(1, 1) == 6);
}

TEST_CASE("Layers say where they begin and how far they stretch") {
    const auto model = network(3, maxout(4, 2), dropout(0.5), batch_norm(), dense(4),
                               residual(dense(4), gelu()), dense(1));
    const VectorXd theta = initialize(model, He{}, 3);
    for (const auto& block : model.blocks()) {
        const auto values = theta.segment(block.offset, block.rows * block.columns).array();
        const bool one = block.name == "batch_norm1.scale" || block.name == "batch_norm1.variance";
        if (block.offset >= model.penalized()) CHECK((values == (one ? 1 : 0)).all());
    }
    const double bound = lipschitz_bound(model, theta);
    const VectorXd a = normal_vector(3, 1);
    const VectorXd b = a + 0.1 * normal_vector(3, 2);
    CHECK((outputs(model, theta, a) - outputs(model, theta, b)).norm() <= bound * (a - b).norm());
    CHECK_THROWS_WITH(lipschitz_bound(network(3, layer_norm()), VectorXd(VectorXd::Ones(6))),
                      contains("layer_norm1"));
}

TEST_CASE("Dropout keeps the mean, draws by layer, column and name, and rests at inference") {
    const MatrixXd ones = MatrixXd::Ones(200, 300);
    const auto one = network(200, dropout(0.3));
    const Pass training{.training = true, .draw = 4};
    CHECK(outputs(one, ones) == ones);
    const MatrixXd drawn = outputs(one, ones, training);
    CHECK(drawn == outputs(one, ones, training));
    CHECK(drawn != outputs(one, ones, {.training = true, .draw = 5}));
    const double kept = 1 / (1 - 0.3);
    CHECK((drawn.array() == 0 || drawn.array() == kept).all());
    // six standard deviations of the mean of 60 000
    CHECK(std::abs(drawn.mean() - 1) < 6 * std::sqrt(0.3 / 0.7 / 60000));
    for (const Index lag : {1, 2})  // columns and neighbours are independent
        CHECK(std::abs((drawn.leftCols(300 - lag).array() - 1)
                           .cwiseProduct(drawn.rightCols(300 - lag).array() - 1)
                           .mean()) < 6 * (0.3 / 0.7) / std::sqrt(200. * (300. - double(lag))));
    // Two layers drop independently: 0.7² stays, where one mask would leave 0.7.
    const MatrixXd twice = outputs(network(200, dropout(0.3), dropout(0.3)), ones, training);
    CHECK((twice.array() != 0).cast<double>().mean() == Approx(0.49).margin(0.02));
    // x + drop(x), dropped again: 0, kept or 1 / 0.7², the latter where both masks keep.
    const MatrixXd inner =
        outputs(network(200, residual(dropout(0.3)), dropout(0.3)), ones, training);
    CHECK((inner.array() > 1.5 * kept).cast<double>().mean() == Approx(0.49).margin(0.02));
    CHECK(outputs(network(200, dropout(0)), ones, training) == ones);
}

TEST_CASE("Batch normalization by hand") {
    const auto model = network(1, batch_norm());
    VectorXd theta(4);
    theta << 2, 10, 1, 4;  // scale, shift, mean, variance
    MatrixXd x(1, 4);
    x << 1, 3, 5, 7;  // mean 4, variance 5
    const MatrixXd y = outputs(model, theta, x, {.training = true});
    CHECK(y(0, 0) == Approx(10 - 6 / std::sqrt(5 + 1e-5)).epsilon(1e-14));
    CHECK(y(0, 3) == Approx(10 + 6 / std::sqrt(5 + 1e-5)).epsilon(1e-14));
    const MatrixXd at_rest = outputs(model, theta, x);
    CHECK(at_rest(0, 2) == Approx(10 + 2 * 4 / std::sqrt(4 + 1e-5)).epsilon(1e-14));
    CHECK_THROWS_WITH(outputs(model, theta, x.leftCols(1), {.training = true}),
                      contains("a batch of 1 has no variance"));
    CHECK_NOTHROW(outputs(model, theta, x.leftCols(1)));
    const Index lengths[] = {1, 2};
    Pass sequences{.steps = 2, .lengths = lengths, .training = true};
    typename decltype(model)::Memory<double> memory;
    memory.in.value = x;
    sequences.examples = 2;
    CHECK_THROWS_WITH(model.forward(sequences, theta.data(), memory), contains("unequal length"));
}

TEST_CASE("Statistics are settled layer by layer") {
    const Index n = 1100;  // more than two pieces
    Rows x(n, 2);
    Eigen::Map<VectorXd>(x.data(), 2 * n) = normal_vector(2 * n, 1).array() * 3 + 1;
    const EmpiricalRisk risk{network(2, batch_norm(), residual(dense(2), batch_norm()), dense(1)),
                             SquaredLoss{}, Dataset<DenseRows<double>>(x, normal_vector(n, 2))};
    VectorXd theta = normal_vector(risk.parameters(), 3);
    const VectorXd before = theta;
    risk.settle_statistics(theta);
    // With everything in one batch, training and inference agree but for n / (n − 1).
    const auto all = first(std::int32_t(n));
    CHECK(risk.value(theta) == Approx(risk.value(theta, all)).epsilon(1e-2));
    CHECK(risk.value(theta) != Approx(risk.value(before)).epsilon(1e-2));
    const auto block = [&](const std::string& name) {
        for (const auto& b : risk.blocks())
            if (b.name == name) return VectorXd(theta.segment(b.offset, b.rows));
        return VectorXd();
    };
    const VectorXd mean = x.colwise().mean().transpose();
    CHECK((block("batch_norm1.mean") - mean).norm() < 1e-12);
    const VectorXd variance =
        (x.rowwise() - mean.transpose()).array().square().colwise().sum().transpose() / (n - 1.);
    CHECK((block("batch_norm1.variance") - variance).norm() < 1e-12);
    // The second one: dense1 of the normalized inputs has covariance W C Wᵀ.
    const MatrixXd normal = ((x.rowwise() - mean.transpose()).array().rowwise() /
                             (variance.array() + 1e-5).sqrt().transpose())
                                .rowwise() *
                            block("batch_norm1.scale").array().transpose();
    const MatrixXd W = Eigen::Map<const Rows>(theta.data(), 2, 2);
    const VectorXd shift = W * block("batch_norm1.shift") + block("residual1.dense1.bias");
    CHECK((block("residual1.batch_norm1.mean") - shift).norm() < 1e-10);
    const MatrixXd covariance = normal.transpose() * normal / (n - 1.);
    CHECK((block("residual1.batch_norm1.variance") - (W * covariance * W.transpose()).diagonal())
              .norm() < 1e-10);
    const VectorXd once = theta;
    risk.settle_statistics(theta);
    CHECK(theta == once);
}

TEST_CASE("A network written out by hand has the same derivatives") {
    // network(2, dense(2), batch_norm(), sigmoid(), residual(layer_norm()), dense(1)) in training
    Rows x(3, 2);
    x << 0.3, -1, 1.5, 0.2, -0.7, 0.9;
    const VectorXd y = Eigen::Vector3d(0.5, -1, 2);
    const EmpiricalRisk risk{
        network(2, dense(2), batch_norm(), sigmoid(), residual(layer_norm()), dense(1)),
        SquaredLoss{}, Dataset<DenseRows<double>>(x, y)};
    // weights of dense1 and dense2; bias, scale, shift, mean, variance; scale, shift; bias
    REQUIRE(risk.parameters() == 4 + 2 + 2 + 8 + 4 + 1);
    const auto by_hand = autodiff([&](const auto& t) {
        using Number = typename std::decay_t<decltype(t)>::Scalar;
        using std::exp;
        using std::sqrt;
        Number z[3][2];
        for (int i = 0; i < 3; ++i)
            for (int u = 0; u < 2; ++u)
                z[i][u] = t[2 * u] * x(i, 0) + t[2 * u + 1] * x(i, 1) + t[6 + u];
        for (int u = 0; u < 2; ++u) {
            const Number mean = (z[0][u] + z[1][u] + z[2][u]) / 3.0;
            Number variance = t[0] * 0.0;
            for (int i = 0; i < 3; ++i)
                variance = variance + (z[i][u] - mean) * (z[i][u] - mean) / 3.0;
            for (int i = 0; i < 3; ++i) {
                const Number w = t[8 + u] * (z[i][u] - mean) / sqrt(variance + 1e-5) + t[10 + u];
                z[i][u] = 1.0 / (1.0 + exp(-w));
            }
        }
        Number sum = t[0] * 0.0;
        for (int i = 0; i < 3; ++i) {
            const Number mean = (z[i][0] + z[i][1]) / 2.0;
            const Number a = z[i][0] - mean;
            const Number b = z[i][1] - mean;
            const Number scale = 1.0 / sqrt((a * a + b * b) / 2.0 + 1e-5);
            const Number p = t[4] * (z[i][0] + t[16] * a * scale + t[18]) +
                             t[5] * (z[i][1] + t[17] * b * scale + t[19]) + t[20];
            sum = sum + (p - y[i]) * (p - y[i]) / 6.0;
        }
        return sum;
    });
    const VectorXd theta = normal_vector(21, 5);
    const VectorXd v = normal_vector(21, 6);
    const auto batch = first(3);
    VectorXd g;
    VectorXd expected;
    CHECK(risk.value_and_gradient(theta, batch, g) ==
          Approx(by_hand.value_and_gradient(theta, expected)).epsilon(1e-12));
    CHECK((g - expected).norm() < 1e-11 * expected.norm());
    risk.hessian_product(theta, batch, v, g);
    by_hand.hessian_product(theta, v, expected);
    CHECK((g - expected).norm() < 1e-10 * expected.norm());
}

TEST_CASE("An embedding looks rows up, and its gradient adds up where a row is met again") {
    Rows x(4, 1);
    x << 2, 0, 2, 1;
    const VectorXd y = Eigen::Vector4d(1, 2, 3, 4);
    const EmpiricalRisk risk{network(1, embedding(3, 2), dense(1)), SquaredLoss{},
                             Dataset<DenseRows<double>>(x, y)};
    const VectorXd theta = normal_vector(risk.parameters(), 8);  // table, weights, bias
    REQUIRE(theta.size() == 6 + 2 + 1);
    const auto by_hand = autodiff([&](const auto& t) {
        auto sum = t[0] * 0.0;
        for (int i = 0; i < 4; ++i) {
            const auto row = 2 * static_cast<Index>(x(i, 0));
            const auto r = t[row] * t[6] + t[row + 1] * t[7] + t[8] - y[i];
            sum = sum + r * r / 8.0;
        }
        return sum;
    });
    VectorXd g;
    VectorXd expected;
    risk.value_and_gradient(theta, g);
    by_hand.value_and_gradient(theta, expected);
    CHECK((g - expected).norm() < 1e-13);
    const VectorXd v = normal_vector(9, 9);
    risk.hessian_product(theta, v, g);
    by_hand.hessian_product(theta, v, expected);
    CHECK((g - expected).norm() < 1e-13);

    const auto model = network(1, embedding(3, 2));
    for (const double wrong : {3.0, -1.0, 0.5, std::nan("")})
        CHECK_THROWS_WITH(outputs(model, theta, MatrixXd::Constant(1, 1, wrong)),
                          contains("names no row of a table of 3 × 2"));
}

TEST_CASE("Layers that cannot work are refused with a sentence") {
    CHECK_THROWS_WITH(network(2, residual(dense(5), dense(3))),
                      contains("residual1: 2 units come in, but its layers hand on 3"));
    CHECK_THROWS_WITH(network(2, dense(3), residual(dense(0))),
                      contains("residual1, dense1: units is 0"));
    CHECK_THROWS_WITH(network(2, embedding(10, 4)), contains("embedding1: 2 numbers come in"));
    CHECK_THROWS_WITH(network(1, embedding(0, 4)), contains("embedding1.count is 0"));
    CHECK_THROWS_WITH(network(1, layer_norm()), contains("layer_norm1: of 1 input"));
    CHECK_THROWS_WITH(network(2, dropout(1)), contains("dropout1: rate is 1"));
    CHECK_THROWS_WITH(network(2, dropout(-0.1)), contains("dropout1: rate is -0.1"));
    CHECK_THROWS_WITH(network(2, maxout(0)), contains("maxout1.units is 0"));
    CHECK_THROWS_WITH(network(2, maxout(3, 0)), contains("maxout1.pieces is 0"));
    CHECK_THROWS_WITH(network(2, leaky_relu(0)), contains("leaky_relu1.left is 0"));
    CHECK_THROWS_WITH(network(2, elu(-1)), contains("elu1.alpha is -1"));
    CHECK_THROWS_WITH(network(2, BatchNorm{.epsilon = 0}), contains("batch_norm1.epsilon is 0"));
}

TEST_CASE("A description lists blocks, counts and memory") {
    const auto model =
        network(3, residual(dense(3), batch_norm()), Dense{.units = 2, .bias = false});
    const ModelDescription d = describe<float>(model);
    REQUIRE(d.blocks.size() == 7);  // a layer without bias has no block of that name
    CHECK(d.blocks[0].name == "residual1.dense1.weights");
    CHECK(d.blocks[0].count() == 9);
    CHECK(d.blocks[0].penalized);
    CHECK_FALSE(d.blocks[1].penalized);
    CHECK(d.parameters == 9 + 3 + 12 + 6);
    CHECK(d.bytes() == 120);
    std::ostringstream text;
    text << d;
    CHECK(text.str().find("residual1.dense1.weights ") == 0);
    CHECK(text.str().find("3 x 3           9         0.0 KiB  penalized") != std::string::npos);
    CHECK(text.str().find("total") != std::string::npos);
}

#ifdef _OPENMP
TEST_CASE("Layers give the same bits on one thread and two") {
    const Index n = 400;
    Rows x(n, 40);
    Eigen::Map<VectorXd>(x.data(), 40 * n) = normal_vector(40 * n, 1);
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) y[i] = static_cast<double>(i % 3);
    const EmpiricalRisk risk{
        network(40, dense(150), batch_norm(), gelu(), dropout(0.2), maxout(150, 2), layer_norm(),
                residual(dense(150), elu(), dropout(0.5)), dense(3)),
        SoftmaxCrossEntropy{}, Dataset<DenseRows<double>>(x, y)};
    const VectorXd theta = normal_vector(risk.parameters(), 2, 0.1);
    const VectorXd v = normal_vector(risk.parameters(), 3);
    const auto batch = first(std::int32_t(n));
    const auto all = [&](int threads) {
        const int earlier = omp_get_max_threads();
        omp_set_num_threads(threads);
        VectorXd g;
        VectorXd Hv;
        VectorXd Gv;
        risk.value_and_gradient(theta, batch, g);
        risk.hessian_product(theta, batch, v, Hv);
        risk.gauss_newton_product(theta, batch, v, Gv);
        omp_set_num_threads(earlier);
        VectorXd joined(3 * g.size());
        joined << g, Hv, Gv;
        return joined;
    };
    const VectorXd one = all(1);
    CHECK(one.allFinite());
    CHECK(one == all(2));
}
#endif
