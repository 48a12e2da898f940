// SPDX-License-Identifier: MIT
#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/minimize.hpp>

#include <Eigen/QR>
#include <Eigen/SparseCore>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine_catch.hpp>
#include <normal_matrix.hpp>

using namespace ermine;

namespace {

// One type of stop, and few pairs of losses and rows: each takes long to compile.
auto within(double gap, int rounds = 200) {
    return first_of(RelativeGap{gap}, MaxIterations{rounds});
}

/// How far w is from the conditions of optimality of g + λ ∂‖w‖₁ + l2 w, g the slope of the risk.
double violation(const Eigen::VectorXd& w, const Eigen::VectorXd& g, double l1, double l2,
                 Index penalized) {
    double worst = 0;
    for (Index j = 0; j < w.size(); ++j) {
        if (j >= penalized)
            worst = std::max(worst, std::abs(g[j]));
        else if (w[j] == 0)
            worst = std::max(worst, std::abs(g[j]) - l1);
        else
            worst = std::max(worst, std::abs(g[j] + l2 * w[j] + std::copysign(l1, w[j])));
    }
    return worst;
}

template <class Risk>
void check_optimal(const Risk& risk, double l1, double l2) {
    const auto f = risk + ElasticNet{l1, l2};
    const auto result = minimize(f, f.zero(), WorkingSet{.accuracy = 1e-12}, within(1e-12));
    CHECK(result.converged());
    CHECK(result.value == Approx(f.value(result.x)).epsilon(1e-12));
    Eigen::VectorXd g(f.parameters());
    risk.value_and_gradient(result.x, g);
    // slopes of an L-smooth function ε above its minimum are off by at most √(2 L ε)
    const double off = std::sqrt(2 * (risk.smoothness() + l2) * 1e-12 * result.value);
    CHECK(violation(result.x, g, l1, l2, risk.penalized()) < off);
    CHECK((result.x.array() == 0).any());
    // a bound on the way, too
    const auto early = minimize(f, f.zero(), WorkingSet{}, within(1e-15, 2));
    if (early.certificate.kind == Certificate::Kind::gap)
        CHECK(early.value - result.value <= early.certificate.value + 1e-14);
}

}  // namespace

TEST_CASE("the lasso of an orthogonal design is soft thresholding") {
    const Index n = 60;
    const Index d = 20;
    const Eigen::MatrixXd q =
        normal(n, d).householderQr().householderQ() * Eigen::MatrixXd::Identity(n, d);
    const Eigen::VectorXd y = normal(n, d + 1).col(d);
    const double lambda = 0.3 / static_cast<double>(n);
    const auto f =
        EmpiricalRisk{Linear{d, false}, SquaredLoss{}, Dataset{q, y}} + ElasticNet{lambda, 0};
    const auto result = minimize(f, f.zero(), WorkingSet{}, within(1e-13));
    const Eigen::VectorXd z = q.transpose() * y;
    for (Index j = 0; j < d; ++j) {
        const double exact = std::abs(z[j]) <= 0.3 ? 0 : z[j] - std::copysign(0.3, z[j]);
        CHECK(result.x[j] == Approx(exact).margin(1e-10));
        CHECK((result.x[j] == 0) == (exact == 0));
    }
}

TEST_CASE("WorkingSet ends at the conditions of optimality") {
    const Index n = 300;
    Eigen::MatrixXd x = normal(n, 40);
    x.col(7) = x.col(3);         // a duplicate
    x.col(11).setConstant(2.5);  // a constant
    x.col(13).setZero();         // nothing
    x.col(17) *= 1e-4;           // another scale
    const Eigen::VectorXd noise = normal(n, 41).col(40);
    const Eigen::VectorXd y = (x.col(0) - x.col(3) + 0.5 * noise).array().sign();
    const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = x.sparseView();
    for (const bool intercept : {false, true})
        for (const double l2 : {0.0, 0.01}) {
            const Linear model{40, intercept};
            check_optimal(EmpiricalRisk{model, LogisticLoss{}, Dataset{sparse, y}}, 0.02, l2);
            check_optimal(EmpiricalRisk{model, SquaredLoss{}, Dataset{x, y}}, 0.05, l2);
        }
}

/// Examples of about 20 of d features, of which the first 30 tell the class.
Dataset<SparseRows<double>> sparse_examples(Index n, Index d, Random& random) {
    std::vector<Eigen::Triplet<double>> entries;
    Eigen::VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        y[i] = random.uniform() < 0.5 ? 1 : -1;
        for (int k = 0; k < 20; ++k) {
            const auto j = static_cast<Index>(random.below(static_cast<std::uint64_t>(d)));
            entries.emplace_back(i, j, random.normal() + (j < 30 ? y[i] : 0));
        }
        entries.emplace_back(i, i % 5, y[i] + random.normal());
    }
    Eigen::SparseMatrix<double, Eigen::RowMajor> x(n, d);
    x.setFromTriplets(entries.begin(), entries.end());
    return Dataset{x, y};
}

TEST_CASE("many sparse features, by conjugate gradients and by coordinates") {
    Random random(5);
    for (const Index n : {1300, 700})  // more and fewer examples than features
        check_optimal(EmpiricalRisk{Linear{1200}, LogisticLoss{}, sparse_examples(n, 1200, random)},
                      0.01, 0);
}

TEST_CASE("weights whose examples all come to lie beyond the margin go back to 0") {
    Random random(5);
    const auto data = sparse_examples(700, 1200, random);
    check_optimal(EmpiricalRisk{Linear{1200, false}, SquaredHingeLoss{}, data}, 2e-4, 0);
}

TEST_CASE("beyond the largest λ all weights are exactly 0, at once") {
    const Eigen::MatrixXd x = normal(50, 8);
    const Eigen::VectorXd y = normal(50, 9).col(8);
    const double most = (x.transpose() * y).cwiseAbs().maxCoeff() / 50;
    const auto f = EmpiricalRisk{Linear{8, false}, SquaredLoss{}, Dataset{x, y}} +
                   ElasticNet{most * (1 + 1e-12), 0};
    const auto result = minimize(f, f.zero(), WorkingSet{}, within(1e-12));
    CHECK(result.iterations == 0);
    CHECK((result.x.array() == 0).all());
}

TEST_CASE("Auto says what it takes, and gives the bits that it gives on any number of threads") {
    const Eigen::MatrixXd x = normal(3000, 30);
    const Eigen::VectorXd y = (x.col(0) + normal(3000, 31).col(30)).array().sign();
    const auto sparse = EmpiricalRisk{Linear{30}, LogisticLoss{}, Dataset{x, y}} + L1{0.01};
    CHECK(explain(sparse).method == "WorkingSet");
    const auto machine = EmpiricalRisk{Linear{30, false}, HingeLoss{}, Dataset{x, y}} + L2{0.01};
    CHECK(explain(machine).method == "SmoothedHingeNewton");
    const Eigen::MatrixXd wide = normal(20, 400);
    const auto many = EmpiricalRisk{Linear{400, false}, HingeLoss{}, Dataset{wide, y.head(20)}};
    CHECK(explain(many + L2{0.01}).method == "DualCoordinateAscent");
    const auto result =
        minimize(machine, machine.zero(), Auto{.accuracy = 1e-6}, within(1e-6, 20000));
    CHECK(result.converged());
    // no point of the primal is lower than the certificate says
    const auto other =
        minimize(machine, machine.zero(), Auto{.accuracy = 1e-9}, within(1e-9, 20000));
    CHECK(result.value - other.value <= result.certificate.value);
    CHECK_THROWS_WITH((Auto{.patience = 0}.start(machine, machine.zero())),
                      contains("Auto.patience"));
#ifdef _OPENMP
    const Eigen::SparseMatrix<double, Eigen::RowMajor> entries = x.sparseView();
    const auto net =
        EmpiricalRisk{Linear{30}, LogisticLoss{}, Dataset{entries, y}} + ElasticNet{0.01, 0};
    const int before = omp_get_max_threads();
    omp_set_num_threads(1);
    const auto one = minimize(net, net.zero(), Auto{}, within(1e-9));
    omp_set_num_threads(2);
    const auto two = minimize(net, net.zero(), Auto{}, within(1e-9));
    omp_set_num_threads(before);
    CHECK((one.x.array() == two.x.array()).all());
#endif
}

TEST_CASE("a support vector machine with an intercept is refused with a way out") {
    const Eigen::MatrixXd x = normal(20, 2);
    const auto f =
        EmpiricalRisk{Linear{2}, HingeLoss{}, Dataset{x, x.col(0).array().sign()}} + L2{0.1};
    CHECK_THROWS_WITH((DualCoordinateAscent{}.start(f, f.zero())), contains("SmoothedHingeLoss"));
}
