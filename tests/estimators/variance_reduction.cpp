// SPDX-License-Identifier: MIT
// SAG, SAGA, SVRG, loopless SVRG and Katyusha: against their recursions written down naively,
// against known minima, and for what they cost.
#include "../laws/known_minima.hpp"
#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/dataset.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/estimators/loopless_svrg.hpp>
#include <ermine/estimators/sag.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/coupled_step.hpp>
#include <ermine/numerics/repeated_step.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/nonnegative.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// Sparse data with weights and targets ±1.
struct Example {
    Eigen::MatrixXd x;
    VectorXd y;
    VectorXd weights;

    explicit Example(Index n, Index d, std::uint64_t seed = 5) : x(n, d), y(n), weights(n) {
        Random random(seed);
        for (Index i = 0; i < n; ++i) {
            for (Index j = 0; j < d; ++j) x(i, j) = random.uniform() < 0.3 ? random.normal() : 0;
            y[i] = random.uniform() < 0.4 ? 1 : -1;
            weights[i] = static_cast<double>(random.below(4));
        }
    }

    auto sparse() const { return Dataset{Eigen::SparseMatrix<double>(x.sparseView()), y}; }
    auto weighted() const {
        return Dataset{Eigen::SparseMatrix<double>(x.sparseView()), y, weights};
    }
};

/// The methods as their papers write them, one dense step after another, until so many epochs are
/// counted: n steps are one, and each full gradient. ℓ1 is in the proximal map of each step, ℓ2
/// too, or in the gradient; neither applies to the last number.
struct Naive {
    const Example& data;
    double l2;
    double l1;
    double t;
    std::uint64_t seed = 3;
    bool in_gradient = false;

    Index n() const { return data.x.rows(); }

    VectorXd gradient(Index i, const VectorXd& theta) const {
        const Index d = data.x.cols();
        const double p = data.x.row(i).dot(theta.head(d)) + theta[d];
        const double weight = data.weights[i] * static_cast<double>(n()) / data.weights.sum();
        const double s = weight * -data.y[i] / (1 + std::exp(data.y[i] * p));
        VectorXd g(d + 1);
        g << s * data.x.row(i).transpose(), s;
        return g;
    }

    VectorXd mean_gradient(const VectorXd& theta) const {
        VectorXd g = VectorXd::Zero(theta.size());
        for (Index i = 0; i < n(); ++i) g += gradient(i, theta);
        return g / static_cast<double>(n());
    }

    void step(VectorXd& x, VectorXd g) const {
        const Index d = data.x.cols();
        if (in_gradient) g.head(d) += l2 * x.head(d);
        x -= t * g;
        for (Index j = 0; j < d; ++j) {
            x[j] = std::copysign(std::max(std::abs(x[j]) - t * l1, 0.0), x[j]);
            if (!in_gradient) x[j] /= 1 + t * l2;
        }
    }

    Index draw(Random& random) const {
        return static_cast<Index>(random.below(static_cast<std::uint64_t>(n())));
    }

    /// SAGA, or SAG that begins with zeros.
    VectorXd with_table(VectorXd x, double epochs, bool saga) const {
        const double share = 1 / static_cast<double>(n());
        Random random(seed);
        std::vector<VectorXd> table;
        for (Index i = 0; i < n(); ++i)
            table.push_back(saga ? gradient(i, x) : VectorXd::Zero(x.size()));
        for (double clock = saga ? 1 : 0; clock < epochs - 1e-9; clock += share) {
            const Index i = draw(random);
            VectorXd mean = VectorXd::Zero(x.size());
            for (const VectorXd& g : table) mean += share * g;
            VectorXd& known = table[static_cast<std::size_t>(i)];
            const VectorXd now = gradient(i, x);
            const VectorXd change = now - known;
            known = now;
            step(x, (saga ? 1 : share) * change + mean);
        }
        return x;
    }

    std::int64_t coin(Random& random) const {
        std::int64_t count = 1;
        while (!(random.uniform() < 1 / static_cast<double>(n()))) ++count;
        return count;
    }

    /// SVRG with a snapshot every `period` steps, or by a coin where that is 0.
    VectorXd with_snapshots(VectorXd x, double epochs, std::int64_t period) const {
        Random random(seed);
        const auto next = [&] { return period > 0 ? period : coin(random); };
        std::int64_t until = next();
        VectorXd w = x;
        VectorXd mean = mean_gradient(w);
        for (double clock = 1; clock < epochs - 1e-9; clock += 1 / static_cast<double>(n())) {
            if (until == 0) {
                w = x;
                mean = mean_gradient(w);
                until = next();
                clock += 1;
            }
            --until;
            const Index i = draw(random);
            step(x, gradient(i, x) - gradient(i, w) + mean);
        }
        return x;
    }

    /// Loopless Katyusha, which sees ℓ2 at z.
    VectorXd katyusha(VectorXd z, double epochs, double theta1) const {
        Random random(seed);
        std::int64_t until = coin(random);
        VectorXd y = z;
        VectorXd w = z;
        VectorXd mean = mean_gradient(w);
        double clock = 1;
        while (clock < epochs - 1e-9) {
            const VectorXd before = y;
            const VectorXd x = theta1 * z + 0.5 * w + (0.5 - theta1) * y;
            const Index i = draw(random);
            const VectorXd old = z;
            VectorXd g = gradient(i, x) - gradient(i, w) + mean;
            const Index d = data.x.cols();
            if (in_gradient) g[d] += l2 * (z[d] - x[d]);
            step(z, g);
            y = x + theta1 * (z - old);
            clock += 1 / static_cast<double>(n());
            if (--until == 0) {
                w = before;
                mean = mean_gradient(w);
                until = coin(random);
                clock += 1;
            }
        }
        return z;
    }
};

double distance(const VectorXd& a, const VectorXd& b) { return (a - b).lpNorm<Eigen::Infinity>(); }

/// Allocations from the end of the first epoch-long round to the end of the run.
long allocations(const auto& f, const auto& method, double epochs) {
    long early = -1;
    long at_end = -1;
    const auto watch = [&](const auto& p) {
        at_end = small_allocations + large_allocations;
        if (early < 0 && p.epoch() >= 2.5) early = at_end;
    };
    const auto result = minimize(f, f.zero(), method, MaxEpochs{epochs}, watch);
    CHECK(result.epochs >= epochs - 1e-6);
    REQUIRE(early >= 0);
    return at_end - early;
}

}  // namespace

TEST_CASE("a drift is so many proximal steps") {
    Random random(11);
    for (int trial = 0; trial < 4000; ++trial) {
        const double t = 0.01 + random.uniform();
        const double c = trial % 3 == 0 ? 0 : random.uniform();
        const double lambda = trial % 5 == 0 ? 0 : random.uniform();
        const double slope = 1.5 * random.normal();
        const double begin = trial % 7 == 0 ? 0 : 3 * random.normal();
        const auto k = static_cast<Index>(random.below(40));
        const double theta1 = 0.05 + 0.45 * random.uniform();
        RepeatedStep plain;
        plain.prepare(t, c, 40);
        CoupledStep coupled;
        coupled.prepare(t, c, theta1, 0.5, 40);
        const auto check = [&](const auto& penalty, const auto& with_curvature, double from) {
            double x = from;
            Coupled all{from, 1.25, -0.5};
            penalty.drift(x, slope, k, plain);
            penalty.drift(all, slope, k, coupled);
            VectorXd z(1);
            z[0] = from;
            double y = 1.25;
            for (Index step = 0; step < k; ++step) {
                z[0] -= t * slope;
                with_curvature.prox(z, t);
                y = theta1 * z[0] + 0.5 * -0.5 + (0.5 - theta1) * y;
            }
            CAPTURE(trial, t, c, lambda, slope, from, k);
            CHECK(std::abs(x - z[0]) <= 1e-13 * (1 + std::abs(from)) * static_cast<double>(k + 1));
            CHECK((z[0] != 0 || x == 0));
            CHECK(std::abs(all.z - z[0]) <=
                  1e-13 * (1 + std::abs(from)) * static_cast<double>(k + 1));
            CHECK(std::abs(all.y - y) <= 1e-12 * (1 + std::abs(from)));
        };
        check(NoPenalty{}, L2{c}, begin);
        check(L1{lambda}, ElasticNet{lambda, c}, begin);
        check(ElasticNet{lambda, c}, ElasticNet{lambda, c}, begin);
        struct BoxWithCurvature {
            Box box;
            double c;
            void prox(VectorXd& x, double step) const {
                x /= 1 + step * c;
                box.prox(x, step);
            }
        };
        const Box box{.lower = -lambda, .upper = 0.5};
        check(box, BoxWithCurvature{box, c}, std::clamp(begin, box.lower, box.upper));
        check(Nonnegative{}, BoxWithCurvature{{.lower = 0}, c}, std::abs(begin));
    }
}

TEST_CASE("sweeps and single steps are the papers' recursions") {
    const Example data(60, 17);
    const auto risk = EmpiricalRisk{Linear{17}, LogisticLoss{}, data.weighted()};
    const double l2 = 0.03;
    const double t = 0.07;
    const double theta1 =
        std::min(std::sqrt(2 * 60 * l2 / (3 * (risk + L2{l2}).smoothness_per_example())), 0.5);
    // smooth, and with a kink that zeroes some of the numbers
    for (const double l1 : {0.0, 0.02}) {
        CAPTURE(l1);
        const auto compare = [&](const auto& estimator, const auto& reference) {
            const auto check = [&](const auto& f, const auto& method, const Naive& naive,
                                   int rounds) {
                auto state = method.start(f, f.zero());
                for (int round = 0; round < rounds; ++round)
                    REQUIRE(method.advance(f, state) == Outcome::advanced);
                CHECK(state.clock.iteration == rounds);
                const VectorXd& x = method.point(state);
                CHECK(distance(x, reference(naive, f.zero(), state.clock.epoch)) <= 1e-12);
                if (l1 > 0) CHECK((x.array() == 0).any());
                CHECK(state.here.value > 0);
                CHECK(std::isfinite(method.value(f, state)));
            };
            const auto swept = estimator | Constant{.size = t};
            const Naive naive{data, l2, l1, t};
            check(risk + L2{l2} + L1{l1}, swept, naive, 9);
            if (l1 == 0) check(risk + L2{l2}, swept, naive, 9);
            // a direction between them: one example a round, ℓ2 in the gradient
            Naive dense = naive;
            dense.in_gradient = true;
            check(risk + L2{l2} + L1{l1}, estimator | ClipByNorm{1e9} | Constant{.size = t}, dense,
                  500);
        };
        compare(Saga{.seed = 3}, [](const Naive& naive, const VectorXd& x, double epochs) {
            return naive.with_table(x, epochs, true);
        });
        compare(Sag{.seed = 3}, [](const Naive& naive, const VectorXd& x, double epochs) {
            return naive.with_table(x, epochs, false);
        });
        compare(Svrg{.steps = 90, .seed = 3},
                [](const Naive& naive, const VectorXd& x, double epochs) {
                    return naive.with_snapshots(x, epochs, 90);
                });
        compare(LooplessSvrg{.seed = 3}, [](const Naive& naive, const VectorXd& x, double epochs) {
            return naive.with_snapshots(x, epochs, 0);
        });
        compare(Katyusha{.seed = 3}, [&](const Naive& naive, const VectorXd& x, double epochs) {
            return naive.katyusha(x, epochs, theta1);
        });
    }
    // ElasticNet brings its own curvature into the step
    const auto method = Saga{.seed = 3} | Constant{.size = t};
    const auto net = risk + ElasticNet{0.02, l2};
    auto state = method.start(net, net.zero());
    for (int round = 0; round < 9; ++round)
        REQUIRE(method.advance(net, state) == Outcome::advanced);
    const Naive naive{data, l2, 0.02, t};
    CHECK(distance(method.point(state), naive.with_table(net.zero(), 10, true)) <= 1e-12);
}

TEST_CASE("they find the minimum, of whatever sum it is") {
    const Example data(80, 6, 9);
    const auto dense = Dataset{data.x, data.y};
    const auto reach = [](const auto& f, const auto& x0, const auto& method, double tolerance) {
        const auto result =
            minimize(f, x0, method, first_of(GradientNorm{tolerance}, MaxEpochs{4000}));
        CAPTURE(result.status, result.epochs, result.gradient_norm);
        CHECK(result.status == Status::converged);
        return result;
    };
    SECTION("linear models of dense and sparse rows, with the steps of theory") {
        const auto all = [&](const auto& f) {
            const VectorXd best = reach(f, f.zero(), saga(), 1e-11).x;
            CHECK(distance(reach(f, f.zero(), svrg(), 1e-11).x, best) <= 1e-8);
            CHECK(distance(reach(f, f.zero(), katyusha(), 1e-11).x, best) <= 1e-8);
            return best;
        };
        const auto f = EmpiricalRisk{Linear{6}, LogisticLoss{}, data.sparse()} + L2{0.1};
        const auto g = EmpiricalRisk{Linear{6}, LogisticLoss{}, dense} + L2{0.1};
        const VectorXd best = minimize(f, f.zero(), newton()).x;
        CHECK(distance(all(f), best) <= 1e-8);
        CHECK(distance(all(g), best) <= 1e-8);
        const auto boxed = g + Box{.lower = -0.1, .upper = 0.05};
        const VectorXd inside = minimize(boxed, boxed.zero(), fista(), GradientNorm{1e-12}).x;
        CHECK((inside.array() == 0.05).any());
        CHECK(distance(all(boxed), inside) <= 1e-8);
        const auto squares = EmpiricalRisk{Linear{6, false}, SquaredLoss{}, dense} + L2{0.1};
        CHECK(distance(all(squares), minimize(squares, squares.zero(), newton()).x) <= 1e-8);
    }
    SECTION("SAG and loopless SVRG, too") {
        const auto f = EmpiricalRisk{Linear{6}, LogisticLoss{}, data.sparse()} + L2{0.1} + L1{0.01};
        const VectorXd best = minimize(f, f.zero(), fista(), GradientNorm{1e-12}).x;
        CHECK(distance(reach(f, f.zero(), Sag{} | Constant{}, 1e-11).x, best) <= 1e-8);
        CHECK(distance(reach(f, f.zero(), LooplessSvrg{} | Constant{}, 1e-11).x, best) <= 1e-8);
    }
    SECTION("floats, as far as they go") {
        const auto f =
            EmpiricalRisk{Linear{6}, LogisticLoss{}, Dataset{data.x.cast<float>().eval(), data.y}} +
            L2{0.1};
        const auto g = EmpiricalRisk{Linear{6}, LogisticLoss{}, dense} + L2{0.1};
        const VectorXd best = minimize(g, g.zero(), newton()).x;
        CHECK(distance(reach(f, f.zero(), saga(), 1e-6).x.cast<double>(), best) <= 1e-5);
        CHECK(distance(reach(f, f.zero(), katyusha(), 1e-6).x.cast<double>(), best) <= 1e-5);
    }
    SECTION("several classes: a table of gradients, or a snapshot") {
        VectorXd classes(80);
        for (Index i = 0; i < 80; ++i) classes[i] = static_cast<double>(i % 3);
        const auto f = EmpiricalRisk{LinearMulticlass{6, 3}, SoftmaxCrossEntropy{},
                                     dense.with_targets(classes)} +
                       L2{0.1};
        const VectorXd best = minimize(f, f.zero(), newton(), GradientNorm{1e-12}).x;
        CHECK(f.value(reach(f, f.zero(), saga(), 1e-9).x) - f.value(best) <= 1e-12);
        CHECK(f.value(reach(f, f.zero(), svrg(), 1e-9).x) - f.value(best) <= 1e-12);
        CHECK(f.value(reach(f, f.zero(), katyusha({.strong_convexity = 0.1}), 1e-9).x) -
                  f.value(best) <=
              1e-12);
    }
    SECTION("functions of one's own, of vectors of fixed size") {
        using Eigen::Vector2d;
        const auto f = finite_sum(7, [](Index i, const auto& x) {
            const double a = static_cast<double>(i) - 3;
            return (x[0] - a) * (x[0] - a) + 2 * (x[1] + a) * (x[1] + a) + 0.1 * x[0] * x[1];
        });
        const auto method = Saga{} | Constant{.size = 0.05};
        const auto result = reach(f, Vector2d(1, 2).eval(), method, 1e-10);
        CHECK(result.x.norm() <= 1e-9);
        const auto svrg_result =
            reach(f, Vector2d(1, 2).eval(), LooplessSvrg{} | Constant{.size = 0.05}, 1e-10);
        CHECK(svrg_result.x.norm() <= 1e-9);
        // no Lmax is known of it
        CHECK_THROWS_WITH(minimize(f, Vector2d(1, 2).eval(), saga()),
                          contains("no step by theory for Saga"));
    }
}

TEST_CASE("steps of theory, and what does not fit") {
    const Example data(60, 17);
    const auto risk = EmpiricalRisk{Linear{17}, LogisticLoss{}, data.weighted()};
    const auto f = risk + L2{0.03};
    const double largest = f.smoothness_per_example();
    const auto step = [&](const auto& method) {
        return minimize(f, f.zero(), method, MaxEpochs{2}).notes.natural_step.value();
    };
    CHECK(step(saga()) == Approx(1 / (3 * largest)));
    CHECK(step(Sag{} | Constant{}) == Approx(1 / (16 * largest)));
    CHECK(step(svrg()) == Approx(1 / (10 * largest)));
    CHECK(step(LooplessSvrg{} | Constant{}) == Approx(1 / (6 * largest)));
    const double theta1 = std::min(std::sqrt(2 * 60 * 0.03 / (3 * largest)), 0.5);
    const double eta = 0.5 / (1.5 * theta1);
    CHECK(step(katyusha()) == Approx(eta / largest / (1 + eta * 0.03 / largest)));
    const auto refused = [&](const auto& objective, const auto& method, const char* what) {
        CHECK_THROWS_WITH(minimize(objective, objective.zero(), method), contains(what));
    };
    refused(f, svrg({.steps = -1}), "Svrg.steps is -1");
    refused(f, LooplessSvrg{.renewal = 1.5} | Constant{}, "LooplessSvrg.renewal is 1.5");
    refused(f, LooplessSvrg{.renewal = -0.1} | Constant{}, "LooplessSvrg.renewal is -0.1");
    refused(f, katyusha({.renewal = 2}), "Katyusha.renewal is 2");
    refused(risk, katyusha(), "Katyusha needs a strongly convex objective");
    refused(f, katyusha({.strong_convexity = 0}), "Katyusha.strong_convexity is 0");
    // 2^27 gradients of 10 numbers
    const auto many = finite_sum(Index{1} << 27, [](Index, const auto& x) { return x[0] * x[0]; });
    CHECK_THROWS_WITH(minimize(many, VectorXd::Zero(10).eval(), Saga{} | Constant{.size = 0.1}),
                      contains("GB: use LooplessSvrg{}"));
}

TEST_CASE("a run that goes wrong ends with a status and a good point") {
    const Example data(60, 17);
    const auto f = EmpiricalRisk{Linear{17}, SquaredLoss{}, data.sparse()} + L2{0.03};
    const auto check = [&](const auto& estimator) {
        const auto result =
            minimize(f, f.zero(), estimator | Constant{.size = 1e3}, MaxEpochs{2000});
        CHECK((result.status == Status::diverged || result.status == Status::non_finite));
        CHECK(result.x.allFinite());
        CHECK(result.value <= f.value(f.zero()) + 1e-12);
    };
    check(Saga{});
    check(Svrg{});
    check(Katyusha{});
}

TEST_CASE("work is counted as it is done") {
    const Example data(60, 17);
    const auto f = EmpiricalRisk{Linear{17}, LogisticLoss{}, data.sparse()} + L2{0.03};
    // a table, then four rounds
    const auto result = minimize(f, f.zero(), saga(), MaxEpochs{5});
    CHECK(result.epochs == Approx(5));
    CHECK(result.iterations == 4);
    CHECK(result.counts.examples == 5 * 60);
    CHECK(result.status == Status::max_epochs);
    CHECK(result.value == Approx(f.value(result.x)));
    // a full gradient, two rounds, and again
    const auto snapshots = minimize(f, f.zero(), svrg(), MaxEpochs{6});
    CHECK(snapshots.epochs == Approx(6));
    CHECK(snapshots.iterations == 4);
    CHECK(snapshots.counts.examples == 6 * 60);
    // what `value` is: the mean loss on the way, near the objective once that moves little
    double seen = 0;
    const auto long_run =
        minimize(f, f.zero(), saga(), MaxEpochs{200}, [&](const auto& p) { seen = p.value(); });
    CHECK(long_run.status == Status::max_epochs);
    const double best = minimize(f, f.zero(), newton()).value;
    CHECK(seen == Approx(best).epsilon(0.2));
    // one example a round where the method is more than a constant step
    const auto clipped =
        minimize(f, f.zero(), Saga{} | ClipByNorm{1} | Constant{.size = 0.1}, MaxEpochs{3});
    CHECK(clipped.iterations == 120);
}

TEST_CASE("a state that is saved and read goes on with the same bits") {
    const Example data(70, 30);
    const auto risk = EmpiricalRisk{Linear{30}, LogisticLoss{}, data.sparse()} + L2{0.03};
    const auto f = risk + L1{1e-3};
    const auto check = [&](const auto& method) {
        auto state = method.start(f, f.zero());
        for (int k = 0; k < 7; ++k) REQUIRE(method.advance(f, state) == Outcome::advanced);
        auto fresh = method.start(f, f.zero());
        fresh.here.x = state.here.x;
        fresh.clock = state.clock;
        fresh.estimator.fields() = state.estimator.fields();
        auto copy = state;
        for (int k = 0; k < 9; ++k) {
            REQUIRE(method.advance(f, state) == Outcome::advanced);
            REQUIRE(method.advance(f, fresh) == Outcome::advanced);
            REQUIRE(method.advance(f, copy) == Outcome::advanced);
        }
        CHECK(state.here.x == fresh.here.x);
        CHECK(state.here.x == copy.here.x);
        CHECK(state.clock.epoch == fresh.clock.epoch);
    };
    check(saga());
    check(Saga{} | ClipByNorm{1} | Constant{});
    check(Svrg{.steps = 80} | Constant{});
    check(LooplessSvrg{} | ClipByNorm{1} | Constant{});
    check(katyusha());
    check(Katyusha{} | ClipByNorm{1} | Constant{});
}

TEST_CASE("one thread and two give the same bits") {
#ifdef _OPENMP
    const Example data(4000, 80);
    const auto risk = EmpiricalRisk{Linear{80}, LogisticLoss{}, data.sparse()} + L2{1e-3};
    const int threads = omp_get_max_threads();
    const auto check = [&](const auto& method) {
        std::vector<VectorXd> answers;
        for (const int t : {1, 2, 3}) {
            omp_set_num_threads(t);
            answers.push_back(minimize(risk, risk.zero(), method, MaxEpochs{6}).x);
        }
        omp_set_num_threads(threads);
        CHECK(answers[0] == answers[1]);
        CHECK(answers[0] == answers[2]);
    };
    check(saga());
    check(svrg());
    check(katyusha());
#else
    WARN("left out: compiled without OpenMP");
#endif
}

TEST_CASE("nothing is allocated after the first round") {
    const Example data(300, 40);
    const auto f = EmpiricalRisk{Linear{40}, LogisticLoss{}, data.sparse()} + L2{0.03};
    const auto g = f + L1{1e-3};
    CHECK(allocations(f, saga(), 12) == 0);
    CHECK(allocations(g, saga(), 12) == 0);
    CHECK(allocations(f, Saga{} | ClipByNorm{1} | Constant{}, 6) == 0);
    CHECK(allocations(f, Sag{} | Constant{}, 12) == 0);
    CHECK(allocations(g, svrg(), 12) == 0);
    CHECK(allocations(f, LooplessSvrg{} | Constant{}, 30) == 0);
    CHECK(allocations(f, katyusha(), 30) == 0);
    CHECK(allocations(f, Katyusha{} | ClipByNorm{1} | Constant{}, 6) == 0);
}
