// SPDX-License-Identifier: MIT
// Laws that every penalty obeys. A new penalty is taken up by a line in for_each_penalty.

#include <cmath>
#include <limits>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/no_penalty.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

template <class Law>
void for_each_penalty(Law law) {
    law(NoPenalty{});
    law(L2{0.3});
    law(L2{0});
    law(L1{0.4});
    law(L1{0});
    law(ElasticNet{.l1 = 0.4, .l2 = 0.7});
    law(Box{.lower = -0.5, .upper = 1.25});
    law(Box{.lower = 0});
    law(Box{});
}

VectorXd random_vector(Index n, Random& random) {
    VectorXd w(n);
    for (Index i = 0; i < n; ++i) w(i) = 1.5 * random.normal();
    return w;
}

// min over u of p(u) + (u − w)² / 2t in one dimension, by golden section on the convex function.
template <class P>
double brute_force_prox(const P& penalty, double w, double t) {
    const auto f = [&](double u) {
        const double value = penalty.value(VectorXd::Constant(1, u));
        // Outside of a box a slope towards it takes the place of +∞.
        return (std::isfinite(value) ? value : 1e6 * (1 + std::abs(u))) +
               (u - w) * (u - w) / (2 * t);
    };
    double low = -10;
    double high = 10;
    while (high - low > 1e-9) {
        const double a = high - (high - low) * 0.6180339887498949;
        const double b = low + (high - low) * 0.6180339887498949;
        (f(a) <= f(b) ? high : low) = f(a) <= f(b) ? b : a;
    }
    return (low + high) / 2;
}

}  // namespace

TEST_CASE("every penalty says what it can do") {
    for_each_penalty([](auto penalty) {
        using P = decltype(penalty);
        STATIC_REQUIRE((Penalty<P> && ProximalPenalty<P> && P::separable));
        CHECK_NOTHROW(penalty.check());
        CHECK(penalty.value(VectorXd::Zero(3)) == 0);
        CHECK(penalty.value(VectorXd{}) == 0);
    });
    STATIC_REQUIRE((SmoothPenalty<NoPenalty> && SmoothPenalty<L2>));
    STATIC_REQUIRE_FALSE((SmoothPenalty<L1> || SmoothPenalty<ElasticNet> || SmoothPenalty<Box>));
    STATIC_REQUIRE((StronglyConvex<L2> && StronglyConvex<ElasticNet> && !StronglyConvex<L1>));
}

TEST_CASE("values are the formulas") {
    const VectorXd w = Eigen::Vector4d(1, -2, 0, 0.5);
    CHECK(L2{0.3}.value(w) == Approx(0.15 * 5.25));
    CHECK(L1{0.4}.value(w) == Approx(0.4 * 3.5));
    CHECK(ElasticNet{.l1 = 0.4, .l2 = 0.3}.value(w) == Approx(0.4 * 3.5 + 0.15 * 5.25));
    CHECK(Box{.lower = -2, .upper = 1}.value(w) == 0);
    CHECK(Box{.lower = -1.99, .upper = 1}.value(w) == infinity);
    CHECK(Box{.lower = -2, .upper = 0.99}.value(w) == infinity);
    CHECK(L2{0.3}.value(w.segment(1, 2)) == Approx(0.15 * 4));
}

TEST_CASE("smooth penalties: gradient and curvature are those of the value") {
    for_each_penalty([](auto penalty) {
        if constexpr (SmoothPenalty<decltype(penalty)>) {
            Random random(1);
            const VectorXd w = random_vector(7, random);
            const VectorXd v = random_vector(7, random);
            VectorXd gradient = VectorXd::Ones(7);
            penalty.add_gradient(w, gradient);
            gradient.array() -= 1;
            const double h = 1e-4;
            const double slope = (penalty.value(w + h * v) - penalty.value(w - h * v)) / (2 * h);
            CHECK(gradient.dot(v) == Approx(slope).epsilon(1e-9).margin(1e-12));
            VectorXd moved = VectorXd::Zero(7);
            penalty.add_gradient(w + v, moved);
            CHECK((moved - gradient - penalty.curvature() * v).norm() < 1e-14);
            VectorXf in_float = VectorXf::Zero(7);
            penalty.add_gradient(w.cast<float>().eval(), in_float);
            CHECK((in_float.cast<double>() - gradient).norm() < 1e-6);
        }
    });
}

TEST_CASE("prox is the minimizer that it is said to be") {
    for_each_penalty([](auto penalty) {
        Random random(2);
        for (int k = 0; k < 40; ++k) {
            const double t = std::exp(random.normal());
            VectorXd w = VectorXd::Constant(1, 2 * random.normal());
            const double wanted = brute_force_prox(penalty, w(0), t);
            penalty.prox(w, t);
            REQUIRE(w(0) == Approx(wanted).margin(2e-7));
        }
    });
}

TEST_CASE("prox is firmly nonexpansive, contracts by strong convexity, and acts on each alone") {
    for_each_penalty([](auto penalty) {
        Random random(3);
        for (int k = 0; k < 200; ++k) {
            const double t = std::exp(random.normal());
            const VectorXd a = random_vector(11, random);
            const VectorXd b = random_vector(11, random);
            VectorXd pa = a;
            VectorXd pb = b;
            penalty.prox(pa, t);
            penalty.prox(pb, t);
            // ‖prox a − prox b‖² <= <prox a − prox b, a − b> (Moreau 1965)
            REQUIRE((pa - pb).squaredNorm() <= (pa - pb).dot(a - b) + 1e-14);
            if constexpr (StronglyConvex<decltype(penalty)>)
                REQUIRE((pa - pb).norm() <=
                        (a - b).norm() / (1 + t * penalty.strong_convexity()) + 1e-14);
            REQUIRE(std::isfinite(penalty.value(pa)));
            VectorXd pieces = a;
            penalty.prox(pieces.head(3), t);
            penalty.prox(pieces.tail(8), t);
            REQUIRE(pieces == pa);
            VectorXf in_float = a.cast<float>();
            penalty.prox(in_float, t);
            REQUIRE((in_float.cast<double>() - pa).cwiseAbs().maxCoeff() < 1e-5);
            REQUIRE(std::isfinite(penalty.value(in_float)));
        }
    });
}

TEST_CASE("L1 makes exact zeros, and its proximal step solves the lasso's condition") {
    VectorXd w = Eigen::Vector4d(0.3, -0.3, 0.31, -5);
    L1{0.6}.prox(w, 0.5);
    CHECK(w.head(2) == VectorXd::Zero(2));
    CHECK(w(2) == Approx(0.01));
    CHECK(w(3) == Approx(-4.7));
    w = Eigen::Vector3d(infinity, -infinity, 1e308);
    L1{1}.prox(w, 1);
    CHECK(w == Eigen::Vector3d(infinity, -infinity, 1e308));
}

TEST_CASE("NaN is not lost in a proximal map") {
    for_each_penalty([](auto penalty) {
        VectorXd w = VectorXd::Constant(9, nan_number);
        penalty.prox(w, 0.5);
        CHECK(w.array().isNaN().all());
    });
    CHECK(std::isnan(L1{1}.value(VectorXd::Constant(3, nan_number))));
    CHECK(std::isnan(L2{1}.value(VectorXd::Constant(3, nan_number))));
    CHECK(Box{}.value(VectorXd::Constant(3, nan_number)) == infinity);
}

TEST_CASE("a float point is projected into the box that its value sees") {
    const Box box{.lower = 0.1, .upper = 0.7};
    VectorXf w(2);
    w << -3, 3;
    box.prox(w, 1);
    CHECK(w(0) == 0.1F);
    CHECK(w(1) == 0.7F);
    CHECK(box.value(w) == 0);
}

TEST_CASE("options that make no sense are named") {
    CHECK_THROWS_WITH(L2{-0.5}.check(), contains("L2: lambda is -0.5"));
    CHECK_THROWS_WITH(L2{nan_number}.check(), contains("lambda is nan"));
    CHECK_THROWS_WITH(L1{-1}.check(), contains("L1: lambda is -1"));
    CHECK_THROWS_WITH((ElasticNet{.l1 = -1, .l2 = 1}).check(), contains("ElasticNet: l1 is -1"));
    CHECK_THROWS_WITH((ElasticNet{.l1 = 1, .l2 = infinity}).check(),
                      contains("ElasticNet: l2 is inf"));
    CHECK_THROWS_WITH((Box{.lower = 2, .upper = 1}).check(),
                      contains("lower is 2") && contains("upper is 1"));
    CHECK_THROWS_WITH(Box{.lower = nan_number}.check(), contains("lower is nan"));
    CHECK_THROWS_WITH(Box{.lower = infinity}.check(), contains("lower is inf"));
}
