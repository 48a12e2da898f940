// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

#include <ermine/diagnostics/classify.hpp>
#include <ermine/diagnostics/find_critical_points.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/monkey_saddle.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// ½ Σ λᵢ zᵢ² + Σ zᵢ³/3 + Σ zᵢ⁴/4, z = R(x − c) with a reflection R: at c a critical point of known
/// eigenvalues, and no quadratic beside it.
struct Bent {
    VectorXd lambda;
    VectorXd axis;
    VectorXd center;

    Bent(VectorXd eigenvalues, Random& random)
        : lambda(std::move(eigenvalues)), axis(lambda.size()), center(lambda.size()) {
        for (Index i = 0; i < lambda.size(); ++i) {
            axis[i] = random.normal();
            center[i] = random.normal();
        }
        axis.normalize();
    }
    VectorXd reflect(const VectorXd& v) const { return v - 2 * axis.dot(v) * axis; }
    double value(const VectorXd& x) const {
        const Eigen::ArrayXd z = reflect(x - center).array();
        return (lambda.array() * z.square() / 2 + z.cube() / 3 + z.square().square() / 4).sum();
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        const Eigen::ArrayXd z = reflect(x - center).array();
        g = reflect((lambda.array() * z + z.square() + z.cube()).matrix());
        return value(x);
    }
    void hessian_product(const VectorXd& x, const VectorXd& v, VectorXd& Hv) const {
        const Eigen::ArrayXd z = reflect(x - center).array();
        Hv = reflect(((lambda.array() + 2 * z + 3 * z.square()) * reflect(v).array()).matrix());
    }
};

/// (x² − 1)² in each variable: 3ⁿ critical points, of index k where k are 0, with the value k.
struct Wells {
    double value(const VectorXd& x) const { return (x.array().square() - 1).square().sum(); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = (4 * x.array() * (x.array().square() - 1)).matrix();
        return value(x);
    }
    void hessian_product(const VectorXd& x, const VectorXd& v, VectorXd& Hv) const {
        Hv = ((12 * x.array().square() - 4) * v.array()).matrix();
    }
};

PointKind kind_of(Index index, Index n) {
    return index == 0 ? PointKind::minimum : index == n ? PointKind::maximum : PointKind::saddle;
}

}  // namespace

TEST_CASE("the index of 200 random critical points of known inertia is right") {
    Random random{42};
    for (int trial = 0; trial < 200; ++trial) {
        const Index n = 1 + static_cast<Index>(random.below(200));
        VectorXd lambda(n);
        Index index = 0;
        const auto share = random.below(4);  // none, all, or some negative
        for (Index i = 0; i < n; ++i) {
            const bool negative = share == 1 || (share > 1 && random.uniform() < 0.3);
            lambda[i] = (negative ? -1 : 1) * std::pow(10.0, -5 * random.uniform());
            index += negative;
        }
        const Bent f(lambda, random);
        INFO("trial " << trial << ", n = " << n << ", index " << index);
        const CriticalPoint p = classify(f, f.center);
        CHECK(p.index == index);
        CHECK(p.kind == kind_of(index, n));
        CHECK(p.exact);
        CHECK(p.flat == 0);
        // value falls along the escape directions
        for (Index k = 0; k < p.escape_directions.cols(); ++k)
            CHECK(f.value(f.center + 1e-6 * p.escape_directions.col(k)) < p.value);
        CHECK(p.escape_directions.cols() == std::min<Index>(3, index));
    }
}

TEST_CASE("by products alone the index is found as far as it is counted") {
    Random random{7};
    for (const Index index : {Index{0}, Index{2}, Index{9}, Index{30}}) {
        const Index n = 450;
        VectorXd lambda(n);
        for (Index i = 0; i < n; ++i)
            lambda[i] = i < index ? -0.1 - 0.02 * static_cast<double>(i) : 0.5 + random.uniform();
        const Bent f(lambda, random);
        INFO("index " << index);
        const CriticalPoint p = classify(f, f.center);
        CHECK_FALSE(p.exact);
        CHECK(p.kind == kind_of(index, n));
        CHECK(p.index == std::min<Index>(index, 20));
        CHECK(p.index_is_complete == (index < 20));
    }
    const VectorXd down = VectorXd::LinSpaced(450, -2, -1);
    const Bent f(down, random);
    const CriticalPoint top = classify(f, f.center);
    CHECK(top.kind == PointKind::maximum);
    CHECK(top.index == 450);
}

TEST_CASE("the monkey saddle is degenerate, and known to be no minimum") {
    for (const Index n : {Index{2}, Index{5}}) {
        const VectorXd x = VectorXd::Zero(n);
        const CriticalPoint p = classify(MonkeySaddle{}, x);
        CHECK(p.kind == PointKind::degenerate);
        CHECK(p.flat == 2);
        CHECK(p.index == 0);
        REQUIRE(p.falls_by);
        CHECK(*p.falls_by > 0);
        CHECK(p.explain().find("degenerate") == 0);
    }
}

TEST_CASE("points that are not stationary, and curvature that is not finite, are told") {
    const VectorXd start = Rosenbrock::start<VectorXd>(4);
    const CriticalPoint p = classify(Rosenbrock{}, start);
    CHECK(p.kind == PointKind::not_stationary);
    const VectorXd minimum = VectorXd::Ones(4);
    std::ostringstream text;
    text << classify(Rosenbrock{}, minimum);
    CHECK(text.str().find("minimum: eigenvalues 0.49") == 0);
    const struct Broken : Wells {
        void hessian_product(const VectorXd&, const VectorXd& v, VectorXd& Hv) const {
            Hv = v * std::numeric_limits<double>::quiet_NaN();
        }
    } broken;
    CHECK_THROWS_WITH(classify(broken, minimum), contains("not finite"));
}

TEST_CASE("all critical points of separable wells are found, and lie by index") {
    const VectorXd origin = VectorXd::Zero(3);
    const auto all = find_critical_points(Wells{}, origin, {.starts = 400, .spread = 1});
    CHECK(all.points.size() == 27);
    CHECK(all.count(PointKind::minimum) == 8);
    CHECK(all.count(PointKind::maximum) == 1);
    CHECK(all.count(PointKind::saddle) == 18);
    for (const CriticalPoint& p : all.points) {
        CHECK(std::abs(p.value - static_cast<double>(p.index)) < 1e-9);
        CHECK(p.gradient_norm < 1e-9);
    }
    CHECK(all.index_value_correlation() > 0.999);
    std::int64_t runs = all.failed;
    for (const CriticalPoint& p : all.points) runs += p.runs;
    CHECK(runs == 400);
    const auto again = find_critical_points(Wells{}, origin, {.starts = 400, .spread = 1});
    CHECK(again.points.front().x == all.points.front().x);
    std::ostringstream text;
    text << all;
    CHECK(text.str().find("27 critical points from 400 starts") == 0);
    const VectorXd large = VectorXd::Zero(500);
    CHECK_THROWS_WITH(find_critical_points(Wells{}, large), contains("500 variables"));
}
