// SPDX-License-Identifier: MIT
// Schedules against their formulas, written out as the papers have them, and the steps that read
// values against what theory says of them.

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/data/sequential.hpp>
#include <ermine/diagnostics/range_test.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/exponential.hpp>
#include <ermine/steps/geometric_rise.hpp>
#include <ermine/steps/inverse_square_root.hpp>
#include <ermine/steps/joined.hpp>
#include <ermine/steps/one_cycle.hpp>
#include <ermine/steps/polynomial.hpp>
#include <ermine/steps/reduce_on_plateau.hpp>
#include <ermine/steps/stochastic_polyak.hpp>
#include <ermine/steps/warm_restarts.hpp>
#include <ermine/steps/warmup.hpp>

#include "ermine_catch.hpp"

#include "../solvers/counting_malloc.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

// What a schedule says at a time.
template <class S>
double at(const S& schedule, double epoch, std::int64_t iteration = 0) {
    const auto state = schedule.start(0, 0, 0);
    return schedule.length(Clock{.iteration = iteration, .epoch = epoch}, state);
}

template <class S>
void refuses(const S& step, const std::string& sentence) {
    CHECK_THROWS_WITH(step.start(0, 0, FullGradient{}), contains(sentence));
}

// ½ L x², of which everything is known.
struct Parabola {
    double curvature = 1;
    double smoothness() const { return curvature; }
    double value(const VectorXd& x) const { return 0.5 * curvature * x.squaredNorm(); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = curvature * x;
        return value(x);
    }
};

// The steps that a run takes.
template <class F, class M>
std::vector<double> steps_of(const F& f, const VectorXd& x, const M& method, std::int64_t count) {
    std::vector<double> steps;
    (void)minimize(f, x, method, MaxIterations{count}, [&](const auto& progress) {
        if (progress.iteration() > 0) steps.push_back(progress.step());
    });
    return steps;
}

// Mean of ½ (aᵢᵀ x − bᵢ)², each with a solution in common unless there is noise.
struct Equations {
    Eigen::MatrixXd a;
    VectorXd b;
    Equations(Index rows, Index columns, double noise = 0) : a(rows, columns), b(rows) {
        Random random(5);
        for (Index i = 0; i < rows; ++i)
            for (Index j = 0; j < columns; ++j) a(i, j) = random.normal();
        b = a * VectorXd::LinSpaced(columns, -1, 2);
        for (Index i = 0; i < rows; ++i) b[i] += noise * random.normal();
    }
    auto risk() const {
        return finite_sum(a.rows(), [this](Index i, const VectorXd& x, VectorXd& g) {
            const double r = a.row(i).dot(x) - b[i];
            g += r * a.row(i).transpose();
            return 0.5 * r * r;
        });
    }
};

// Says what it was told: the whole objective's value at the point.
struct Listening {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    struct State {
        double heard = 0;
        std::int64_t calls = 0;
        auto fields() { return std::tie(heard, calls); }
    };
    State start(const auto&, const auto&, const auto&) const { return {}; }
    double length(const auto&, const auto& value, const Clock&, State& state) const {
        state.heard = value();
        ++state.calls;
        return 0.05;
    }
};

}  // namespace

TEST_CASE("polynomial decay") {
    const Polynomial linear{.initial = 0.4, .final = 0.1, .epochs = 8};
    for (const double t : {0.0, 1.0, 2.5, 8.0, 100.0})
        CHECK(at(linear, t) == Approx(0.4 + (0.1 - 0.4) * std::min(t / 8, 1.0)).epsilon(1e-15));
    const Polynomial poly{.initial = 2, .epochs = 10, .power = 0.9};
    CHECK(at(poly, 5) == Approx(2 * std::pow(0.5, 0.9)));
    CHECK(at(poly, 10) == 0);
    CHECK(at(poly, 11) == 0);
    refuses(Polynomial{.initial = 0}, "Polynomial.initial is 0");
    refuses(Polynomial{.final = -1}, "Polynomial.final is -1");
    refuses(Polynomial{.epochs = infinity}, "Polynomial.epochs is inf");
    refuses(Polynomial{.power = nan_number}, "Polynomial.power is nan");
}

TEST_CASE("inverse square root: the formula of Vaswani et al.") {
    const double width = 512;
    const std::int64_t warmup = 4000;
    const InverseSquareRoot schedule{.peak = 1 / std::sqrt(width * static_cast<double>(warmup)),
                                     .warmup = warmup};
    for (const std::int64_t k : {1, 2, 3999, 4000, 4001, 100000}) {
        const auto n = static_cast<double>(k);
        const double paper =
            std::pow(width, -0.5) * std::min(std::pow(n, -0.5), n * std::pow(double(warmup), -1.5));
        CHECK(at(schedule, 0, k - 1) == Approx(paper).epsilon(1e-14));
    }
    CHECK(at(InverseSquareRoot{.peak = 0.5, .warmup = 1}, 0, 0) == 0.5);
    CHECK(at(InverseSquareRoot{.peak = 0.5, .warmup = 1}, 0, 99) == Approx(0.05));
    refuses(InverseSquareRoot{.peak = -1}, "InverseSquareRoot.peak is -1");
    refuses(InverseSquareRoot{.warmup = 0}, "InverseSquareRoot.warmup is 0");
}

TEST_CASE("one cycle: up and down along half a cosine each") {
    const OneCycle cycle{.peak = 0.8, .epochs = 20, .rise = 0.25};
    CHECK(at(cycle, 0) == Approx(0.8 / 25).epsilon(1e-14));
    CHECK(at(cycle, 2.5) == Approx((0.8 + 0.8 / 25) / 2).epsilon(1e-14));
    CHECK(at(cycle, 5) == Approx(0.8).epsilon(1e-15));
    const double last = 0.8 / 25 / 1e4;
    CHECK(at(cycle, 12.5) == Approx((0.8 + last) / 2).epsilon(1e-14));
    CHECK(at(cycle, 20) == Approx(last).epsilon(1e-9));
    CHECK(at(cycle, 30) == at(cycle, 20));
    for (const double t : {0.3, 1.1, 4.7, 5.3, 9.9, 17.2}) {
        // annealing from a to b, as 1cycle programs have it: b + (a − b)/2 (1 + cos(π share))
        const double paper = t < 5 ? 0.8 + (0.8 / 25 - 0.8) / 2 * (1 + std::cos(pi * t / 5))
                                   : last + (0.8 - last) / 2 * (1 + std::cos(pi * (t - 5) / 15));
        CHECK(at(cycle, t) == Approx(paper).epsilon(1e-13));
    }
    CHECK(at(OneCycle{.peak = 1, .rise = 0}, 0) == 1);
    CHECK(at(OneCycle{.peak = 1, .epochs = 10, .rise = 1}, 10) == 1);
    refuses(OneCycle{.peak = 0}, "OneCycle.peak is 0");
    refuses(OneCycle{.epochs = -3}, "OneCycle.epochs is -3");
    refuses(OneCycle{.rise = 1.5}, "OneCycle.rise is 1.5");
    refuses(OneCycle{.first = -1}, "OneCycle.first is -1");
    refuses(OneCycle{.last = nan_number}, "OneCycle.last is nan");
}

TEST_CASE("warm restarts: each cycle begins at the full step, and is longer than the last") {
    for (const double growth : {1.0, 1.5, 2.0}) {
        const WarmRestarts schedule{.initial = 0.3, .final = 0.02, .epochs = 4, .growth = growth};
        double begin = 0;
        double whole = 4;
        for (int cycle = 0; cycle < 6; ++cycle) {
            CAPTURE(growth, cycle);
            for (const double share : {0.0, 0.2, 0.5, 0.999}) {
                const double paper = 0.02 + 0.5 * (0.3 - 0.02) * (1 + std::cos(pi * share));
                CHECK(at(schedule, begin + share * whole) == Approx(paper).epsilon(1e-9));
            }
            begin += whole;
            whole *= growth;
        }
    }
    // An epoch that is a sum of 128/1000 falls short of the end by rounding, and is the end.
    const WarmRestarts schedule{.initial = 1, .epochs = 1, .growth = 2};
    double epoch = 0;
    for (int k = 0; k < 7 * 125; ++k) epoch += 8.0 / 1000;
    REQUIRE(epoch != 7);
    CHECK(at(schedule, epoch) == Approx(1).epsilon(1e-9));
    CHECK(at(WarmRestarts{.initial = 1, .epochs = 7, .growth = 1}, epoch) ==
          Approx(1).epsilon(1e-9));
    refuses(WarmRestarts{.initial = -1}, "WarmRestarts.initial is -1");
    refuses(WarmRestarts{.final = -1}, "WarmRestarts.final is -1");
    refuses(WarmRestarts{.epochs = 0}, "WarmRestarts.epochs is 0");
    refuses(WarmRestarts{.growth = 0.5}, "WarmRestarts.growth is 0.5");
}

TEST_CASE("geometric rise: equal factors") {
    const GeometricRise rise{.from = 1e-4, .to = 10, .iterations = 6};
    for (std::int64_t k = 0; k < 6; ++k)
        CHECK(at(rise, 0, k) == Approx(std::pow(10, -4 + static_cast<double>(k))));
    CHECK(at(rise, 0, 1000) == Approx(10));
    refuses(GeometricRise{.from = 0}, "GeometricRise.from is 0");
    refuses(GeometricRise{.to = infinity}, "GeometricRise.to is inf");
    refuses(GeometricRise{.from = 1, .to = 1}, "longer than from");
    refuses(GeometricRise{.iterations = 1}, "GeometricRise.iterations is 1");
}

TEST_CASE("joined steps: the second has a clock of its own") {
    const Parabola f;
    const VectorXd x = VectorXd::Ones(3);
    const Exponential second{.initial = 0.2, .decay = 0.5};
    const auto by_iteration =
        steps_of(f, x, FullGradient{} | joined(Constant{.size = 0.1}, {.iteration = 3}, second), 6);
    const std::vector<double> expected{0.1, 0.1, 0.1, 0.2, 0.1, 0.05};
    REQUIRE(by_iteration.size() == 6);
    for (std::size_t k = 0; k < 6; ++k) CHECK(by_iteration[k] == Approx(expected[k]));

    const auto nested = joined(joined(Constant{.size = 0.1}, {.iteration = 3}, second),
                               {.iteration = 5}, Constant{.size = 0.07});
    const auto three = steps_of(f, x, FullGradient{} | nested, 6);
    CHECK(three[3] == Approx(0.2));
    CHECK(three[4] == Approx(0.1));
    CHECK(three[5] == Approx(0.07));

    // by epochs, in minibatches of a quarter; a factor before it scales all
    const Equations equations(8, 2);
    const auto risk = equations.risk();
    const auto warmed =
        Minibatch{.size = 2} | Warmup{2} |
        joined(Constant{.size = 0.01}, {.epoch = 1}, Polynomial{.initial = 0.02, .epochs = 2});
    const auto steps = steps_of(risk, VectorXd::Zero(2), warmed, 9);
    CHECK(steps[0] == Approx(0.005));
    CHECK(steps[3] == Approx(0.01));
    CHECK(steps[4] == Approx(0.02));
    CHECK(steps[6] == Approx(0.02 * 0.75));
    CHECK(steps[8] == Approx(0.02 * 0.5));

    // a step that is 1/L by theory is one here, too, and is reported
    const auto natural =
        minimize(Parabola{.curvature = 8}, x,
                 FullGradient{} | joined(Constant{.size = 0.01}, {.iteration = 2}, Constant{}));
    CHECK(natural.iterations == 3);
    CHECK(natural.notes.natural_step == Approx(0.125));

    refuses(joined(Constant{.size = 1}, {}, second), "{.iteration = 1000} or {.epoch = 5}");
    refuses(joined(Constant{.size = 1}, {.iteration = -1}, second), "time to go over");
    refuses(joined(Constant{.size = 1}, {.epoch = nan_number}, second), "time to go over");
    refuses(joined(Constant{.size = -1}, {.epoch = 1}, second), "Constant.size is -1");
    refuses(joined(Constant{.size = 1}, {.epoch = 1}, Exponential{.decay = -1}),
            "Exponential.decay is -1");
}

TEST_CASE("a step may ask for the value of the whole objective, penalty included") {
    const Equations equations(20, 3);
    const auto f = equations.risk() + L1{0.1};
    const auto method = FullGradient{} | Listening{};
    VectorXd x = VectorXd::Constant(3, 2);
    auto state = method.start(f, x);
    for (int k = 0; k < 5; ++k) {
        const VectorXd before = state.here.x;
        REQUIRE(method.advance(f, state) == Outcome::advanced);
        CHECK(state.step.heard == Approx(f.value(before)).epsilon(1e-14));
        CHECK(state.step.calls == k + 1);
    }
}

namespace {

// The rule of ReduceLROnPlateau (mode min, relative threshold) as its documentation states it.
struct PlateauRule {
    double rate, factor;
    std::int64_t patience;
    double threshold;
    std::int64_t cooldown;
    double least;
    double best = infinity;
    std::int64_t bad = 0, resting = 0;
    void see(double value) {
        if (best == infinity || value < best - threshold * std::abs(best)) {
            best = value;
            bad = 0;
        } else {
            ++bad;
        }
        if (resting > 0) {
            --resting;
            bad = 0;
        }
        if (bad > patience) {
            rate = std::max(rate * factor, least);
            resting = cooldown;
            bad = 0;
        }
    }
};

}  // namespace

TEST_CASE("reduce on plateau cuts when the epochs' means stop falling") {
    // Batches of a quarter epoch with made-up values; their means go to the naive rule.
    for (const std::int64_t cooldown : {0, 3}) {
        const ReduceOnPlateau step{.initial = 0.8,
                                   .decay = 0.5,
                                   .patience = 2,
                                   .threshold = 0.01,
                                   .cooldown = cooldown,
                                   .shortest = 0.03};
        auto state = step.start(0, 0, 0);
        PlateauRule rule{0.8, 0.5, 2, 0.01, cooldown, 0.03};
        Random random(11);
        Clock clock;
        int cuts = 0;
        for (int epoch = 0; epoch < 60; ++epoch) {
            const double level = epoch < 10 ? 3 - 0.3 * epoch : -0.5 + 0.002 * random.normal();
            double sum = 0;
            for (int batch = 0; batch < 4; ++batch) {
                const double value = level + random.normal() * 1e-4;
                sum += value;
                const double before = state.step;
                CHECK(step.length(
                          0, [&] { return value; }, clock, state) ==
                      Approx(rule.rate).epsilon(1e-14));
                cuts += state.step < before ? 1 : 0;
                ++clock.iteration;
                clock.epoch += 0.25;
            }
            rule.see(sum / 4);
        }
        CHECK(rule.rate == 0.03);
        CHECK(cuts == 5);
    }

    // Subgradient descent on |x| with a constant step hops over the kink for ever.
    const auto f = objective(
        [](const VectorXd& x) { return std::abs(x[0]); },
        [](const VectorXd& x, VectorXd& g) { g = VectorXd::Constant(1, x[0] > 0 ? 1 : -1); });
    const VectorXd x = VectorXd::Constant(1, 0.77);
    const auto hops = minimize(f, x, FullGradient{} | Constant{.size = 0.1}, MaxIterations{300});
    CHECK(hops.value > 0.02);
    const auto cut = minimize(
        f, x, FullGradient{} | ReduceOnPlateau{.initial = 0.1, .decay = 0.5, .patience = 3},
        MaxIterations{300});
    CHECK(cut.value < 1e-9);

    refuses(ReduceOnPlateau{.initial = 0}, "ReduceOnPlateau.initial is 0");
    for (const double bad : {0.0, 1.0, -1.0, nan_number})
        refuses(ReduceOnPlateau{.decay = bad}, "ReduceOnPlateau.decay is ");
    refuses(ReduceOnPlateau{.patience = -1}, "ReduceOnPlateau.patience is -1");
    refuses(ReduceOnPlateau{.threshold = -1}, "ReduceOnPlateau.threshold is -1");
    refuses(ReduceOnPlateau{.cooldown = -1}, "ReduceOnPlateau.cooldown is -1");
    refuses(ReduceOnPlateau{.shortest = nan_number}, "ReduceOnPlateau.shortest is nan");
}

TEST_CASE("stochastic Polyak steps on single equations are Kaczmarz's projections") {
    // f_i = ½ (aᵀx − b)² and c = ½: the step is 1/‖a‖², which solves the equation (Kaczmarz 1937).
    const Equations equations(30, 5);
    const auto risk = equations.risk();
    const auto method = minibatch(Sequential{}, {.size = 1}) | StochasticPolyak{.longest = 100};
    VectorXd x = VectorXd::Zero(5);
    auto state = method.start(risk, x);
    for (Index k = 0; k < 90; ++k) {
        const auto a = equations.a.row(k % 30);
        x += (equations.b[k % 30] - a.dot(x)) / a.squaredNorm() * a.transpose();
        REQUIRE(method.advance(risk, state) == Outcome::advanced);
        REQUIRE((state.here.x - x).norm() < 1e-12);
    }
    const VectorXd solution = VectorXd::LinSpaced(5, -1, 2);
    const auto run =
        minimize(risk, VectorXd::Zero(5), Minibatch{.size = 1} | StochasticPolyak{.longest = 100},
                 MaxEpochs{60});
    CHECK((run.x - solution).norm() < 1e-10);

    // the bound, the floor, and batches without a gradient
    const StochasticPolyak step{.minimum = 1, .c = 0.25, .longest = 0.5};
    const auto none = step.start(0, 0, 0);
    const auto length = [&](double value, double slope) {
        const VectorXd g = VectorXd::Constant(1, slope);
        return step.length(Evaluation<VectorXd>{g, value, g}, Clock{}, none);
    };
    CHECK(length(3, 10) == Approx(2 / (0.25 * 100)));
    CHECK(length(3, 0.1) == 0.5);
    CHECK(length(0.5, 10) == 0);
    CHECK(length(3, 0) == 0.5);
    // where no x fits all, steps stay within the bound
    const Equations noisy(30, 5, 1);
    for (const double taken : steps_of(noisy.risk(), VectorXd::Zero(5),
                                       Minibatch{.size = 3} | StochasticPolyak{.longest = 0.2}, 50))
        CHECK((taken >= 0 && taken <= 0.2));

    refuses(StochasticPolyak{.minimum = -infinity}, "StochasticPolyak.minimum is -inf");
    refuses(StochasticPolyak{.c = 0}, "StochasticPolyak.c is 0");
    refuses(StochasticPolyak{.longest = -1}, "StochasticPolyak.longest is -1");
}

TEST_CASE("range test: on a parabola the losses are known, and it ends beyond 2/L") {
    const Parabola f{.curvature = 4};
    const VectorXd x = VectorXd::Ones(1);
    const RangeOptions options{
        .from = 1e-3, .to = 100, .iterations = 60, .smoothing = 0, .explosion = 4};
    const auto report = range_test(f, x, FullGradient{}, options);
    CHECK(report.start == 2);
    CHECK(report.exploded);
    REQUIRE(report.rates.size() == report.losses.size());
    REQUIRE(report.rates.size() < 60);
    double exact = 1;
    for (std::size_t k = 0; k < report.rates.size(); ++k) {
        CHECK(report.rates[k] == Approx(1e-3 * std::pow(1e5, static_cast<double>(k) / 59)));
        exact *= 1 - 4 * report.rates[k];
        CHECK(report.losses[k] == Approx(2 * exact * exact).epsilon(1e-9));
        CHECK(report.smoothed[k] == Approx(report.losses[k]).epsilon(1e-14));
    }
    // |1 − L t| < 1 exactly for t < 2/L: the next step is the first that makes the loss larger
    REQUIRE(report.longest);
    CHECK(*report.longest < 0.5);
    CHECK(*report.longest * std::pow(1e5, 1.0 / 59) >= 0.5);
    CHECK(*report.suggested == Approx(*report.longest / 10));
    CHECK(report.rates.back() > 0.5);
    CHECK(report.losses.back() > 8);

    const auto calm = range_test(f, x, FullGradient{}, {.to = 0.1, .iterations = 20});
    CHECK_FALSE(calm.exploded);
    CHECK(calm.rates.size() == 20);
    CHECK(calm.rates.back() == Approx(0.1));
    CHECK(*calm.longest == Approx(0.1));

    // nothing helps where one is already
    const auto there = range_test(f, VectorXd::Zero(1), FullGradient{}, {.iterations = 5});
    CHECK_FALSE(there.suggested);
    std::ostringstream text;
    text << report << there;
    CHECK(text.str().find("lowest loss at") != std::string::npos);
    CHECK(text.str().find("no step made the loss lower than 0") != std::string::npos);
}

TEST_CASE("range test with minibatches and momentum: what it suggests trains") {
    const Equations equations(400, 5, 0.1);
    const auto risk = equations.risk();
    const VectorXd x = VectorXd::Zero(5);
    const auto method = Minibatch{.size = 20, .seed = 3} | Momentum{};
    const auto report = range_test(risk, x, method);
    CHECK(report.exploded);
    CHECK(report.rates.front() == Approx(1e-6));
    REQUIRE(report.suggested);
    // the loss after a step is the next batch's: the first two batches as the method sees them
    auto state = (method | Constant{.size = 1e-6}).start(risk, x);
    REQUIRE((method | Constant{.size = 1e-6}).advance(risk, state) == Outcome::advanced);
    CHECK(report.start == state.here.value);
    REQUIRE((method | Constant{.size = 1e-6}).advance(risk, state) == Outcome::advanced);
    CHECK(report.losses.front() == state.here.value);

    const auto trained =
        minimize(risk, x, method | Constant{.size = *report.suggested}, MaxEpochs{20});
    CHECK(trained.value < 0.02 * report.start);
    const auto longer =
        minimize(risk, x, method | Constant{.size = report.rates.back()}, MaxEpochs{20});
    CHECK(longer.value > 100 * trained.value);

    CHECK_THROWS_WITH(range_test(risk, x, method, {.from = 0}), contains("from is 0"));
    CHECK_THROWS_WITH(range_test(risk, x, method, {.to = 1e-9}), contains("longer than from"));
    CHECK_THROWS_WITH(range_test(risk, x, method, {.iterations = 1}), contains("iterations is 1"));
    CHECK_THROWS_WITH(range_test(risk, x, method, {.smoothing = 1}), contains("smoothing is 1"));
    CHECK_THROWS_WITH(range_test(risk, x, method, {.explosion = 0}), contains("explosion is 0"));
    CHECK_THROWS_WITH(range_test(risk, VectorXd::Zero(4).eval() * nan_number, method),
                      contains("not finite"));
}

TEST_CASE("steps remember in their state alone: a copy goes on alike, nothing is allocated") {
    using V = Eigen::VectorXf;
    const Equations equations(40, 3, 0.3);
    const Eigen::MatrixXf x = equations.a.cast<float>();
    VectorXd y(40);
    for (Index i = 0; i < 40; ++i) y[i] = equations.b[i] < -1 ? 0 : equations.b[i] < 1 ? 1 : 2;
    const EmpiricalRisk risk{LinearMulticlass{3, 3}, CrammerSingerLoss{}, Dataset{x, y}};
    const auto method =
        Minibatch{.size = 8} | Momentum{} |
        joined(joined(OneCycle{.epochs = 2}, {.epoch = 2}, WarmRestarts{.epochs = 1}),
               {.iteration = 30},
               ReduceOnPlateau{.initial = 0.05, .decay = 0.5, .patience = 1, .threshold = 0.5});
    const V start = V::Zero(12);
    auto state = method.start(risk, start);
    for (int k = 0; k < 42; ++k) REQUIRE(method.advance(risk, state) == Outcome::advanced);
    auto copy = state;
    const auto other = risk;
    const long before = small_allocations;
    std::size_t cuts = 0;
    bool alike = true;
    for (int k = 0; k < 100; ++k) {
        const double length = state.length;
        (void)method.advance(risk, state);
        cuts += state.length < length ? 1U : 0U;
    }
    CHECK(small_allocations == before);
    for (int k = 0; k < 100; ++k) alike &= method.advance(other, copy) == Outcome::advanced;
    CHECK(alike);
    CHECK(state.here.x == copy.here.x);
    CHECK(state.length == copy.length);
    CHECK(cuts >= 2);
}
