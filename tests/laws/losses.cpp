// SPDX-License-Identifier: MIT
// Laws that every loss obeys. A new loss is taken up by a line in one of the lists below.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/losses/absolute.hpp>
#include <ermine/losses/binary_cross_entropy.hpp>
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
#include <ermine/losses/zero_one.hpp>
#include <ermine/numerics/random.hpp>

#include "ermine_catch.hpp"

using namespace ermine;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

// Calls law(loss, kinks) for every surrogate of one prediction; kinks: the p − y (regression) or
// margins y p (classification) at which the value or a derivative has a kink.
template <class Law>
void for_each_surrogate(Law law) {
    law(SquaredLoss{}, std::vector<double>{});
    law(HuberLoss{}, std::vector<double>{-1, 1});
    law(HuberLoss{.delta = 0.3}, std::vector<double>{-0.3, 0.3});
    law(LogisticLoss{}, std::vector<double>{});
    law(HingeLoss{}, std::vector<double>{1});
    law(SquaredHingeLoss{}, std::vector<double>{1});
    law(SmoothedHingeLoss{}, std::vector<double>{0, 1});
    law(SmoothedHingeLoss{.width = 0.25}, std::vector<double>{0.75, 1});
    law(ModifiedHuberLoss{}, std::vector<double>{-1, 1});
    law(ExponentialLoss{}, std::vector<double>{});
    law(AbsoluteLoss{}, std::vector<double>{0});
    law(PseudoHuberLoss{}, std::vector<double>{});
    law(PseudoHuberLoss{.delta = 0.6}, std::vector<double>{});
    law(LogCoshLoss{}, std::vector<double>{});
    law(QuantileLoss{}, std::vector<double>{0});
    law(QuantileLoss{.tau = 0.9}, std::vector<double>{0});
    law(EpsilonInsensitiveLoss{}, std::vector<double>{-0.1, 0.1});
    law(EpsilonInsensitiveLoss{.epsilon = 0}, std::vector<double>{0});
    law(PoissonLoss{}, std::vector<double>{});
    law(BinaryCrossEntropy{}, std::vector<double>{});
    law(huberized(SquaredLoss{}, 0.7), std::vector<double>{-0.7, 0.7});
    law(huberized(HuberLoss{.delta = 0.5}, 2), std::vector<double>{-0.5, 0.5});
    law(huberized(LogisticLoss{}, 0.8), std::vector<double>{std::log(0.25)});
    law(huberized(HingeLoss{}, 0.5), std::vector<double>{1});
    law(huberized(SquaredHingeLoss{}, 1), std::vector<double>{0.5, 1});
    law(huberized(ExponentialLoss{}, 4), std::vector<double>{-std::log(4)});
}

// Losses that grow like an exponential: no constant holds.
template <class L>
constexpr bool explodes = std::same_as<L, ExponentialLoss> || std::same_as<L, PoissonLoss>;

// Losses that are not calibrated for each of their options, or not for ±1 at all.
template <class L>
constexpr bool uncalibrated =
    std::same_as<L, QuantileLoss> || std::same_as<L, EpsilonInsensitiveLoss> ||
    std::same_as<L, PoissonLoss> || std::same_as<L, BinaryCrossEntropy>;

// The formulas as the books write them, in long double.
long double textbook(SquaredLoss, long double p, long double y) { return (p - y) * (p - y) / 2; }
long double textbook(HuberLoss loss, long double p, long double y) {
    const long double r = std::abs(p - y);
    const long double delta = loss.delta;
    return r <= delta ? r * r / 2 : delta * (r - delta / 2);
}
long double textbook(LogisticLoss, long double p, long double y) {
    return y * p > 0 ? std::log1p(std::exp(-y * p)) : -y * p + std::log1p(std::exp(y * p));
}
long double textbook(HingeLoss, long double p, long double y) { return std::max(0.0L, 1 - y * p); }
long double textbook(SquaredHingeLoss, long double p, long double y) {
    const long double z = std::max(0.0L, 1 - y * p);
    return z * z;
}
long double textbook(SmoothedHingeLoss loss, long double p, long double y) {
    const long double z = 1 - y * p;
    const long double width = loss.width;
    return z <= 0 ? 0 : z < width ? z * z / (2 * width) : z - width / 2;
}
long double textbook(ModifiedHuberLoss, long double p, long double y) {
    const long double z = std::max(0.0L, 1 - y * p);
    return y * p >= -1 ? z * z : -4 * y * p;
}
long double textbook(ExponentialLoss, long double p, long double y) { return std::exp(-y * p); }
long double textbook(AbsoluteLoss, long double p, long double y) { return std::abs(p - y); }
long double textbook(PseudoHuberLoss loss, long double p, long double y) {
    // with the square root minus 1 taken by its conjugate: r as small as 1e-4 leaves 8 digits else
    const long double delta = loss.delta;
    const long double q = (p - y) / delta;
    return delta * delta * q * q / (std::sqrt(1 + q * q) + 1);
}
long double textbook(LogCoshLoss, long double p, long double y) {
    const long double r = std::abs(p - y);
    const long double s = std::sinh(r / 2);
    return r < 50 ? std::log1p(2 * s * s) : r - std::log(2.0L);
}
long double textbook(QuantileLoss loss, long double p, long double y) {
    const long double tau = loss.tau;
    return std::max(tau * (y - p), (tau - 1) * (y - p));
}
long double textbook(EpsilonInsensitiveLoss loss, long double p, long double y) {
    return std::max(0.0L, std::abs(p - y) - static_cast<long double>(loss.epsilon));
}
long double textbook(PoissonLoss, long double p, long double y) { return std::exp(p) - y * p; }
long double textbook(BinaryCrossEntropy, long double p, long double y) {
    return y * textbook(LogisticLoss{}, p, 1) + (1 - y) * textbook(LogisticLoss{}, p, -1);
}
// Capped losses are the inf-convolution with c |·|: beyond the point z where the slope is c, a
// line.
long double textbook(const Huberized<SquaredLoss>& loss, long double p, long double y) {
    return textbook(HuberLoss{.delta = loss.lipschitz()}, p, y);
}
long double textbook(const Huberized<HuberLoss>& loss, long double p, long double y) {
    return textbook(loss.loss(), p, y);
}
template <class L>
long double textbook(const Huberized<L>& loss, long double p, long double y) {
    const long double c = loss.lipschitz();
    long double z = 1;
    if constexpr (std::same_as<L, LogisticLoss>) z = std::log((1 - c) / c);
    if constexpr (std::same_as<L, SquaredHingeLoss>) z = 1 - c / 2;
    if constexpr (std::same_as<L, ExponentialLoss>) z = -std::log(c);
    return textbook(loss.loss(), std::max(z, y * p), 1) + c * std::max(0.0L, z - y * p);
}

// The numbers that a value is the sum of: its rounding errors are of their size.
template <class L>
double size_of_terms(const L& loss, double p, double y) {
    return static_cast<double>(textbook(loss, p, y));
}
double size_of_terms(const PoissonLoss&, double p, double y) {
    return std::exp(p) + std::abs(y * p);
}
// r is rounded before epsilon is taken off.
double size_of_terms(const EpsilonInsensitiveLoss&, double p, double y) { return std::abs(p - y); }

// A user's own, in two styles at once.
struct Cauchy {
    double value(double p, double y) const { return std::log1p((p - y) * (p - y)); }
    auto derivative(auto p, auto y) const { return 2 * (p - y) / (1 + (p - y) * (p - y)); }
};

// A user's own without end, of plain numbers.
struct Downhill {
    using argument = Residual;
    static constexpr bool convex = true;
    double value(double p, double y) const { return std::log1p(std::exp(p - y)) - 3 * (p - y); }
    double derivative(double p, double y) const { return 1 / (1 + std::exp(y - p)) - 3; }
};

// A legal target: ±1, a share, a count, or any number where the loss takes any.
template <class L>
double some_target(const L& loss, Random& random) {
    if (!loss.accepts(2) && loss.accepts(0.5))
        return random.below(2) == 0 ? static_cast<double>(random.below(2)) : random.uniform();
    if (!loss.accepts(-1)) return static_cast<double>(random.below(6));
    if (loss.accepts(0.5)) return 2 * random.normal();
    return random.below(2) == 0 ? -1 : 1;
}

template <class L>
double distance_to_kink(const L& loss, const std::vector<double>& kinks, double p, double y) {
    double nearest = infinity;
    for (const double kink : kinks)
        nearest = std::min(nearest, std::abs((loss.accepts(0.5) ? p - y : y * p) - kink));
    return nearest;
}

}  // namespace

TEST_CASE("every loss says what it can do") {
    for_each_surrogate([](auto loss, const auto&) {
        using L = decltype(loss);
        STATIC_REQUIRE((ElementwiseLoss<L> && SurrogateLoss<L> && is_convex<L>));
        STATIC_REQUIRE(is_calibrated<L> == !uncalibrated<L>);
        STATIC_REQUIRE((LipschitzContinuous<L> || Smooth<L>) == !explodes<L>);
        // what is capped inherits that its curvature has no constant
        constexpr bool unknown = explodes<L> || std::same_as<L, Huberized<ExponentialLoss>>;
        STATIC_REQUIRE(TwiceDifferentiableLoss<L> == (Smooth<L> || unknown));
        STATIC_REQUIRE_FALSE(ManyOutputLoss<L>);
        CHECK(std::string(L::targets).size() > 0);
        CHECK(loss.accepts(1));
        CHECK_FALSE(loss.accepts(nan_number));
        CHECK_FALSE(loss.accepts(infinity));
    });
    STATIC_REQUIRE((ElementwiseLoss<ZeroOneLoss> && ManyOutputLoss<ZeroOneLoss>));
    STATIC_REQUIRE_FALSE((SurrogateLoss<ZeroOneLoss> || is_convex<ZeroOneLoss>));
    STATIC_REQUIRE((TwiceDifferentiableLoss<SoftmaxCrossEntropy> &&
                    !ScalarLoss<SoftmaxCrossEntropy> && is_convex<SoftmaxCrossEntropy>));
    STATIC_REQUIRE((StronglyConvex<SquaredLoss> && !StronglyConvex<LogisticLoss>));

    STATIC_REQUIRE((Loss<Cauchy> && SurrogateLoss<Cauchy> && !TwiceDifferentiableLoss<Cauchy>));
    STATIC_REQUIRE_FALSE((ElementwiseLoss<Cauchy> || is_convex<Cauchy> || is_calibrated<Cauchy>));
}

TEST_CASE("values are those of the textbook formula") {
    for_each_surrogate([](auto loss, const auto&) {
        CAPTURE(loss.name);
        Random random(1);
        for (int k = 0; k < 1000; ++k) {
            const double y = some_target(loss, random);
            const double p = (k % 10 == 0 ? 1e4 : 3) * random.normal();
            const auto exact = static_cast<double>(textbook(loss, p, y));
            const double size = size_of_terms(loss, p, y);
            CAPTURE(p, y, exact);
            if (std::isinf(exact))
                REQUIRE(loss.value(p, y) == exact);
            else
                REQUIRE(std::abs(loss.value(p, y) - exact) <= 4e-15 * (size + std::min(1.0, size)));
        }
    });
}

TEST_CASE("derivatives are those of the value, second derivatives those of the derivative") {
    for_each_surrogate([](auto loss, const std::vector<double>& kinks) {
        CAPTURE(loss.name);
        Random random(2);
        for (int k = 0; k < 2000; ++k) {
            const double y = some_target(loss, random);
            const double p = 3 * random.normal();
            const double h = 1e-3;
            if (distance_to_kink(loss, kinks, p, y) <= 2 * h) continue;
            // Richardson's extrapolation of central differences, in long double: error O(h⁴).
            const auto slope = [&](long double step) {
                return (textbook(loss, p + step, y) - textbook(loss, p - step, y)) / (2 * step);
            };
            const auto numeric = static_cast<double>((4 * slope(h) - slope(2 * h)) / 3);
            REQUIRE(loss.derivative(p, y) == Approx(numeric).epsilon(1e-11).margin(1e-11));
            if constexpr (TwiceDifferentiableLoss<decltype(loss)>) {
                const auto bend = [&](double step) {
                    return (loss.derivative(p + step, y) - loss.derivative(p - step, y)) /
                           (2 * step);
                };
                const double second = (4 * bend(h) - bend(2 * h)) / 3;
                REQUIRE(loss.second_derivative(p, y) == Approx(second).epsilon(1e-8).margin(1e-10));
            }
        }
    });
}

TEST_CASE("convexity: the derivative is a subgradient everywhere, at kinks too") {
    for_each_surrogate([](auto loss, const std::vector<double>& kinks) {
        CAPTURE(loss.name);
        Random random(3);
        const bool regression = loss.accepts(0.5);
        for (int k = 0; k < 2000; ++k) {
            const double y = some_target(loss, random);
            double p = 3 * random.normal();
            if (!kinks.empty() && k % 2 == 0) {
                const double kink = kinks[static_cast<std::size_t>(k / 2) % kinks.size()];
                p = regression ? y + kink : kink / y;
            }
            const double q = 3 * random.normal();
            const double below = loss.value(p, y) + loss.derivative(p, y) * (q - p);
            REQUIRE(loss.value(q, y) >= below - 1e-13 * (1 + std::abs(below)));
            if constexpr (StronglyConvex<decltype(loss)>)
                REQUIRE(loss.value(q, y) >=
                        below + 0.5 * loss.strong_convexity() * (q - p) * (q - p) - 1e-12);
        }
    });
}

TEST_CASE("Lipschitz constants and smoothness hold and are tight") {
    for_each_surrogate([](auto loss, const auto&) {
        CAPTURE(loss.name);
        using L = decltype(loss);
        Random random(4);
        double steepest = 0;
        double bend = 0;
        for (int k = 0; k < 20000; ++k) {
            const double y = some_target(loss, random);
            const double p = 4 * random.normal();
            const double q = p + 0.02 * random.normal();
            steepest =
                std::max(steepest, std::abs(loss.value(p, y) - loss.value(q, y)) / std::abs(p - q));
            bend = std::max(
                bend, std::abs(loss.derivative(p, y) - loss.derivative(q, y)) / std::abs(p - q));
            if constexpr (LipschitzContinuous<L>)
                REQUIRE(std::abs(loss.derivative(p, y)) <= loss.lipschitz());
            if constexpr (TwiceDifferentiableLoss<L>) {
                REQUIRE(loss.second_derivative(p, y) >= 0);
                if constexpr (Smooth<L>) REQUIRE(loss.second_derivative(p, y) <= loss.smoothness());
            }
        }
        if constexpr (LipschitzContinuous<L>)
            CHECK(
                (steepest <= loss.lipschitz() * (1 + 1e-9) && steepest >= 0.97 * loss.lipschitz()));
        if constexpr (Smooth<L>)
            CHECK((bend <= loss.smoothness() * (1 + 1e-9) && bend >= 0.97 * loss.smoothness()));
    });
}

TEST_CASE("calibration: convex, and falling through 0") {
    // Bartlett, Jordan & McAuliffe 2006, Theorem 2: φ convex is calibrated iff φ'(0) < 0; and by
    // definition: the best prediction has the sign of P(y = 1) − ½.
    for_each_surrogate([](auto loss, const auto&) {
        if constexpr (!is_calibrated<decltype(loss)>) return;
        CAPTURE(loss.name);
        const double h = 1e-7;
        const auto at = [&](double margin) { return loss.value(margin, 1.0); };
        CHECK((at(h) - at(-h)) / (2 * h) < -1e-3);
        CHECK((at(0) - at(-h)) / h == Approx((at(h) - at(0)) / h).epsilon(1e-4));
        for (const double chance : {0.1, 0.4, 0.49, 0.51, 0.6, 0.95}) {
            double best = infinity;
            double argmin = 0;
            for (int k = -4000; k <= 4000; ++k) {
                const double p = k * 1e-3;
                const double risk =
                    chance * loss.value(p, 1.0) + (1 - chance) * loss.value(p, -1.0);
                if (risk < best - 1e-12) {
                    best = risk;
                    argmin = p;
                }
            }
            CHECK(argmin * (chance - 0.5) > 0);
        }
    });
}

TEST_CASE("far margins: no NaN, infinite only where the exact value overflows, NaN stays NaN") {
    for_each_surrogate([](auto loss, const auto&) {
        CAPTURE(loss.name);
        constexpr bool grows = explodes<decltype(loss)>;
        for (const double y : {loss.accepts(-1) ? -1.0 : 0.0, 1.0}) {
            CAPTURE(y);
            for (const double p : {-1e4, 1e4}) {
                const auto exact = static_cast<double>(textbook(loss, p, y));
                CHECK(loss.value(p, y) == Approx(exact).epsilon(1e-14));
                CHECK((std::isfinite(loss.derivative(p, y)) || (grows && std::isinf(exact))));
            }
            for (const double p : {-infinity, infinity}) {
                const double value = loss.value(p, y);
                CHECK((value == 0 || value == infinity));
                CHECK(value == (loss.value(p > 0 ? 1e9 : -1e9, y) == 0 ? 0.0 : infinity));
                CHECK_FALSE(std::isnan(loss.derivative(p, y)));
                if constexpr (TwiceDifferentiableLoss<decltype(loss)>)
                    CHECK((std::isfinite(loss.second_derivative(p, y)) ||
                           (grows && loss.second_derivative(p, y) == infinity)));
            }
            CHECK(std::isnan(loss.value(nan_number, y)));
            CHECK(std::isnan(loss.derivative(nan_number, y)));
        }
    });
    CHECK(LogisticLoss{}.value(800.0, 1.0) < 1e-300);
    CHECK(LogisticLoss{}.value(40.0, 1.0) == Approx(std::exp(-40.0)).epsilon(1e-13));
}

TEST_CASE("arrays give the same as numbers, floats the same as doubles") {
    const auto compare = [](auto scalar, auto loss, double tolerance) {
        using T = decltype(scalar);
        using A = Eigen::Array<T, Eigen::Dynamic, 1>;
        CAPTURE(loss.name, sizeof(T));
        Random random(5);
        constexpr Index n = 523;  // packets, and a rest
        A p(n);
        A y(n);
        for (Index i = 0; i < n; ++i) {
            p(i) = static_cast<T>((i % 5 == 0 ? 30 : 2) * random.normal());
            y(i) = static_cast<T>(some_target(loss, random));
        }
        const T limit = std::numeric_limits<T>::infinity();
        const std::array<T, 8> extremes{-limit, limit, T(-1e4), T(1e4),
                                        T(0),   T(1),  T(-1),   limit - limit};
        for (Index i = 0; i < 16; ++i) {
            p(3 + i) = extremes[static_cast<std::size_t>(i % 8)];
            y(3 + i) = i >= 8 ? T(1) : loss.accepts(-1) ? T(-1) : T(0);
        }
        const A value = loss.value(p, y);
        const A derivative = loss.derivative(p, y);
        const A from_parts = loss.value(p.head(100) * T(1), y.head(100) + T(0));
        const auto agree = [&](double got, double wanted, double size = 0) {
            if (std::isnan(wanted)) return std::isnan(got);
            if (std::abs(wanted) > std::numeric_limits<T>::max())
                return std::isinf(got) && got * wanted > 0;
            // Float rounds p − y and 1 − y p before all else: an error of its scale.
            return std::abs(got - wanted) <= tolerance * (1 + std::max(std::abs(wanted), size));
        };
        for (Index i = 0; i < n; ++i) {
            CAPTURE(i, p(i), y(i));
            const double q = p(i);
            const double t = y(i);
            const double terms = size_of_terms(loss, q, t);
            REQUIRE(agree(value(i), loss.value(q, t), terms));
            REQUIRE(agree(loss.value(p(i), y(i)), loss.value(q, t), terms));
            REQUIRE(agree(derivative(i), loss.derivative(q, t), terms));
            if (i < 100) REQUIRE(agree(from_parts(i), value(i), terms));
        }
        if constexpr (TwiceDifferentiableLoss<decltype(loss)>) {
            const A second = loss.second_derivative(p, y);
            for (Index i = 0; i < n; ++i)
                if (!std::isnan(p(i)))
                    REQUIRE(agree(second(i), loss.second_derivative(p(i), y(i))));
        }
        // What is returned is an expression with packets, not a loop over numbers.
        using Value = std::remove_cvref_t<decltype(loss.value(p, y))>;
        using Derivative = std::remove_cvref_t<decltype(loss.derivative(p, y))>;
        STATIC_REQUIRE(bool(Eigen::internal::evaluator<Value>::Flags & Eigen::PacketAccessBit));
        STATIC_REQUIRE(
            bool(Eigen::internal::evaluator<Derivative>::Flags & Eigen::PacketAccessBit));
    };
    for_each_surrogate([&](auto loss, const auto&) {
        compare(double{}, loss, 4e-15);
        compare(float{}, loss, 1e-6);
    });
}

TEST_CASE("options that make no sense are named") {
    CHECK_THROWS_WITH(HuberLoss{.delta = 0}.check(), contains("HuberLoss: delta is 0"));
    CHECK_THROWS_WITH(HuberLoss{.delta = nan_number}.check(), contains("delta is nan"));
    CHECK_THROWS_WITH(SmoothedHingeLoss{.width = -1}.check(), contains("width is -1"));
    CHECK_THROWS_WITH(PseudoHuberLoss{.delta = -2}.check(), contains("Loss: delta is -2"));
    CHECK_THROWS_WITH(PseudoHuberLoss{.delta = infinity}.check(), contains("delta is inf"));
    for (const double tau : {0.0, 1.0, -0.5, nan_number})
        CHECK_THROWS_WITH(QuantileLoss{.tau = tau}.check(),
                          contains("QuantileLoss: tau is " + std::to_string(tau)));
    CHECK_THROWS_WITH(EpsilonInsensitiveLoss{.epsilon = -0.1}.check(),
                      contains("EpsilonInsensitiveLoss: epsilon is -0.1"));
    CHECK_NOTHROW(PseudoHuberLoss{}.check());
    CHECK_NOTHROW(QuantileLoss{.tau = 0.01}.check());
    CHECK_NOTHROW(EpsilonInsensitiveLoss{.epsilon = 0}.check());
    CHECK_THROWS_WITH(huberized(SquaredLoss{}, 0), contains("huberized: slope is 0"));
    CHECK_THROWS_WITH(huberized(SquaredLoss{}, nan_number), contains("slope is nan"));
    CHECK_THROWS_WITH(huberized(HuberLoss{.delta = -1}, 1), contains("HuberLoss: delta is -1"));
    CHECK_THROWS_WITH(huberized(Downhill{}, 0.5), contains("c = 0.5"));
    CHECK_NOTHROW(HuberLoss{}.check());
    CHECK_NOTHROW(SmoothedHingeLoss{}.check());
}

TEST_CASE("best constant predictions: median, quantile, log of the mean") {
    // The definitions that the losses are named for; by bisection on the mean derivative.
    Random random(8);
    std::vector<double> y(1001);
    for (double& t : y) t = static_cast<double>(random.below(1000000)) * 1e-5;
    const auto best = [&](const auto& loss) {
        double low = -20;
        double high = 20;
        for (int k = 0; k < 100; ++k) {
            const double middle = (low + high) / 2;
            double slope = 0;
            for (const double t : y) slope += loss.derivative(middle, t);
            (slope < 0 ? low : high) = middle;
        }
        return high;
    };
    std::vector<double> sorted = y;
    std::sort(sorted.begin(), sorted.end());
    double mean = 0;
    for (const double t : y) mean += t / 1001;
    CHECK(best(AbsoluteLoss{}) == Approx(sorted[500]).epsilon(1e-12));
    CHECK(best(QuantileLoss{.tau = 0.9}) == Approx(sorted[900]).epsilon(1e-12));
    CHECK(best(QuantileLoss{.tau = 0.25}) == Approx(sorted[250]).epsilon(1e-12));
    CHECK(best(PoissonLoss{}) == Approx(std::log(mean)).epsilon(1e-12));
}

TEST_CASE("relations between losses, and targets that they refuse") {
    Random random(9);
    const auto capped = huberized(SquaredHingeLoss{}, 4);
    for (int k = 0; k < 500; ++k) {
        const double p = 4 * random.normal();
        const double y = random.below(2) == 0 ? -1 : 1;
        CHECK(ModifiedHuberLoss{}.value(p, y) == Approx(capped.value(p, y)).margin(1e-14));
        CHECK(ModifiedHuberLoss{}.derivative(p, y) == Approx(capped.derivative(p, y)));
        CHECK(QuantileLoss{}.value(p, y) == Approx(AbsoluteLoss{}.value(p, y) / 2));
        CHECK(EpsilonInsensitiveLoss{.epsilon = 0}.value(p, y) == AbsoluteLoss{}.value(p, y));
    }
    // r near 0 keeps its digits; far away the difference from a line is the constant of theory.
    CHECK(LogCoshLoss{}.value(1e-9, 0.0) == Approx(5e-19).epsilon(1e-14));
    CHECK(PseudoHuberLoss{.delta = 2}.value(1e-9, 0.0) == Approx(5e-19).epsilon(1e-14));
    CHECK(PseudoHuberLoss{.delta = 2}.value(1e200, 0.0) == Approx(2e200).epsilon(1e-14));
    CHECK(PseudoHuberLoss{.delta = 2}.value(3e9, 0.0) == Approx(6e9 - 4).epsilon(1e-15));

    CHECK((PoissonLoss{}.accepts(0) && PoissonLoss{}.accepts(7) && PoissonLoss{}.accepts(0.5)));
    CHECK_FALSE((PoissonLoss{}.accepts(-1) || PoissonLoss{}.accepts(-1e-300)));
    for (const double y : {0.0, 0.5, 2.0}) {
        CHECK_FALSE(ModifiedHuberLoss{}.accepts(y));
        CHECK_FALSE(ExponentialLoss{}.accepts(y));
    }
    CHECK((CrammerSingerLoss{}.accepts(0) && CrammerSingerLoss{}.accepts(9)));
    CHECK_FALSE((CrammerSingerLoss{}.accepts(-1) || CrammerSingerLoss{}.accepts(1.5) ||
                 CrammerSingerLoss{}.accepts(nan_number)));
}

TEST_CASE("the 0-1 loss counts a prediction of 0 as wrong, and the first of equals as the answer") {
    const ZeroOneLoss loss;
    for (const double y : {-1.0, 1.0}) {
        CHECK(loss.value(0.5 * y, y) == 0);
        CHECK(loss.value(-1e-300 * y, y) == 1);
        CHECK(loss.value(0.0, y) == 1);
        CHECK(std::isnan(loss.value(nan_number, y)));
    }
    Eigen::ArrayXf p(3), y(3);
    p << -2, 0, 3;
    y << 1, 1, 1;
    CHECK((loss.value(p, y) == Eigen::Array3f(1, 1, 0)).all());

    PredictionBlock block(4, 3);
    block << 1, 2, 0, 5, 5, 1, 5, 5, 1, 0, nan_number, 1;
    Eigen::ArrayXd values(4);
    loss.value(block, Eigen::Array4d(1, 0, 1, 2), values);
    CHECK(values(0) == 0);
    CHECK(values(1) == 0);
    CHECK(values(2) == 1);
    CHECK(std::isnan(values(3)));
    CHECK((loss.accepts(-1) && loss.accepts(0) && loss.accepts(7) && !loss.accepts(0.5)));
}

namespace {

// Softmax cross-entropy in long double, number by number.
long double softmax_reference(const PredictionBlock& p, Index row, Index y) {
    long double largest = p(row, 0);
    for (Index k = 0; k < p.cols(); ++k) largest = std::max<long double>(largest, p(row, k));
    long double sum = 0;
    for (Index k = 0; k < p.cols(); ++k) sum += std::exp(p(row, k) - largest);
    return std::log(sum) + largest - p(row, y);
}

PredictionBlock random_block(Index rows, Index columns, double scale, Random& random) {
    PredictionBlock p(rows, columns);
    for (Index i = 0; i < p.size(); ++i) p.data()[i] = scale * random.normal();
    return p;
}

}  // namespace

TEST_CASE("softmax cross-entropy: value, derivative and curvature") {
    const SoftmaxCrossEntropy loss;
    Random random(6);
    for (const Index classes : {2, 3, 10, 17}) {
        const Index rows = 13;
        const PredictionBlock p = random_block(rows, classes, 3, random);
        const PredictionBlock u = random_block(rows, classes, 1, random);
        Eigen::ArrayXd y(rows);
        for (Index i = 0; i < rows; ++i)
            y(i) = static_cast<double>(random.below(static_cast<std::uint64_t>(classes)));
        Eigen::ArrayXd values(rows), again(rows);
        PredictionBlock d(rows, classes), hu(rows, classes), up(rows, classes), down(rows, classes);
        loss.value(p, y, values);
        loss.value_and_derivative(p, y, again, d);
        loss.curvature_product(p, y, u, hu);
        CHECK((values - again).abs().maxCoeff() <= 1e-14 * values.maxCoeff());
        const double h = 1e-5;
        loss.value_and_derivative(p + h * u, y, again, up);
        loss.value_and_derivative(p - h * u, y, again, down);
        CHECK(((up - down) / (2 * h) - hu).abs().maxCoeff() < 1e-9);
        for (Index i = 0; i < rows; ++i) {
            const auto k = static_cast<Index>(y(i));
            const auto exact = static_cast<double>(softmax_reference(p, i, k));
            CHECK(values(i) == Approx(exact).epsilon(1e-13).margin(2e-15));
            CHECK(loss.value(p.row(i), k) == values(i));
            CHECK(std::abs(d.row(i).sum()) < 1e-14);
            CHECK(std::abs(hu.row(i).sum()) < 1e-14);
            CHECK(std::sqrt(d.row(i).square().sum()) <= loss.lipschitz());
            const double bend = (hu.row(i) * u.row(i)).sum();
            CHECK(bend >= 0);
            CHECK(bend <= loss.smoothness() * u.row(i).square().sum());
            for (Index j = 0; j < classes; ++j) {
                PredictionBlock moved = p.row(i);
                moved(0, j) += h;
                const long double above = softmax_reference(moved, 0, k);
                moved(0, j) -= 2 * h;
                const long double below = softmax_reference(moved, 0, k);
                CHECK(d(i, j) == Approx(double((above - below) / (2 * h))).margin(1e-9));
            }
        }
        using BlockF = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        BlockF pf = p.cast<float>(), df(rows, classes);
        Eigen::ArrayXf vf(rows);
        loss.value_and_derivative(pf, y, vf, df);
        CHECK((vf.cast<double>() - values).abs().maxCoeff() < 4e-6);
        CHECK((df.cast<double>() - d).abs().maxCoeff() < 1e-6);
    }
}

TEST_CASE("softmax cross-entropy: its constants are tight") {
    const SoftmaxCrossEntropy loss;
    PredictionBlock p(2, 3), d(2, 3), u(2, 3), hu(2, 3);
    p << 40, 0, -40, 0, 0, -40;
    u << 0, 0, 0, 1, -1, 0;
    Eigen::ArrayXd y(2), values(2);
    y << 1, 0;
    loss.value_and_derivative(p, y, values, d);
    loss.curvature_product(p, y, u, hu);
    CHECK(std::sqrt(d.row(0).square().sum()) == Approx(loss.lipschitz()).epsilon(1e-12));
    CHECK((hu.row(1) * u.row(1)).sum() == Approx(loss.smoothness() * 2).epsilon(1e-12));
}

TEST_CASE("softmax cross-entropy: far and infinite predictions") {
    const SoftmaxCrossEntropy loss;
    PredictionBlock p(7, 3), d(7, 3);
    p << 1e4, 0, -1e4, 1e4, 0, -1e4, infinity, 0, 0, infinity, 0, 0, -infinity, 0, 0,  //
        -infinity, -infinity, -infinity, nan_number, 0, 0;
    Eigen::ArrayXd y(7), values(7), again(7);
    y << 0, 2, 0, 1, 0, 0, 1;
    loss.value(p, y, values);
    loss.value_and_derivative(p, y, again, d);
    for (const auto& v : {values, again}) {
        CHECK(v(0) == 0);
        CHECK(v(1) == 2e4);
        CHECK(v(2) == 0);
        CHECK(v(3) == infinity);
        CHECK(v(4) == infinity);
        CHECK(v(5) == Approx(std::log(3.0)));
        CHECK(std::isnan(v(6)));
    }
    CHECK(d.topRows(6).isFinite().all());
    CHECK((d.row(3) - Eigen::Array3d(1, -1, 0).transpose()).abs().maxCoeff() < 1e-15);
    CHECK(d.row(6).isNaN().any());
    CHECK((loss.accepts(0) && loss.accepts(9) && !loss.accepts(-1) && !loss.accepts(1.5)));
}

TEST_CASE("Crammer-Singer: value, subgradient and constant") {
    const CrammerSingerLoss loss;
    STATIC_REQUIRE((SurrogateLoss<CrammerSingerLoss> && ManyOutputLoss<CrammerSingerLoss> &&
                    is_convex<CrammerSingerLoss> && LipschitzContinuous<CrammerSingerLoss>));
    STATIC_REQUIRE_FALSE((ScalarLoss<CrammerSingerLoss> || is_calibrated<CrammerSingerLoss> ||
                          Smooth<CrammerSingerLoss> || TwiceDifferentiableLoss<CrammerSingerLoss>));
    Random random(10);
    double steepest = 0;
    for (const Index classes : {2, 3, 10}) {
        const Index rows = 200;
        const PredictionBlock p = random_block(rows, classes, 1.5, random);
        const PredictionBlock q = random_block(rows, classes, 1.5, random);
        Eigen::ArrayXd y(rows);
        for (Index i = 0; i < rows; ++i)
            y(i) = static_cast<double>(random.below(static_cast<std::uint64_t>(classes)));
        Eigen::ArrayXd values(rows), again(rows), others(rows);
        PredictionBlock d(rows, classes);
        loss.value(p, y, values);
        loss.value(q, y, others);
        loss.value_and_derivative(p, y, again, d);
        CHECK((values == again).all());
        for (Index i = 0; i < rows; ++i) {
            const auto k = static_cast<Index>(y(i));
            double exact = 0;  // max over all classes of p_j + [j ≠ y] − p_y
            for (Index j = 0; j < classes; ++j)
                exact = std::max(exact, p(i, j) + (j == k ? 0 : 1) - p(i, k));
            CHECK(values(i) == Approx(exact).epsilon(1e-14).margin(1e-14));
            CHECK(loss.value(p.row(i), k) == values(i));
            // convexity: a subgradient everywhere
            CHECK(others(i) >= values(i) + (d.row(i) * (q.row(i) - p.row(i))).sum() - 1e-13);
            CHECK(d.row(i).sum() == 0);
            steepest = std::max(steepest, std::sqrt(d.row(i).square().sum()));
            if (classes == 2) {
                const double margin = p(i, 1) - p(i, 0);
                CHECK(values(i) == Approx(HingeLoss{}.value(margin, k == 1 ? 1.0 : -1.0)));
            }
        }
        using BlockF = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        const BlockF pf = p.cast<float>();
        BlockF df(rows, classes);
        Eigen::ArrayXf vf(rows);
        loss.value_and_derivative(pf, y, vf, df);
        CHECK((vf.cast<double>() - values).abs().maxCoeff() < 2e-6);
        CHECK((df.cast<double>() - d).abs().maxCoeff() == 0);
    }
    CHECK(steepest == Approx(loss.lipschitz()).epsilon(1e-15));
}

TEST_CASE("Crammer-Singer: kinks, ties, far, infinite and NaN predictions") {
    const CrammerSingerLoss loss;
    PredictionBlock p(8, 3), d(8, 3);
    p << 2, 1, 1, 0, 0, 0, 1e300, -1e300, 0, 0, 1e300, 0, infinity, 0, 0, 0, infinity, 0,  //
        infinity, infinity, 0, 0, nan_number, 0;
    Eigen::ArrayXd y(8), values(8);
    y << 0, 1, 0, 0, 0, 0, 0, 2;
    loss.value_and_derivative(p, y, values, d);
    CHECK(values(0) == 0);  // exactly at the margin: no force
    CHECK((d.row(0) == 0).all());
    CHECK(values(1) == 1);
    CHECK((d.row(1) == Eigen::Array3d(1, -1, 0).transpose()).all());
    CHECK(values(2) == 0);
    CHECK(values(3) == 1e300);
    CHECK(values(4) == 0);
    CHECK(values(5) == infinity);
    CHECK((d.row(5) == Eigen::Array3d(-1, 1, 0).transpose()).all());
    CHECK(values(6) == 1);
    CHECK(d.topRows(7).isFinite().all());
    CHECK(std::isnan(values(7)));
    CHECK(d.row(7).isNaN().any());
}
