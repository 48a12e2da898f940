// SPDX-License-Identifier: MIT
// Newton's two faults and their answers: saddles, which draw the textbook's step and repel the
// others, and inverses, which are never formed.
#include "ermine_catch.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SparseCore>
#include <cmath>
#include <functional>
#include <numbers>
#include <sstream>
#include <utility>
#include <vector>

#include <ermine/directions/newton.hpp>
#include <ermine/directions/newton_cg.hpp>
#include <ermine/directions/saddle_free_newton.hpp>
#include <ermine/directions/sparse_newton.hpp>
#include <ermine/numerics/absolute_inverse.hpp>
#include <ermine/numerics/bunch_kaufman.hpp>
#include <ermine/numerics/condition_number.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/tridiagonal_form.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// One type for all problems, so that each method is compiled once.
struct Problem {
    std::function<double(const VectorXd&, VectorXd&)> evaluate;
    std::function<void(const VectorXd&, MatrixXd&)> curvature;

    double value(const VectorXd& x) const {
        VectorXd g(x.size());
        return evaluate(x, g);
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return evaluate(x, g); }
    void hessian(const VectorXd& x, MatrixXd& H) const { curvature(x, H); }
};

/// The same, which hands out products with its Hessian alone.
struct ByProducts {
    Problem of;

    double value(const VectorXd& x) const { return of.value(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return of.evaluate(x, g); }
    void hessian_product(const VectorXd& x, const VectorXd& v, VectorXd& Hv) const {
        MatrixXd H(x.size(), x.size());
        of.curvature(x, H);
        Hv = H * v;
    }
};

/// The same, with a sparse Hessian of the whole pattern of a tridiagonal matrix.
struct Sparsely {
    using Hessian = Eigen::SparseMatrix<double>;
    Problem of;

    double value(const VectorXd& x) const { return of.value(x); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return of.evaluate(x, g); }
    void hessian(const VectorXd& x, Hessian& H) const {
        MatrixXd dense(x.size(), x.size());
        of.curvature(x, dense);
        std::vector<Eigen::Triplet<double>> entries;
        for (int i = 0; i < x.size(); ++i)
            for (int j = std::max(0, i - 1); j < std::min<int>(int(x.size()), i + 2); ++j)
                entries.emplace_back(i, j, dense(i, j));
        H.setFromTriplets(entries.begin(), entries.end());
    }
};

VectorXd normal(Index n, Random& random) {
    VectorXd v(n);
    for (double& entry : v) entry = random.normal();
    return v;
}

MatrixXd orthogonal(Index n, Random& random) {
    MatrixXd m(n, n);
    for (Index j = 0; j < n; ++j) m.col(j) = normal(n, random);
    return m.householderQr().householderQ();
}

MatrixXd with_spectrum(const VectorXd& spectrum, Random& random) {
    const MatrixXd q = orthogonal(spectrum.size(), random);
    const MatrixXd a = q * spectrum.asDiagonal() * q.transpose();
    return (a + a.transpose()) / 2;
}

/// ½ xᵀ A x − bᵀ x.
Problem quadratic(const MatrixXd& a, const VectorXd& b) {
    return {[a, b](const VectorXd& x, VectorXd& g) {
                g.noalias() = a * x;
                const double value = 0.5 * x.dot(g) - x.dot(b);
                g -= b;
                return value;
            },
            [a](const VectorXd&, MatrixXd& H) { H = a; }};
}

/// x³ − 3xy²: its Hessian at the origin is zero.
Problem monkey_saddle() {
    return {[](const VectorXd& v, VectorXd& g) {
                const double x = v[0];
                const double y = v[1];
                g.resize(2);
                g << 3 * x * x - 3 * y * y, -6 * x * y;
                return x * x * x - 3 * x * y * y;
            },
            [](const VectorXd& v, MatrixXd& H) {
                H.resize(2, 2);
                H << 6 * v[0], -6 * v[1], -6 * v[1], -6 * v[0];
            }};
}

/// ½ tr (I − W₂W₁) C (I − W₂W₁)ᵀ = ½ ‖X − W₂ W₁ X‖² / n with C = X Xᵀ / n of size d, x = (W₁, W₂)
/// of h × d and d × h numbers. At the origin the Hessian is [0 B; Bᵀ 0] with the singular values of
/// C in B, each h times: as many negative eigenvalues as positive ones.
Problem autoencoder(const MatrixXd& c, Index h) {
    const Index d = c.rows();
    struct At {
        MatrixXd encoder;
        MatrixXd decoder;
        MatrixXd slope;  // ∂f / ∂(W₂W₁)
    };
    const auto at = [c, d, h](const VectorXd& x) {
        const MatrixXd encoder = x.head(h * d).reshaped(h, d);
        const MatrixXd decoder = x.tail(h * d).reshaped(d, h);
        const MatrixXd left = MatrixXd::Identity(d, d) - decoder * encoder;
        return At{encoder, decoder, -left * c};
    };
    return {[=](const VectorXd& x, VectorXd& g) {
                const At here = at(x);
                g.resize(x.size());
                g.head(h * d) = (here.decoder.transpose() * here.slope).reshaped();
                g.tail(h * d) = (here.slope * here.encoder.transpose()).reshaped();
                const MatrixXd left = MatrixXd::Identity(d, d) - here.decoder * here.encoder;
                return 0.5 * (left * c).cwiseProduct(left).sum();
            },
            [=](const VectorXd& x, MatrixXd& H) {
                const At here = at(x);
                H.resize(x.size(), x.size());
                for (Index j = 0; j < x.size(); ++j) {
                    const VectorXd unit = VectorXd::Unit(x.size(), j);
                    const MatrixXd e = unit.head(h * d).reshaped(h, d);
                    const MatrixXd f = unit.tail(h * d).reshaped(d, h);
                    const MatrixXd turn = (f * here.encoder + here.decoder * e) * c;
                    H.col(j).head(h * d) =
                        (f.transpose() * here.slope + here.decoder.transpose() * turn).reshaped();
                    H.col(j).tail(h * d) =
                        (turn * here.encoder.transpose() + here.slope * e.transpose()).reshaped();
                }
            }};
}

Problem rosenbrock(Index n) {
    return {[](const VectorXd& x, VectorXd& g) {
                g.setZero(x.size());
                double value = 0;
                for (Index i = 0; i + 1 < x.size(); ++i) {
                    const double bend = x[i + 1] - x[i] * x[i];
                    value += 100 * bend * bend + (1 - x[i]) * (1 - x[i]);
                    g[i] += -400 * bend * x[i] - 2 * (1 - x[i]);
                    g[i + 1] += 200 * bend;
                }
                return value;
            },
            [n](const VectorXd& x, MatrixXd& H) {
                H.setZero(n, n);
                for (Index i = 0; i + 1 < n; ++i) {
                    H(i, i) += -400 * (x[i + 1] - 3 * x[i] * x[i]) + 2;
                    H(i + 1, i + 1) += 200;
                    H(i, i + 1) = H(i + 1, i) = -400 * x[i];
                }
            }};
}

const auto textbook = FullGradient{} | Newton{.indefinite = Indefinite::keep} | Constant{.size = 1};

/// Ends a run that is out of the ball.
auto outside(double radius) {
    return [radius](const auto& progress) { return progress.point().norm() >= radius; };
}

/// From 1e-8 beside a stationary point at the origin: leaves the ball of radius 1, downhill, within
/// `most` iterations; returns how many it took.
std::int64_t leaves(const auto& f, const auto& method, const VectorXd& x0, std::int64_t most) {
    CAPTURE(x0.size(), most);
    const double origin = f.value(VectorXd::Zero(x0.size()).eval());
    const auto result =
        minimize(f, x0, method, first_of(outside(1), GradientNorm{1e-20}, MaxIterations{most}));
    CHECK(result.status == Status::stopped);
    CHECK(result.x.norm() >= 1);
    CHECK(result.value < origin - 1e-3);
    return result.iterations;
}

/// All that do not stay at a saddle.
void all_leave(const Problem& f, const VectorXd& x0, std::int64_t most) {
    const ByProducts products{f};
    const auto by_eigenvalues =
        FullGradient{} | Newton{.indefinite = Indefinite::eigenvalues} | Backtracking{};
    leaves(f, by_eigenvalues, x0, most);
    leaves(f, saddle_free_newton(), x0, most);
    leaves(products, saddle_free_newton(), x0, most);
    leaves(products, newton_cg(), x0, most);
    leaves(f, FullGradient{} | SaddleFreeNewton{} | Constant{.size = 1}, x0, most);
}

}  // namespace

TEST_CASE("near a quadratic saddle of every index Newton's step ends there, and says so") {
    Random random(1);
    for (Index index = 1; index <= 5; ++index) {
        VectorXd spectrum(5);
        for (Index i = 0; i < 5; ++i)
            spectrum[i] = (i < index ? -1 : 1) * (0.5 + 1.5 * random.uniform());
        const Problem f = quadratic(with_spectrum(spectrum, random), VectorXd::Zero(5));
        const VectorXd x0 = 1e-8 * normal(5, random).normalized();

        const auto drawn = minimize(f, x0, textbook, GradientNorm{1e-14});
        CHECK(drawn.converged());
        CHECK(drawn.iterations == 1);
        CHECK(drawn.x.norm() < 1e-14);
        REQUIRE(drawn.notes.negative_eigenvalues);
        CHECK(*drawn.notes.negative_eigenvalues == index);
        std::ostringstream text;
        text << drawn;
        CHECK_THAT(text.str(), contains("saddle"));

        // the distance along negative curvature doubles: log₂(1e8) = 26.6
        all_leave(f, x0, 32);
    }
}

TEST_CASE("at the monkey saddle Newton's step halves the distance, the others leave") {
    const Problem f = monkey_saddle();
    for (const double angle : {0.3, 1.1, 2.0, 4.5}) {
        const VectorXd x0 = 1e-8 * Eigen::Vector2d(std::cos(angle), std::sin(angle));
        // the gradient is a homogeneous quadratic, so that H x = 2 ∇f: linear, not quadratic
        const auto drawn = minimize(f, x0, textbook, first_of(GradientNorm{0}, MaxIterations{20}));
        CHECK(drawn.x.norm() == Approx(1e-8 * std::pow(0.5, 20)));
        // the limit has a Hessian of zero; that of each point on the way has eigenvalues ±6 ‖x‖
        CHECK(drawn.notes.negative_eigenvalues.value() == 1);
        CHECK(drawn.notes.condition_number.value() == Approx(1));
        all_leave(f, x0, 60);
    }
}

TEST_CASE("a linear autoencoder's origin is a saddle, which they leave for the minimum") {
    Random random(3);
    const Index h = 2;
    const VectorXd spectrum = Eigen::Vector3d(2, 1, 0.5);
    const Problem f = autoencoder(with_spectrum(spectrum, random), h);
    const VectorXd x0 = 1e-8 * normal(12, random).normalized();

    const auto drawn = minimize(f, x0, textbook, GradientNorm{1e-14});
    CHECK(drawn.converged());
    CHECK(drawn.x.norm() < 1e-14);
    CHECK(drawn.notes.negative_eigenvalues.value() == 6);

    all_leave(f, x0, 40);
    // the principal components are kept, the smallest eigenvalue of C is lost (Baldi & Hornik 1989)
    const auto ends = [&](const auto& g, const auto& method) {
        const auto result =
            minimize(g, x0, method, first_of(GradientNorm{1e-10}, MaxIterations{200}));
        CHECK(result.converged());
        CHECK(result.value == Approx(0.25).epsilon(1e-9));
    };
    ends(f, saddle_free_newton());
    ends(ByProducts{f}, saddle_free_newton());
    ends(ByProducts{f}, newton_cg());
}

TEST_CASE("gradient descent leaves a strict saddle as slowly as theory says") {
    Random random(5);
    for (const double least : {-1.0, -0.3, -0.05}) {
        VectorXd spectrum(5);
        spectrum << least, 0.5, 1, 1.5, 2;
        const Problem f = quadratic(with_spectrum(spectrum, random), VectorXd::Zero(5));
        const double step = 0.25;
        const double theory = std::log(1e8) / std::log(1 + step * std::abs(least));
        const auto took = leaves(f, gradient_descent(step), 1e-8 * normal(5, random).normalized(),
                                 std::int64_t(2 * theory));
        CHECK(double(took) >= 0.8 * theory);
        CHECK(double(took) <= 1.2 * theory);
    }
}

TEST_CASE("Newton by factorization loses no more digits than the condition number says") {
    Random random(7);
    for (const Index n : {10, 50})
        for (int digits = 2; digits <= 14; digits += 2) {
            CAPTURE(n, digits);
            const double kappa = std::pow(10.0, digits);
            VectorXd spectrum(n);
            for (Index i = 0; i < n; ++i) spectrum[i] = std::pow(kappa, -double(i) / double(n - 1));
            const MatrixXd a = with_spectrum(spectrum, random);
            const VectorXd target = normal(n, random);
            const Problem f = quadratic(a, a * target);
            const auto result = minimize(f, VectorXd::Zero(n).eval(), newton(),
                                         first_of(GradientNorm{1e-15}, MaxIterations{5}));
            const double epsilon = std::numeric_limits<double>::epsilon();
            CHECK((result.x - target).norm() <= 10 * kappa * epsilon * target.norm());
            CHECK(result.notes.regularized_hessians == 0);
            CHECK(result.notes.negative_eigenvalues.value() == 0);
            // the spectrum itself is known to ε ‖A‖ alone
            CHECK(result.notes.condition_number.value() <= 3 * kappa);
            CHECK(result.notes.condition_number.value() >= kappa / 3);
        }
}

TEST_CASE("Newton ends on quadratics in one step, and quadratically elsewhere") {
    Random random(9);
    const MatrixXd a = with_spectrum(VectorXd::LinSpaced(6, 1, 100), random);
    const Problem f = quadratic(a, normal(6, random));
    const VectorXd x0 = normal(6, random);
    for (const auto& result :
         {minimize(f, x0, newton(), GradientNorm{1e-11}),
          minimize(f, x0, textbook, GradientNorm{1e-11}),
          minimize(f, x0, saddle_free_newton(), GradientNorm{1e-11}),
          minimize(ByProducts{f}, x0, saddle_free_newton(6), GradientNorm{1e-11})}) {
        CHECK(result.converged());
        CHECK(result.iterations == 1);
    }

    // ‖x₊ − x*‖ <= M/2 ‖H⁻¹‖ ‖x − x*‖², with ‖H⁻¹‖ = 2.5 and M below 3000 around (1, 1)
    std::vector<double> errors;
    const auto watch = [&](const auto& p) {
        errors.push_back((p.point().array() - 1).matrix().norm());
    };
    const auto rate = [&](const auto& g, const auto& method) {
        errors.clear();
        const auto result =
            minimize(g, VectorXd(Eigen::Vector2d(1.05, 1.08)), method, GradientNorm{1e-9}, watch);
        CHECK(result.converged());
        CHECK(result.iterations <= 8);
        return errors;
    };
    for (const auto& run : {rate(rosenbrock(2), newton()), rate(rosenbrock(2), textbook),
                            rate(rosenbrock(2), saddle_free_newton())})
        for (std::size_t i = 0; i + 1 < run.size(); ++i)
            CHECK(run[i + 1] <= 4000 * run[i] * run[i] + 1e-15);
    // with a residual of ‖g‖^1.5 the order is 1.5
    const auto run = rate(ByProducts{rosenbrock(2)}, newton_cg());
    for (std::size_t i = 0; i + 1 < run.size(); ++i)
        CHECK(run[i + 1] <= 1e5 * std::pow(run[i], 1.5));
}

TEST_CASE("Lanczos in the whole space is the exact saddle-free step") {
    Random random(11);
    for (const double damping : {0.0, 0.1}) {
        const VectorXd spectrum = VectorXd::LinSpaced(9, -3.1, 4);
        const MatrixXd a = with_spectrum(spectrum, random);
        const Problem f = quadratic(a, normal(9, random));
        const VectorXd x0 = normal(9, random);
        const auto one = first_of(GradientNorm{0}, MaxIterations{1});
        const auto step = [&](const auto& g, Index krylov) {
            const SaddleFreeNewton direction{.krylov = krylov, .damping = damping};
            return minimize(g, x0, FullGradient{} | direction | Constant{.size = 1}, one).x;
        };
        VectorXd g(9);
        f.evaluate(x0, g);
        const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(a);
        const VectorXd by_hand =
            x0 - eigen.eigenvectors() * ((eigen.eigenvectors().transpose() * g).array() /
                                         (eigen.eigenvalues().array().abs() + damping))
                                            .matrix();
        CHECK((step(f, 0) - by_hand).norm() <= 1e-12 * by_hand.norm());
        CHECK((step(ByProducts{f}, 9) - by_hand).norm() <= 1e-12 * by_hand.norm());
        CHECK((step(f, 9) - by_hand).norm() <= 1e-12 * by_hand.norm());
        // more vectors than variables are not kept, an invariant subspace ends early
        CHECK((step(ByProducts{f}, 50) - by_hand).norm() <= 1e-12 * by_hand.norm());
        const Problem round = quadratic(2 * MatrixXd::Identity(9, 9), VectorXd::Ones(9));
        const VectorXd ends = x0 - (2 * x0 - VectorXd::Ones(9)) / (2 + damping);
        CHECK((step(ByProducts{round}, 9) - ends).norm() <= 1e-12);
    }
}

TEST_CASE("a sparse Hessian gives the run of the dense one") {
    const Problem f = rosenbrock(12);
    VectorXd x0 = VectorXd::Constant(12, 0.999);
    const auto dense = minimize(f, x0, newton(), GradientNorm{1e-10});
    const auto sparse = minimize(Sparsely{f}, x0, newton(), GradientNorm{1e-10});
    CHECK(dense.converged());
    CHECK(sparse.converged());
    CHECK(dense.notes.regularized_hessians == 0);
    CHECK(sparse.iterations == dense.iterations);
    CHECK((sparse.x - dense.x).norm() < 1e-12);
    CHECK(sparse.notes.negative_eigenvalues.value() == 0);
    CHECK(sparse.notes.condition_number.value() ==
          Approx(dense.notes.condition_number.value()).epsilon(1e-3));

    // indefinite at the start: regularized there, in another way than a dense one
    x0.setConstant(-0.1);
    x0[5] = 2;
    const auto modified = minimize(Sparsely{f}, x0, newton(), GradientNorm{1e-10});
    CHECK(modified.converged());
    CHECK(modified.notes.regularized_hessians > 0);
    CHECK((minimize(Sparsely{f}, x0, newton_cg(), GradientNorm{1e-8}).converged()));
    CHECK((minimize(Sparsely{f}, x0, saddle_free_newton(), GradientNorm{1e-8}).converged()));
    CHECK_THROWS_WITH(minimize(Sparsely{f}, x0, textbook), contains("Newton.indefinite"));
}

TEST_CASE("the factorization of an indefinite matrix is backward stable and counts its signs") {
    Random random(13);
    const double epsilon = std::numeric_limits<double>::epsilon();
    for (Index n = 1; n <= 30; ++n) {
        MatrixXd a(n, n);
        for (Index j = 0; j < n; ++j) a.col(j) = normal(n, random);
        a = (a + a.transpose()).eval();
        if (n > 1 && n % 3 == 0) a.diagonal().setZero();  // where pivots of the diagonal fail
        const VectorXd b = normal(n, random);
        const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(a);
        const Index negative = (eigen.eigenvalues().array() < 0).count();

        BunchKaufman<double> ldlt(n);
        ldlt.compute(a);
        VectorXd x = b;
        ldlt.solve_in_place(x);
        CHECK((a * x - b).norm() <= 50 * double(n) * epsilon * (a.norm() * x.norm()));
        CHECK(ldlt.negative_eigenvalues() == negative);

        TridiagonalForm<double> form(n);
        form.compute(a);
        AbsoluteInverse<double> inverse(n);
        REQUIRE(inverse.compute(form.diagonal(), form.off_diagonal()));
        VectorXd found = inverse.eigenvalues();
        std::sort(found.begin(), found.end());
        CHECK((found - eigen.eigenvalues()).norm() <= 50 * double(n) * epsilon * a.norm());
        CHECK(inverse.negative_eigenvalues() == negative);

        const double kappa = condition_number<VectorXd>(
            n, [&](VectorXd& v) { v = (a * v).eval(); },
            [&](VectorXd& v) { ldlt.solve_in_place(v); });
        CHECK(kappa <= inverse.condition_number() * (1 + 1e-6));
        CHECK(kappa >= inverse.condition_number() / 3);
    }
    // a singular matrix: no negative eigenvalue is invented, and the solution is finite
    VectorXd v = Eigen::Vector3d(1, 2, 2);
    BunchKaufman<double> ldlt(3);
    ldlt.compute(v * v.transpose());
    CHECK(ldlt.negative_eigenvalues() == 0);
    ldlt.compute(MatrixXd::Zero(3, 3));
    ldlt.solve_in_place(v);
    CHECK(v.norm() == 0);
}

TEST_CASE("second order with options and functions that make no sense") {
    const Problem f = quadratic(MatrixXd::Identity(2, 2), VectorXd::Ones(2));
    const VectorXd x0 = VectorXd::Zero(2);
    const auto run = [&](const auto& direction) {
        return minimize(f, x0, FullGradient{} | direction | Backtracking{});
    };
    CHECK_THROWS_WITH(run(Newton{.floor = 0}), contains("Newton.floor"));
    CHECK_THROWS_WITH(run(SaddleFreeNewton{.krylov = -1}), contains("krylov is -1"));
    CHECK_THROWS_WITH(run(SaddleFreeNewton{.damping = -1}), contains("damping is -1"));
    CHECK_THROWS_WITH(run(SaddleFreeNewton{.floor = NAN}), contains("SaddleFreeNewton.floor"));
    CHECK_THROWS_WITH(run(NewtonCg{.products = -3}), contains("products is -3"));
    CHECK_THROWS_WITH(run(NewtonCg{.floor = -1}), contains("NewtonCg.floor"));

    const Problem broken{
        f.evaluate, [](const VectorXd& x, MatrixXd& H) { H.setConstant(x.size(), x.size(), NAN); }};
    for (const auto& result :
         {minimize(broken, x0, newton()), minimize(broken, x0, textbook),
          minimize(broken, x0, saddle_free_newton()), minimize(broken, x0, saddle_free_newton(2)),
          minimize(ByProducts{broken}, x0, newton_cg())}) {
        CHECK(result.status == Status::non_finite);
        CHECK(result.x == x0);
        CHECK_FALSE(result.notes.negative_eigenvalues);
    }
    // a plane has no curvature: the gradient's direction is left
    const Problem plane{[](const VectorXd& x, VectorXd& g) {
                            g.setOnes(x.size());
                            return x.sum();
                        },
                        [](const VectorXd& x, MatrixXd& H) { H.setZero(x.size(), x.size()); }};
    const auto far = first_of(outside(5), MaxIterations{50});
    CHECK(minimize(plane, x0, saddle_free_newton(), far).status == Status::stopped);
    CHECK(minimize(plane, x0, saddle_free_newton(2), far).status == Status::stopped);
    CHECK(minimize(ByProducts{plane}, x0, newton_cg(), far).status == Status::stopped);
    CHECK(minimize(plane, x0, newton(), far).status == Status::stopped);
}
