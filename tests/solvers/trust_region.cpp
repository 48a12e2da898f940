// SPDX-License-Identifier: MIT
// Trust regions and cubic regularization: their subproblems against the theorems that characterize
// the solutions, the methods against known minima, saddles and rates.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <ermine/objectives/monkey_saddle.hpp>
#include <ermine/objectives/more_garbow_hillstrom.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/cubic_regularization.hpp>
#include <ermine/solvers/cubic_regularization_krylov.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/trust_region.hpp>
#include <ermine/solvers/trust_region_cg.hpp>
#include <ermine/solvers/trust_region_dogleg.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// A random model gᵀp + ½ pᵀHp with the given lowest eigenvalue.
struct Instance {
    MatrixXd h;
    VectorXd g;
    VectorXd eigenvalues;
    MatrixXd vectors;

    double value(const VectorXd& p) const { return g.dot(p) + p.dot(h * p) / 2; }
};

enum class Kind { indefinite, convex, hard, hard_twice, nearly_hard, no_gradient };

Instance instance(Index n, Kind kind, Random& random) {
    Instance made;
    const MatrixXd noise = normal_matrix(n, n, random);
    made.vectors = noise.householderQr().householderQ();
    made.eigenvalues = normal_vector<VectorXd>(n, random);
    std::sort(made.eigenvalues.begin(), made.eigenvalues.end());
    if (kind == Kind::convex)
        made.eigenvalues.array() += 0.1 - made.eigenvalues[0];
    else
        made.eigenvalues[0] = std::min(made.eigenvalues[0], -0.5);
    if (kind == Kind::hard_twice && n > 1) made.eigenvalues[1] = made.eigenvalues[0];
    std::sort(made.eigenvalues.begin(), made.eigenvalues.end());
    const MatrixXd skew = made.vectors * made.eigenvalues.asDiagonal() * made.vectors.transpose();
    made.h = (skew + skew.transpose()) / 2;
    VectorXd gamma = normal_vector<VectorXd>(n, random);
    if (kind == Kind::hard || kind == Kind::hard_twice) gamma[0] = 0;
    if (kind == Kind::hard_twice && n > 1) gamma[1] = 0;
    if (kind == Kind::nearly_hard) gamma[0] *= 1e-11;
    if (kind == Kind::no_gradient) gamma.setZero();
    made.g = made.vectors * gamma;
    return made;
}

constexpr Kind kinds[] = {Kind::indefinite, Kind::convex,      Kind::hard,
                          Kind::hard_twice, Kind::nearly_hard, Kind::no_gradient};

/// ½ Σ λᵢ xᵢ² in a turned basis.
Quadratic<VectorXd> turned(const VectorXd& spectrum, std::uint64_t seed) {
    Random random(seed);
    const Index n = spectrum.size();
    const MatrixXd noise = normal_matrix(n, n, random);
    const MatrixXd q = noise.householderQr().householderQ();
    const MatrixXd skew = q * spectrum.asDiagonal() * q.transpose();
    return Quadratic<VectorXd>((skew + skew.transpose()) / 2, VectorXd::Zero(n));
}

/// Any function, behind one type: a method is compiled once, not once a function.
struct Function {
    std::function<double(const VectorXd&, VectorXd&)> evaluate;
    std::function<void(const VectorXd&, MatrixXd&)> curve;

    template <class F>
    Function(const F& f)
        : evaluate([f](const VectorXd& x, VectorXd& g) { return f.value_and_gradient(x, g); }),
          curve([f](const VectorXd& x, MatrixXd& h) { f.hessian(x, h); }) {}

    double value(const VectorXd& x) const {
        VectorXd g(x.size());
        return evaluate(x, g);
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return evaluate(x, g); }
    void hessian(const VectorXd& x, MatrixXd& h) const { curve(x, h); }
};

/// How to run: until the gradient is small or the point is far from the origin.
struct Limits {
    double tolerance = 1e-10;
    double far = 1e300;
    int iterations = 1000;
    double small_after = 0;  // no small gradient counts before the point is so far out
};

using Run = Result<VectorXd>;

template <class M>
Run run_method(const M& method, const Function& f, const VectorXd& x, const Limits& limits,
               std::vector<VectorXd>* path) {
    bool small = false;
    const auto stop = [&](const auto& p) {
        if (path != nullptr) path->push_back(p.point());
        const double out = p.point().norm();
        small = out >= limits.small_after && p.stationarity_here() <= limits.tolerance;
        return small || out >= limits.far;
    };
    Run result = minimize(f, x, method, first_of(stop, MaxIterations{limits.iterations}));
    if (small && result.status == Status::stopped) result.status = Status::converged;
    return result;
}

const char* const methods[] = {"trust region", "dogleg", "Steihaug-Toint", "cubic",
                               "cubic, Krylov"};

Run run(int method, const Function& f, const VectorXd& x, const Limits& limits = {},
        std::vector<VectorXd>* path = nullptr) {
    switch (method) {
        case 0:
            return run_method(trust_region(), f, x, limits, path);
        case 1:
            return run_method(trust_region_dogleg(), f, x, limits, path);
        case 2:
            return run_method(trust_region_cg(), f, x, limits, path);
        case 3:
            return run_method(cubic_regularization(), f, x, limits, path);
        default:
            return run_method(cubic_regularization_krylov(), f, x, limits, path);
    }
}

/// Calls body with the number of each method.
void for_each_method(auto&& body) {
    for (int method = 0; method < 5; ++method) {
        INFO(methods[method]);
        body(method);
    }
}

/// Runs until the point is 1 away from the origin, where it began 1e-8 away.
void leaves(const Function& f, const VectorXd& towards, double below) {
    for_each_method([&](int method) {
        const VectorXd start = 1e-8 * towards.normalized();
        const Run result = run(method, f, start, {.tolerance = 0, .far = 1, .iterations = 300});
        CHECK(result.status == Status::stopped);
        CHECK(result.x.norm() >= 1);
        CHECK(result.value < below);
    });
}

/// ½ ‖X − W₂ W₁ X‖² / n for d inputs and h hidden units: the gradient vanishes at the origin.
struct Autoencoder {
    MatrixXd x;
    Index hidden;

    template <class T>
    T loss(const Eigen::Matrix<T, Eigen::Dynamic, 1>& w) const {
        const Index d = x.rows();
        T sum(0);
        for (Index k = 0; k < x.cols(); ++k)
            for (Index i = 0; i < d; ++i) {
                T residual(x(i, k));
                for (Index j = 0; j < hidden; ++j)
                    for (Index l = 0; l < d; ++l)
                        residual -= w[hidden * d + i * hidden + j] * w[j * d + l] * x(l, k);
                sum += residual * residual;
            }
        return sum / (2.0 * double(x.cols()));
    }

    double value(const VectorXd& w) const { return loss<double>(w); }

    double value_and_gradient(const VectorXd& w, VectorXd& g) const {
        const Index d = x.rows();
        const Eigen::Map<const MatrixXd> first(w.data(), d, hidden);                // W₁ᵀ
        const Eigen::Map<const MatrixXd> second(w.data() + d * hidden, hidden, d);  // W₂ᵀ
        const MatrixXd code = first.transpose() * x;
        const MatrixXd residual = (second.transpose() * code - x) / double(x.cols());
        g.resize(w.size());
        Eigen::Map<MatrixXd>(g.data(), d, hidden) = x * residual.transpose() * second.transpose();
        Eigen::Map<MatrixXd>(g.data() + d * hidden, hidden, d) = code * residual.transpose();
        return residual.squaredNorm() * double(x.cols()) / 2;
    }

    /// By central differences of the gradient, a polynomial of degree three.
    void hessian(const VectorXd& w, MatrixXd& h) const {
        h.resize(w.size(), w.size());
        VectorXd up(w.size());
        VectorXd down(w.size());
        for (Index i = 0; i < w.size(); ++i) {
            VectorXd moved = w;
            const double step = 1e-5 * std::max(1.0, std::abs(w[i]));
            moved[i] = w[i] + step;
            value_and_gradient(moved, up);
            moved[i] = w[i] - step;
            value_and_gradient(moved, down);
            h.col(i) = (up - down) / (2 * step);
        }
        h = (h + h.transpose()).eval() / 2;
    }
};

}  // namespace

TEST_CASE("exact steps satisfy the conditions of Moré and Sorensen") {
    Random random(5);
    for (const Kind kind : kinds)
        for (const Index n : {1, 2, 5, 12})
            for (const double radius : {1e-3, 1.0, 1e3}) {
                INFO("kind " << int(kind) << ", n " << n << ", radius " << radius);
                const Instance model = instance(n, kind, random);
                MoreSorensen<MatrixXd> solver(n);
                VectorXd p(n);
                REQUIRE(solver.compute(model.h, model.g));
                const SecularSolution found = solver.in_ball(radius, p);
                const double size = p.norm();
                CHECK((model.h * p + found.lambda * p + model.g).norm() <=
                      1e-12 * (model.g.norm() + size));
                CHECK(size <= radius * (1 + 1e-12));
                CHECK(found.lambda >= 0);
                CHECK(found.lambda * (radius - size) <= 1e-12 * (1 + found.lambda) * radius);
                CHECK(model.eigenvalues[0] + found.lambda >= -1e-13);
                CHECK(solver.negative_eigenvalues() == (model.eigenvalues.array() < 0).count());
                // no point of the ball is lower
                for (int k = 0; k < 20; ++k) {
                    const VectorXd other =
                        radius * random.uniform() * normal_vector<VectorXd>(n, random).normalized();
                    CHECK(model.value(p) <= model.value(other) + 1e-12 * (1 + size * size));
                }
            }
}

TEST_CASE("exact cubic steps satisfy their conditions") {
    Random random(6);
    for (const Kind kind : kinds)
        for (const Index n : {1, 2, 5, 12})
            for (const double sigma : {1e-6, 1.0, 1e4}) {
                INFO("kind " << int(kind) << ", n " << n << ", sigma " << sigma);
                const Instance model = instance(n, kind, random);
                MoreSorensen<MatrixXd> solver(n);
                VectorXd p(n);
                REQUIRE(solver.compute(model.h, model.g));
                const SecularSolution found = solver.with_cubic(sigma, p);
                CHECK((model.h * p + found.lambda * p + model.g).norm() <=
                      1e-12 * (model.g.norm() + p.norm()));
                CHECK(std::abs(found.lambda - sigma * p.norm()) <= 1e-12 * found.lambda);
                CHECK(model.eigenvalues[0] + found.lambda >= -1e-13);
                // in the full Krylov space Lanczos' method finds the same value
                if (kind == Kind::hard || kind == Kind::hard_twice || kind == Kind::no_gradient ||
                    kind == Kind::nearly_hard)
                    continue;
                CubicLanczos<VectorXd> lanczos(n, 20);
                lanczos.begin(model.g);
                VectorXd q(n);
                const CubicStep step = lanczos.step(
                    [&](const VectorXd& v, VectorXd& hv) { hv = model.h * v; }, sigma, 0.0, q);
                const auto cubic = [&](const VectorXd& v) {
                    return model.value(v) + sigma / 3 * std::pow(v.norm(), 3);
                };
                CHECK(step.finite);
                CHECK(cubic(q) <= cubic(p) + 1e-9 * std::abs(cubic(p)));
                CHECK(std::abs(step.reduction + cubic(q)) <= 1e-9 * std::abs(cubic(q)));
            }
}

TEST_CASE("truncated conjugate gradients and the dogleg do no worse than the Cauchy point") {
    Random random(7);
    for (const Kind kind : {Kind::indefinite, Kind::convex})
        for (const Index n : {1, 2, 5, 12})
            for (const double radius : {1e-3, 0.3, 1.0, 1e3}) {
                INFO("kind " << int(kind) << ", n " << n << ", radius " << radius);
                const Instance model = instance(n, kind, random);
                const double bend = model.g.dot(model.h * model.g);
                const double size = model.g.norm();
                const double most = radius / size;
                const double t = bend > 0 ? std::min(most, size * size / bend) : most;
                const double cauchy = model.value(-t * model.g);

                SteihaugToint<VectorXd> solver(n);
                VectorXd p(n);
                const auto apply = [&](const VectorXd& v, VectorXd& hv) { hv = model.h * v; };
                const TruncatedStep step = solver.step(apply, model.g, radius, 1e-12 * size, 50, p);
                CHECK(step.finite);
                CHECK(p.norm() <= radius * (1 + 1e-12));
                CHECK(std::abs(step.reduction + model.value(p)) <=
                      1e-9 * (1 + std::abs(model.value(p))));
                CHECK(model.value(p) <= cauchy + 1e-12 * std::abs(cauchy));

                MoreSorensen<MatrixXd> exact(n);
                VectorXd best(n);
                REQUIRE(exact.compute(model.h, model.g));
                exact.in_ball(radius, best);
                if (kind == Kind::convex)
                    CHECK(model.value(p) <= 0.5 * model.value(best) * (1 - 1e-9));

                Dogleg<MatrixXd> dogleg(n);
                REQUIRE(dogleg.compute(model.h, model.g));
                const bool boundary = dogleg.step(radius, p);
                CHECK(p.norm() <= radius * (1 + 1e-12));
                if (boundary) CHECK(p.norm() >= radius * (1 - 1e-12));
                CHECK(model.value(p) < 0);
                if (kind == Kind::convex)
                    CHECK(model.value(p) <= cauchy + 1e-12 * std::abs(cauchy));
                CHECK(dogleg.regularized() == (kind == Kind::indefinite));
            }
}

TEST_CASE("the methods reach known minima, of fixed and of dynamic size") {
    const auto bowl_problem = bowl<VectorXd>(20, 1e6);
    for_each_method([&](int method) {
        const Run result = run(method, Rosenbrock{}, VectorXd{{-1.2, 1}});
        CHECK(result.converged());
        CHECK((result.x - VectorXd::Ones(2)).norm() <= 1e-9);
        CHECK(result.counts.gradients <= 60);
        CHECK(result.counts.values == 0);
        CHECK(result.counts.hessians <= result.iterations + 1);

        const Run round =
            run(method, bowl_problem.f, bowl_problem.start, {.tolerance = 1e-8, .iterations = 200});
        CHECK(round.converged());
        CHECK((round.x - bowl_problem.target).norm() <= 1e-6);
    });
    const auto fixed =
        minimize(Rosenbrock{}, Eigen::Vector2d{-1.2, 1}, trust_region(), GradientNorm{1e-10});
    CHECK(fixed.converged());
    CHECK(fixed.counts.gradients == run(0, Rosenbrock{}, VectorXd{{-1.2, 1}}).counts.gradients);
    const auto products =
        minimize(bowl_problem.f, bowl_problem.start, trust_region_cg(), GradientNorm{1e-8});
    CHECK(products.converged());
    CHECK(products.counts.hessians == 0);
    CHECK(products.counts.products > 0);
    const auto narrow =
        minimize(Rosenbrock{}, Eigen::Vector2f{-1.2f, 1.0f}, trust_region(), GradientNorm{1e-3});
    CHECK(narrow.converged());
    CHECK((narrow.x - Eigen::Vector2f::Ones()).norm() <= 1e-2f);
}

TEST_CASE("near a minimum the methods converge at least with order 3/2") {
    for_each_method([](int method) {
        std::vector<VectorXd> path;
        const Run result =
            run(method, Rosenbrock{}, VectorXd{{1.1, 1.2}}, {.tolerance = 1e-11}, &path);
        REQUIRE(result.converged());
        int fast = 0;
        for (std::size_t k = 0; k + 1 < path.size(); ++k) {
            const double error = (path[k] - VectorXd::Ones(2)).norm();
            const double next = (path[k + 1] - VectorXd::Ones(2)).norm();
            if (error < 1e-2) fast += next <= 30 * std::pow(error, 1.5);
        }
        CHECK(fast >= 1);
        CHECK((result.x - VectorXd::Ones(2)).norm() <= 1e-10);
        CHECK(result.iterations <= 15);
    });
}

TEST_CASE("the methods leave saddles of every index") {
    for (const Index n : {4, 10})
        for (Index index = 1; index <= n; ++index) {
            INFO("n " << n << ", index " << index);
            VectorXd spectrum = VectorXd::LinSpaced(n, 1, 2);
            spectrum.head(index) *= -1;
            Random random(std::uint64_t(100 * n + index));
            leaves(turned(spectrum, std::uint64_t(index)), normal_vector<VectorXd>(n, random),
                   -0.1);
        }
    leaves(MonkeySaddle{}, VectorXd{{1, 0.3}}, -0.1);
    leaves(MonkeySaddle{}, VectorXd{{-0.2, 1}}, -0.1);
}

TEST_CASE("the methods leave the origin of a linear autoencoder for a minimum") {
    Random random(9);
    const Autoencoder f{normal_matrix(3, 8, random), 2};
    const VectorXd start = 1e-8 * normal_vector<VectorXd>(12, random).normalized();
    // the best of rank two leaves the smallest singular value (Eckart & Young)
    const double left =
        Eigen::SelfAdjointEigenSolver<MatrixXd>(f.x * f.x.transpose() / 8.0).eigenvalues()[0] / 2;
    for_each_method([&](int method) {
        const Run result =
            run(method, f, start, {.tolerance = 1e-7, .iterations = 500, .small_after = 0.5});
        CHECK(result.converged());
        CHECK(std::abs(result.value - left) <= 1e-8);
    });
}

TEST_CASE("a saddle is reported, and left where the gradient is exactly zero") {
    const auto f = turned(VectorXd{{-2, -1, 3, 4}}, 3);
    const VectorXd origin = VectorXd::Zero(4);
    for (const int method : {0, 3}) {
        const Run stays = run(method, f, origin);
        CHECK(stays.converged());
        CHECK(stays.iterations == 0);
        CHECK(stays.notes.negative_eigenvalues == 2);
        const Run goes = run(method, f, origin, {.far = 1, .small_after = 1});
        CHECK(goes.status == Status::stopped);
        CHECK(goes.value < -0.5);
    }
}

TEST_CASE("a function without a minimum ends as unbounded") {
    const auto f = turned(VectorXd{{-2, 1, 3}}, 4);
    const Run result =
        run(0, f, VectorXd{{1e-8, 1e-8, 1e-8}}, {.tolerance = 0, .iterations = 2000});
    CHECK(result.status == Status::unbounded);
    CHECK(std::isfinite(result.value));
    CHECK(result.value < -1e100);
}

TEST_CASE("a trial where the function is not finite is no failure") {
    // x − log x: the first steps lead beyond 0
    const auto f = objective([](const VectorXd& x) { return x[0] - std::log(x[0]); },
                             [](const VectorXd& x, VectorXd& g) { g[0] = 1 - 1 / x[0]; },
                             [](const VectorXd& x, MatrixXd& h) { h(0, 0) = 1 / (x[0] * x[0]); });
    for_each_method([&](int method) {
        const Run result = run(method, f, VectorXd{{50.0}});
        CHECK(result.converged());
        CHECK(std::abs(result.x[0] - 1) <= 1e-9);
        CHECK(run(method, f, VectorXd{{-1.0}}).status == Status::non_finite);
    });
}

TEST_CASE("near the floor of rounding gradients decide") {
    // values agree to all digits while ‖x‖ is below 1e-3, gradients go on to tell
    const auto f = objective(
        [](const VectorXd& x) { return 1e10 + std::cosh(x[0]) + x[1] * x[1] * (2 + x[0]); },
        [](const VectorXd& x, VectorXd& g) {
            g[0] = std::sinh(x[0]) + x[1] * x[1];
            g[1] = 2 * x[1] * (2 + x[0]);
        },
        [](const VectorXd& x, MatrixXd& h) {
            h(0, 0) = std::cosh(x[0]);
            h(0, 1) = h(1, 0) = 2 * x[1];
            h(1, 1) = 2 * (2 + x[0]);
        });
    for_each_method([&](int method) {
        const Run result =
            run(method, f, VectorXd{{0.9, 0.7}}, {.tolerance = 1e-13, .iterations = 100});
        CHECK(result.converged());
        // and a run that cannot be ended by its rule ends by itself
        const Run endless =
            run(method, Rosenbrock{}, VectorXd{{-1.2, 1}}, {.tolerance = 0, .iterations = 500});
        CHECK((endless.status == Status::no_progress || endless.converged()));
        CHECK(endless.gradient_norm <= 1e-12);
    });
}

TEST_CASE("badly chosen units of the variables do no harm to exact steps") {
    const VectorXd units{{1e4, 1e-4}};
    const auto f = objective(
        [&](const VectorXd& y) { return Rosenbrock{}.value(VectorXd(y.cwiseProduct(units))); },
        [&](const VectorXd& y, VectorXd& g) {
            Rosenbrock{}.value_and_gradient(VectorXd(y.cwiseProduct(units)), g);
            g = g.cwiseProduct(units);
        },
        [&](const VectorXd& y, MatrixXd& h) {
            Rosenbrock{}.hessian(VectorXd(y.cwiseProduct(units)), h);
            h = (units.asDiagonal() * h * units.asDiagonal()).eval();
        });
    const VectorXd start = VectorXd{{-1.2, 1}}.cwiseQuotient(units);
    for (const int method : {0, 1, 3}) {
        INFO(methods[method]);
        const Run result = run(method, f, start, {.tolerance = 1e-8});
        CHECK(result.converged());
        CHECK(result.counts.gradients <= 60);
    }
}

TEST_CASE("the exact method solves the badly scaled problems of Moré, Garbow and Hillstrom") {
    for (const int number : {3, 4, 6, 11, 12, 13, 17, 18, 19, 20, 24, 26, 35})
        for (const double factor : {1.0, 10.0}) {
            const MoreGarbowHillstrom f(number);
            INFO(f.name() << " from " << factor << " times the start");
            CHECK(run(0, f, factor * f.start(), {.tolerance = 1e-8}).converged());
        }
}

TEST_CASE("options out of range are refused") {
    const Rosenbrock f;
    const VectorXd x{{-1.2, 1}};
    CHECK_THROWS_AS(TrustRegion{.radius = -1}.start(f, x), std::invalid_argument);
    CHECK_THROWS_AS(TrustRegionCG{.trials = 0}.start(f, x), std::invalid_argument);
    CHECK_THROWS_AS(TrustRegionDogleg{.radius = NAN}.start(f, x), std::invalid_argument);
    CHECK_THROWS_AS(CubicRegularization{.sigma = -1}.start(f, x), std::invalid_argument);
    CHECK_THROWS_AS(CubicRegularizationKrylov{.subspace = 0}.start(f, x), std::invalid_argument);
}
