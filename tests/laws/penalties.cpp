// SPDX-License-Identifier: MIT
// Laws that every penalty obeys. A new penalty is taken up by a line in for_each_separable, if it
// acts on each number alone, or in for_each_coupled.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/bounds.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l1_ball.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/l2_ball.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/nonnegative.hpp>
#include <ermine/objectives/simplex.hpp>
#include <ermine/objectives/total_variation.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

template <class Law>
void for_each_separable(Law law) {
    law(NoPenalty{});
    law(L2{0.3});
    law(L2{0});
    law(L1{0.4});
    law(L1{0});
    law(ElasticNet{.l1 = 0.4, .l2 = 0.7});
    law(Box{.lower = -0.5, .upper = 1.25});
    law(Box{.lower = 0});
    law(Box{});
    law(Nonnegative{});
}

constexpr Index size = 11;

// Penalties that tie numbers together, for vectors of `size` of them.
template <class Law>
void for_each_coupled(Law law) {
    law(GroupLasso{.lambda = 0.4, .group_size = size});
    law(GroupLasso{.lambda = 0.3, .sizes = {1, 5, 2, 3}});
    law(GroupLasso{.lambda = 0, .group_size = 1});
    law(TotalVariation{0.4});
    law(TotalVariation{3});
    law(TotalVariation{0});
    law(Simplex{});
    law(Simplex{.radius = 12});
    law(L1Ball{});
    law(L1Ball{.radius = 7});
    law(L2Ball{});
    law(L2Ball{.radius = 4});
    law(Bounds{.lower = VectorXd::LinSpaced(size, -1, 1),
               .upper = VectorXd::LinSpaced(size, 2, 1)});
    law(Bounds{.upper = VectorXd::LinSpaced(size, -infinity, 1).unaryExpr([](double u) {
        return std::isfinite(u) ? u : infinity;
    })});
    law(Bounds{});
}

template <class Law>
void for_each_penalty(Law law) {
    for_each_separable(law);
    for_each_coupled(law);
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
        STATIC_REQUIRE((Penalty<P> && ProximalPenalty<P>));
        CHECK_NOTHROW(penalty.check());
        VectorXd w = VectorXd::Zero(size);
        if constexpr (is_indicator<P>) penalty.prox(w, 1);
        CHECK(penalty.value(w) == 0);
    });
    for_each_separable([](auto penalty) {
        STATIC_REQUIRE(decltype(penalty)::separable);
        CHECK(penalty.value(VectorXd{}) == 0);
    });
    for_each_coupled([](auto penalty) { STATIC_REQUIRE_FALSE(decltype(penalty)::separable); });
    STATIC_REQUIRE((bounds_each<Box> && bounds_each<Bounds> && bounds_each<Nonnegative>));
    STATIC_REQUIRE_FALSE((bounds_each<Simplex> || is_indicator<L1> || is_indicator<GroupLasso>));
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

TEST_CASE("prox of one number is the minimizer that it is said to be") {
    for_each_separable([](auto penalty) {
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
            const VectorXd a = random_vector(size, random);
            const VectorXd b = random_vector(size, random);
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
            if constexpr (decltype(penalty)::separable) {
                VectorXd pieces = a;
                penalty.prox(pieces.head(3), t);
                penalty.prox(pieces.tail(8), t);
                REQUIRE(pieces == pa);
            }
            VectorXf in_float = a.cast<float>();
            penalty.prox(in_float, t);
            REQUIRE((in_float.cast<double>() - pa).cwiseAbs().maxCoeff() < 1e-5);
            REQUIRE(std::isfinite(penalty.value(in_float)));
        }
    });
}

TEST_CASE("prox is the minimizer, to second order, in any direction") {
    for_each_penalty([](auto penalty) {
        Random random(4);
        for (int k = 0; k < 40; ++k) {
            const double t = std::exp(random.normal());
            const VectorXd w = 2 * random_vector(size, random);
            VectorXd u = w;
            penalty.prox(u, t);
            const auto cost = [&](const VectorXd& v) {
                return penalty.value(v) + (v - w).squaredNorm() / (2 * t);
            };
            // p + ‖· − w‖² / 2t is 1/t-strongly convex
            const auto compare = [&](const VectorXd& v) {
                REQUIRE(cost(v) >= cost(u) * (1 - 1e-14) + (v - u).squaredNorm() / (2 * t) - 1e-13);
            };
            for (const double reach : {1.0, 1e-2, 1e-4}) {
                VectorXd v = u + reach * random_vector(size, random);
                compare(v);
                penalty.prox(v, t);
                compare(v);
            }
        }
    });
}

TEST_CASE("Moreau's identity: w = prox of a norm + projection to the ball of the dual norm") {
    Random random(5);
    for (int k = 0; k < 40; ++k) {
        const double t = std::exp(random.normal());
        const VectorXd w = random_vector(size, random);
        VectorXd part = w;
        VectorXd rest = w;
        L1{0.7}.prox(part, t);
        Box{.lower = -0.7 * t, .upper = 0.7 * t}.prox(rest, 1);
        CHECK((part + rest - w).norm() < 1e-14);
        part = rest = w;
        GroupLasso{.lambda = 0.7, .group_size = size}.prox(part, t);
        L2Ball{.radius = 0.7 * t * std::sqrt(double(size))}.prox(rest, 1);
        CHECK((part + rest - w).norm() < 1e-14);
    }
}

TEST_CASE("conjugates: Fenchel and Young, with equality at the subgradients that prox finds") {
    for_each_penalty([](auto penalty) {
        if constexpr (ConjugatePenalty<decltype(penalty)>) {
            CAPTURE(penalty.name);
            Random random(8);
            for (int k = 0; k < 60; ++k) {
                const double t = std::exp(random.normal());
                const VectorXd z = 2 * random_vector(size, random);
                VectorXd w = z;
                penalty.prox(w, t);
                // (z − w) / t is a subgradient at w
                VectorXd u = (z - w) / t;
                if (penalty.name == std::string("NoPenalty")) u.setZero();
                const double there = penalty.conjugate(u * penalty.shrink(u));
                const double share = penalty.shrink(u);
                REQUIRE(share >= 1 - 1e-9);
                REQUIRE(penalty.value(w) + there == Approx(u.dot(w)).epsilon(1e-12).margin(1e-12));
                // and for no other pair is it less
                const VectorXd v = random_vector(size, random);
                const double s = penalty.shrink(v);
                REQUIRE((s >= 0 && s <= 1));
                const double conjugate = penalty.conjugate(s * v);
                REQUIRE(std::isfinite(conjugate));
                REQUIRE(penalty.value(w) + conjugate >= s * v.dot(w) - 1e-12);
                REQUIRE(penalty.value(w) + there >= u.dot(w) - 1e-12);
                REQUIRE((s == 1) == std::isfinite(penalty.conjugate(v)));
                if (s < 1)  // the largest of all
                    REQUIRE(penalty.conjugate((s + 1e-3) * v) == infinity);
            }
            const VectorXd zero = VectorXd::Zero(size);
            CHECK(penalty.shrink(zero) == 1);
            CHECK(std::isfinite(penalty.conjugate(zero)));
            // where an entry is unknown nothing is finite
            VectorXd unknown = VectorXd::Ones(size);
            unknown[4] = nan_number;
            const double s = penalty.shrink(unknown);
            CHECK_FALSE(std::isfinite(penalty.conjugate(VectorXd(s * unknown))));
            CHECK(penalty.conjugate(VectorXf(zero.cast<float>())) == penalty.conjugate(zero));
        }
    });
    STATIC_REQUIRE(ConjugatePenalty<NoPenalty> && ConjugatePenalty<L1> && ConjugatePenalty<L2> &&
                   ConjugatePenalty<ElasticNet> && ConjugatePenalty<GroupLasso> &&
                   ConjugatePenalty<Box> && ConjugatePenalty<Nonnegative> &&
                   ConjugatePenalty<L1Ball> && ConjugatePenalty<L2Ball> &&
                   ConjugatePenalty<Simplex>);
    const VectorXd v = Eigen::Vector3d(3, -4, 0);
    CHECK(L2{2}.conjugate(v) == 6.25);
    CHECK(L1{2}.shrink(v) == 0.5);
    CHECK((ElasticNet{.l1 = 2, .l2 = 0.5}.conjugate(v)) == 5);
    CHECK((GroupLasso{.lambda = 1, .sizes = {2, 1}}.shrink(v)) == Approx(std::sqrt(2.0) / 5));
    CHECK((Box{.lower = -2, .upper = 1}.conjugate(v)) == 11);
    CHECK((Box{.lower = -2}.conjugate(v)) == infinity);
    CHECK(L1Ball{3}.conjugate(v) == 12);
    CHECK(L2Ball{3}.conjugate(v) == 15);
    CHECK(Simplex{3}.conjugate(v) == 9);
}

TEST_CASE("projections to the simplex and to the l1 ball are those that sorting finds") {
    Random random(6);
    for (const Index n : {1, 2, 3, 10, 1000}) {
        for (const double scale : {1e-3, 1.0, 1e3, 1e9}) {
            for (const double radius : {1e-2, 1.0, 50.0}) {
                const VectorXd w = scale * random_vector(n, random);
                // Duchi et al. 2008, figure 1
                const auto project = [&](const VectorXd& v) -> VectorXd {
                    std::vector<double> sorted(v.begin(), v.end());
                    std::sort(sorted.rbegin(), sorted.rend());
                    double sum = 0;
                    double tau = 0;
                    for (std::size_t j = 0; j < sorted.size(); ++j) {
                        sum += sorted[j];
                        const double next = (sum - radius) / double(j + 1);
                        if (sorted[j] > next) tau = next;
                    }
                    return (v.array() - tau).max(0);
                };
                VectorXd u = w;
                Simplex{radius}.prox(u, 1);
                CHECK((u - project(w)).cwiseAbs().maxCoeff() <=
                      1e-14 * (scale + radius) * double(n));
                CHECK(Simplex{radius}.value(u) == 0);
                VectorXd again = u;
                Simplex{radius}.prox(again, 1);
                CHECK((again - u).cwiseAbs().maxCoeff() <= 4e-16 * radius * double(n));
                u = w;
                L1Ball{radius}.prox(u, 1);
                CHECK(L1Ball{radius}.value(u) == 0);
                if (w.lpNorm<1>() <= radius)
                    CHECK(u == w);
                else
                    CHECK((u - w.cwiseSign().cwiseProduct(project(w.cwiseAbs())))
                              .cwiseAbs()
                              .maxCoeff() <= 1e-14 * (scale + radius) * double(n));
                VectorXf in_float = w.cast<float>();
                Simplex{radius}.prox(in_float, 1);
                CHECK(Simplex{radius}.value(in_float) == 0);
            }
        }
    }
    // entries that decay geometrically, where leaving out one by one would take n passes
    VectorXd w(1000);
    for (Index i = 0; i < 1000; ++i) w[i] = std::pow(0.5, double(i));
    Simplex{1e-200}.prox(w, 1);
    CHECK(w[0] == Approx(1e-200));
    CHECK(w.tail(999).isZero(0));
}

TEST_CASE("total variation: prox fulfils the conditions of optimality, n = 1 to 2000") {
    Random random(7);
    for (const Index n : {1, 2, 3, 5, 100, 2000}) {
        for (const double limit : {1e-3, 0.1, 1.0, 30.0, 1e4}) {
            for (const double shift : {0.0, 1e3}) {
                VectorXd w(n);
                for (Index i = 0; i < n; ++i)  // three levels and noise
                    w[i] = shift + double(3 * i / n) + 0.3 * random.normal();
                VectorXd u = w;
                TotalVariation{limit / 2}.prox(u, 2);
                // the sums of w − u are the dual variables: within ±limit, and at it where u jumps
                const double rounding = 1e-15 * double(n) * (4 + shift);
                double dual = 0;
                for (Index i = 0; i < n; ++i) {
                    dual += w[i] - u[i];
                    const double jump = i + 1 < n ? u[i + 1] - u[i] : 0;
                    REQUIRE(std::abs(dual) <= limit + rounding);
                    if (jump > 0) REQUIRE(dual <= -limit + rounding);
                    if (jump < 0) REQUIRE(dual >= limit - rounding);
                }
                CHECK(std::abs(dual) <= rounding);
            }
        }
    }
    VectorXd constant = VectorXd::Constant(50, 0.1);
    TotalVariation{2}.prox(constant, 1);
    CHECK((constant.array() - 0.1).abs().maxCoeff() < 1e-15);
}

TEST_CASE("group lasso: values and zeros of whole groups; extreme lengths") {
    const VectorXd w = (VectorXd(5) << 3, 4, 0, 5, 12).finished();
    CHECK(GroupLasso{.lambda = 2, .sizes = {2, 3}}.value(w) ==
          Approx(2 * (std::sqrt(2.0) * 5 + std::sqrt(3.0) * 13)));
    VectorXd u = w;
    GroupLasso{.lambda = 1 / std::sqrt(2.0), .sizes = {2, 3}}.prox(u, 5.0);
    CHECK(u.head(2) == VectorXd::Zero(2));
    CHECK(u[3] / u[4] == Approx(5.0 / 12));
    u = VectorXd::Constant(4, 1e300);
    GroupLasso{.lambda = 1, .group_size = 4}.prox(u, 1);
    CHECK(u == VectorXd::Constant(4, 1e300));
    u = VectorXd::Constant(4, 1e-300);
    GroupLasso{.lambda = 1e-300, .group_size = 4}.prox(u, 0.5);
    CHECK(u.isApproxToConstant(5e-301, 1e-14));
    u = VectorXd::Constant(4, 1e300);
    L2Ball{1}.prox(u, 1);
    CHECK(u.isApproxToConstant(0.5, 1e-14));
    CHECK_THROWS_WITH((GroupLasso{.lambda = 1, .group_size = 3}).value(w),
                      contains("5 parameters cannot be cut into groups of 3 numbers"));
    u = w;
    CHECK_THROWS_WITH((GroupLasso{.lambda = 1, .sizes = {1, 3}}).prox(u, 1),
                      contains("the given sizes, which cover 4"));
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
        VectorXd w = VectorXd::Constant(size, nan_number);
        penalty.prox(w, 0.5);
        CHECK(w.array().isNaN().all());
        for (const Index place : {Index{0}, Index{4}, size - 1}) {
            w.setOnes();
            w[place] = nan_number;
            penalty.prox(w, 0.5);
            CHECK(std::isnan(w[place]));
            if constexpr (is_indicator<decltype(penalty)>) CHECK(penalty.value(w) == infinity);
        }
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
    CHECK_THROWS_WITH((GroupLasso{.lambda = -1, .group_size = 2}).check(),
                      contains("GroupLasso: lambda is -1"));
    CHECK_THROWS_WITH(GroupLasso{}.check(), contains("give either group_size or sizes"));
    CHECK_THROWS_WITH((GroupLasso{.group_size = 2, .sizes = {2}}).check(),
                      contains("give either group_size or sizes"));
    CHECK_THROWS_WITH((GroupLasso{.group_size = -2}).check(), contains("group_size is -2"));
    CHECK_THROWS_WITH((GroupLasso{.sizes = {2, 0}}).check(), contains("sizes[1] is 0"));
    CHECK_THROWS_WITH(TotalVariation{-1}.check(), contains("TotalVariation: lambda is -1"));
    CHECK_THROWS_WITH(Simplex{0}.check(), contains("Simplex: radius is 0"));
    CHECK_THROWS_WITH(L1Ball{-1}.check(), contains("L1Ball: radius is -1"));
    CHECK_THROWS_WITH(L2Ball{infinity}.check(), contains("L2Ball: radius is inf"));
    const Eigen::Vector2d low(0, 1);
    const Eigen::Vector2d high(1, 0.5);
    CHECK_THROWS_WITH((Bounds{.lower = low, .upper = high}).check(),
                      contains("for number 1 lower is 1") && contains("upper is 0.5"));
    CHECK_THROWS_WITH((Bounds{.lower = Eigen::Vector2d(0, nan_number)}).check(),
                      contains("for number 1 lower is nan"));
    CHECK_THROWS_WITH((Bounds{.upper = Eigen::Vector2d(-infinity, 0)}).check(),
                      contains("for number 0") && contains("upper is -inf"));
    CHECK_THROWS_WITH((Bounds{.lower = low, .upper = VectorXd::Zero(3)}).check(),
                      contains("2 numbers in Bounds.lower but 3 in Bounds.upper"));
    VectorXd three = VectorXd::Zero(3);
    CHECK_THROWS_WITH(Bounds{.lower = low}.prox(three, 1), contains("but 3 to bound"));
    CHECK_THROWS_WITH(Bounds{.upper = low}.value(three), contains("but 3 to bound"));
}
