// SPDX-License-Identifier: MIT
// Laws that the conjugate of every loss obeys. A new loss is taken up by a line in the list below.

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include <ermine/concepts/loss.hpp>
#include <ermine/losses/absolute.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/losses/epsilon_insensitive.hpp>
#include <ermine/losses/exponential.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/huberized.hpp>
#include <ermine/losses/log_cosh.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/modified_huber.hpp>
#include <ermine/losses/poisson.hpp>
#include <ermine/losses/pseudo_huber.hpp>
#include <ermine/losses/quantile.hpp>
#include <ermine/losses/smoothed_hinge.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/numerics/random.hpp>

#include "ermine_catch.hpp"

using namespace ermine;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

// Calls law(loss) for every surrogate of one prediction.
template <class Law>
void for_each_surrogate(Law law) {
    law(SquaredLoss{});
    law(HuberLoss{});
    law(HuberLoss{.delta = 0.3});
    law(LogisticLoss{});
    law(HingeLoss{});
    law(SquaredHingeLoss{});
    law(SmoothedHingeLoss{});
    law(SmoothedHingeLoss{.width = 0.25});
    law(ModifiedHuberLoss{});
    law(ExponentialLoss{});
    law(AbsoluteLoss{});
    law(PseudoHuberLoss{});
    law(PseudoHuberLoss{.delta = 0.6});
    law(LogCoshLoss{});
    law(QuantileLoss{});
    law(QuantileLoss{.tau = 0.9});
    law(EpsilonInsensitiveLoss{});
    law(EpsilonInsensitiveLoss{.epsilon = 0});
    law(PoissonLoss{});
    law(huberized(SquaredLoss{}, 0.7));
    law(huberized(LogisticLoss{}, 0.8));
    law(huberized(ExponentialLoss{}, 4));
}

// A legal target: ±1, a count, or any number where the loss takes any.
template <class L>
double some_target(const L& loss, Random& random) {
    if (!loss.accepts(-1)) return static_cast<double>(random.below(6));
    if (loss.accepts(0.5)) return 2 * random.normal();
    return random.below(2) == 0 ? -1 : 1;
}

// sup_p u p − ℓ(p, y) for a convex loss, by a ternary search: over all p within 60 of 0.
template <class L>
double numeric_conjugate(const L& loss, double u, double y) {
    const auto height = [&](double p) { return u * p - loss.value(p, y); };
    double low = -60;
    double high = 60;
    for (int k = 0; k < 120; ++k) {
        const double left = low + (high - low) / 3;
        const double right = high - (high - low) / 3;
        (height(left) < height(right) ? low : high) = height(left) < height(right) ? left : right;
    }
    return height((low + high) / 2);
}

}  // namespace

TEST_CASE("conjugates: Fenchel and Young, the supremum itself, and the nearest slope") {
    for_each_surrogate([](auto loss) {
        using L = decltype(loss);
        STATIC_REQUIRE(ConjugateLoss<L>);
        CAPTURE(loss.name);
        Random random(9);
        for (int k = 0; k < 400; ++k) {
            const double y = some_target(loss, random);
            const double p = 2 * random.normal();
            const double wild = 3 * random.normal();
            const double u = loss.nearest_slope(wild, y);
            CAPTURE(y, p, wild, u);
            REQUIRE(loss.nearest_slope(u, y) == u);
            const double conjugate = loss.conjugate(u, y);
            REQUIRE(std::isfinite(conjugate));
            REQUIRE(loss.value(p, y) + conjugate >= u * p - 1e-13 * (1 + std::abs(u * p)));
            // every finite point is a nearest slope of itself, and none is nearer than the nearest
            const double other = 3 * random.normal();
            REQUIRE(std::isfinite(loss.conjugate(other, y)) ==
                    (loss.nearest_slope(other, y) == other));
            if (std::isfinite(loss.conjugate(other, y)))
                REQUIRE(std::abs(other - wild) >= std::abs(u - wild));
            // from within by a little, the supremum is attained where it is looked for
            const double slope = loss.derivative(p, y);
            const double at_slope = loss.conjugate(loss.nearest_slope(slope, y), y);
            const double size = 1 + std::abs(slope * p) + std::abs(slope * y);
            REQUIRE(std::abs(loss.value(p, y) + at_slope - slope * p) <= 1e-14 * size);
            const double between = 0.99 * u + 0.01 * loss.derivative(0.0, y);
            const double sup = numeric_conjugate(loss, between, y);
            REQUIRE(loss.conjugate(between, y) == Approx(sup).epsilon(1e-10).margin(1e-10));
        }
        CHECK(std::isnan(loss.conjugate(nan_number, 1.0)));
        CHECK(std::isnan(loss.nearest_slope(nan_number, 1.0)));
    });
    // limits at the ends, and small slopes with all digits
    CHECK(LogisticLoss{}.conjugate(0.0, 1.0) == 0);
    CHECK(LogisticLoss{}.conjugate(-1.0, 1.0) == 0);
    CHECK(LogisticLoss{}.conjugate(1e-9, 1.0) == infinity);
    CHECK(LogisticLoss{}.conjugate(1.5, -1.0) == infinity);
    CHECK(LogisticLoss{}.conjugate(1e-20, -1.0) ==
          Approx(1e-20 * (std::log(1e-20) - 1)).epsilon(1e-14));
    CHECK(ExponentialLoss{}.conjugate(0.0, -1.0) == 0);
    CHECK(PoissonLoss{}.conjugate(-3.0, 3.0) == 0);
    CHECK(PoissonLoss{}.conjugate(-3.001, 3.0) == infinity);
    CHECK(LogCoshLoss{}.conjugate(1.0, 0.0) == Approx(std::log(2)).epsilon(1e-15));
    CHECK(LogCoshLoss{}.conjugate(-1.0, 0.5) == Approx(std::log(2) - 0.5).epsilon(1e-15));
    CHECK((PseudoHuberLoss{.delta = 2}.conjugate(2.0, 0.0)) == 4);
    CHECK((QuantileLoss{.tau = 0.9}.conjugate(-0.9, 2.0)) == -1.8);
    CHECK(HingeLoss{}.conjugate(-1.0, 1.0) == -1);
}

TEST_CASE("conjugates of arrays are those of numbers, in packets, in float too") {
    const auto compare = [](auto scalar, auto loss, double tolerance) {
        using T = decltype(scalar);
        using A = Eigen::Array<T, Eigen::Dynamic, 1>;
        CAPTURE(loss.name, sizeof(T));
        Random random(10);
        constexpr Index n = 211;
        A u(n);
        A y(n);
        for (Index i = 0; i < n; ++i) {
            y(i) = static_cast<T>(some_target(loss, random));
            u(i) = static_cast<T>((i % 3 == 0 ? 1e-3 : 1) * random.normal());
            if (i % 7 == 0) u(i) = T(i % 5) - T(2);
        }
        const A conjugate = loss.conjugate(u, y);
        const A nearest = loss.nearest_slope(u, y);
        const A there = loss.conjugate(nearest * T(1), y + T(0));
        for (Index i = 0; i < n; ++i) {
            CAPTURE(i, u(i), y(i));
            const T wanted = loss.conjugate(u(i), y(i));
            REQUIRE(nearest(i) == loss.nearest_slope(u(i), y(i)));
            REQUIRE(std::isfinite(there(i)));
            if (std::isinf(wanted))
                REQUIRE(conjugate(i) == wanted);
            else
                REQUIRE(double(conjugate(i)) == Approx(loss.conjugate(double(u(i)), double(y(i))))
                                                    .epsilon(tolerance)
                                                    .margin(tolerance));
        }
        using Value = std::remove_cvref_t<decltype(loss.conjugate(u, y))>;
        using Slope = std::remove_cvref_t<decltype(loss.nearest_slope(u, y))>;
        STATIC_REQUIRE(bool(Eigen::internal::evaluator<Value>::Flags & Eigen::PacketAccessBit));
        STATIC_REQUIRE(bool(Eigen::internal::evaluator<Slope>::Flags & Eigen::PacketAccessBit));
        // small numbers keep their digits
        if constexpr (std::same_as<decltype(loss), LogisticLoss>) {
            const A small = A::Constant(16, T(-1e-20));
            const A exact = loss.conjugate(small, A::Ones(16));
            CHECK(double(exact(3)) == Approx(1e-20 * (std::log(1e-20) - 1)).epsilon(tolerance));
        }
    };
    for_each_surrogate([&](auto loss) {
        compare(double{}, loss, 1e-14);
        compare(float{}, loss, 2e-6);
    });
}

TEST_CASE("conjugates of many outputs") {
    const auto law = [](const auto& loss) {
        STATIC_REQUIRE(ConjugateLoss<std::remove_cvref_t<decltype(loss)>>);
        CAPTURE(loss.name);
        Random random(11);
        const Index rows = 40;
        PredictionBlock p(rows, 5);
        PredictionBlock u(rows, 5);
        PredictionBlock slopes(rows, 5);
        Eigen::ArrayXd y(rows);
        Eigen::ArrayXd values(rows);
        Eigen::ArrayXd conjugates(rows);
        for (Index i = 0; i < rows; ++i) {
            y(i) = static_cast<double>(random.below(5));
            for (Index k = 0; k < 5; ++k) {
                p(i, k) = 2 * random.normal();
                u(i, k) = random.normal();
            }
        }
        loss.value_and_derivative(p, y, values, slopes);
        loss.conjugate(slopes, y, conjugates);
        const Eigen::ArrayXd equal = (slopes * p).rowwise().sum();
        CHECK((values + conjugates - equal).abs().maxCoeff() < 1e-13);
        loss.conjugate(u, y, conjugates);
        CHECK((conjugates == infinity).all());
        PredictionBlock nearest(rows, 5);
        loss.nearest_slope(u, y, nearest);
        loss.conjugate(nearest, y, conjugates);
        CHECK(conjugates.allFinite());
        CHECK((values + conjugates - (nearest * p).rowwise().sum()).minCoeff() > -1e-13);
        // the angle at the projection is not acute, seen from any other slope
        CHECK(((u - nearest) * (slopes - nearest)).rowwise().sum().maxCoeff() < 1e-13);
        PredictionBlock again = nearest;
        loss.nearest_slope(again, y, again);
        CHECK((again - nearest).abs().maxCoeff() < 1e-15);
        u(3, 2) = nan_number;
        loss.nearest_slope(u, y, nearest);
        CHECK(nearest.row(3).isNaN().all());
        loss.conjugate(u, y, conjugates);
        CHECK_FALSE(std::isfinite(conjugates(3)));
    };
    law(SoftmaxCrossEntropy{});
    law(CrammerSingerLoss{});
    Eigen::ArrayXd value(1);
    SoftmaxCrossEntropy{}.conjugate(PredictionBlock::Zero(1, 3), Eigen::ArrayXd::Ones(1), value);
    CHECK(value(0) == 0);
}
