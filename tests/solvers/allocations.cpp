// SPDX-License-Identifier: MIT
// No method allocates after its first iteration.
#include "../laws/known_minima.hpp"
#include "counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <Eigen/SparseCore>
#include <cstdlib>
#include <memory>

#include <ermine/data/dataset.hpp>
#include <ermine/directions/annealed_noise.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/more_garbow_hillstrom.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/cma_es.hpp>
#include <ermine/solvers/coordinate_descent.hpp>
#include <ermine/solvers/levenberg_marquardt.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/nelder_mead.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/nesterov.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// Runs the method, and returns how much was allocated between the end of its first iteration and
/// that of its last.
long allocations(const auto& f, const auto& method, std::int64_t iterations) {
    long after_first = -1;
    long at_end = -1;
    const auto watch = [&](const auto& p) {
        at_end = small_allocations;
        if (p.iteration() == 1) after_first = at_end;
    };
    const auto result =
        minimize(f, f.zero(), method, first_of(GradientNorm{0}, MaxIterations{iterations}), watch);
    CHECK(result.iterations >= 3);
    REQUIRE(after_first >= 0);
    return at_end - after_first;
}

void allocate_nothing(const auto& risk) {
    const auto smooth = risk + L2{1e-2};
    CHECK(allocations(smooth, newton(), 4) == 0);
    CHECK(allocations(smooth, saddle_free_newton(), 4) == 0);
    CHECK(allocations(smooth, saddle_free_newton(3), 4) == 0);
    CHECK(allocations(smooth, newton_cg(), 4) == 0);
    CHECK(allocations(smooth, gradient_descent(), 10) == 0);
    CHECK(allocations(smooth, FullGradient{} | Backtracking{}, 10) == 0);
    CHECK(allocations(smooth, gradient_descent() | Nesterov{}, 10) == 0);
    const auto composite = risk + L1{1e-2};
    CHECK(allocations(composite, gradient_descent(), 10) == 0);
    CHECK(allocations(composite, gradient_descent() | Nesterov{}, 10) == 0);
    CHECK(allocations(composite, FullGradient{} | Backtracking{}, 10) == 0);
    CHECK(allocations(composite, fista(), 10) == 0);
    CHECK(allocations(composite, owl_qn(), 10) == 0);
    CHECK(allocations(composite, projected_gradient(), 10) == 0);
    const auto sgd = Minibatch{.size = 32} | ClipByNorm{1} | Momentum{} | Cosine{} | Average{};
    CHECK(allocations(smooth, sgd, 60) == 0);
    CHECK(allocations(composite, sgd, 60) == 0);
    const auto rules = Minibatch{.size = 32} | ClipByValue{1} | AnnealedNoise{} | AdaGrad{} |
                       RMSProp{.centred = true} | AdaDelta{} | Adam{} | AMSGrad{} | NAdam{} |
                       RAdam{} | Lion{} | Momentum{} | ClipByNorm{1} | WeightDecay{} | Cosine{};
    CHECK(allocations(smooth, rules, 60) == 0);
}

}  // namespace

TEST_CASE("the counter counts") {
    const auto counts = [](auto&& allocate) {
        const long before = small_allocations;
        allocate();
        return small_allocations - before;
    };
    void* volatile room = nullptr;  // so that nothing is optimized away
    CHECK(counts([&] {
              room = std::malloc(24);
              std::free(room);
          }) == 1);
    CHECK(counts([&] {
              room = std::calloc(3, 8);
              std::free(room);
          }) == 1);
    CHECK(counts([&] {
              room = std::realloc(nullptr, 24);
              std::free(room);
          }) == 1);
    CHECK(counts([&] {
              room = std::aligned_alloc(64, 128);
              std::free(room);
          }) == 1);
    CHECK(counts([&] {
              void* aligned = nullptr;
              if (posix_memalign(&aligned, 64, 100) == 0) room = aligned;
              std::free(room);
          }) == 1);
    CHECK(counts([&] {
              const auto owned = std::make_unique<double>(1);
              room = owned.get();
          }) == 1);
    CHECK(counts([&] {
              VectorXd v(100);
              room = v.data();
          }) == 1);
    const long large = large_allocations;
    CHECK(counts([&] {
              VectorXd v(20000);
              room = v.data();
          }) == 0);
    CHECK(large_allocations == large + 1);
    const auto problem = interpolated(40, 3);
    struct Wasteful : MeanSquares {
        VectorXd zero() const { return VectorXd::Zero(3); }
    };
    CHECK(allocations(Wasteful{problem.f}, gradient_descent(), 5) >= 4);
}

TEST_CASE("no method allocates after its first iteration") {
    for (const Index d : {2, 20, 200, 400}) {
        Random random(8);
        const Index n = 2 * d + 50;
        Eigen::MatrixXd x = normal_matrix(n, d, random);
        for (auto& entry : x.reshaped())
            if (random.uniform() < 0.7) entry = 0;
        const VectorXd y =
            (x * normal_vector<VectorXd>(d, random) + normal_vector<VectorXd>(n, random))
                .cwiseSign();
        const VectorXd labels =
            (y.array() < 0).select(VectorXd::Constant(n, -1), VectorXd::Ones(n));
        for (const bool intercept : {false, true}) {
            allocate_nothing(
                EmpiricalRisk{Linear{d, intercept}, LogisticLoss{}, Dataset{x, labels}});
            const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = x.sparseView();
            allocate_nothing(
                EmpiricalRisk{Linear{d, intercept}, LogisticLoss{}, Dataset{sparse, labels}});
        }
    }
}

TEST_CASE("nor does the method of Levenberg and Marquardt") {
    struct Fit : MoreGarbowHillstrom {
        using MoreGarbowHillstrom::MoreGarbowHillstrom;
        VectorXd zero() const { return start(); }
    };
    for (const int number : {18, 19, 27})
        CHECK(allocations(Fit(number), levenberg_marquardt(), 6) == 0);
}

namespace {

/// A function with all that searches, coordinate descent and runs from many points ask for.
template <class V>
struct Known : KnownQuadratic<V> {
    V zero() const { return V::Zero(this->linear().size()); }
    double value(const V& x) const {  // without a vector of its own
        double value = 0;
        for (Index i = 0; i < x.size(); ++i)
            value += x[i] * (this->matrix().col(i).dot(x) / 2 - this->linear()[i]);
        return value;
    }
};

}  // namespace

TEST_CASE("searches by values and coordinate descent allocate nothing after the first iteration") {
    const auto hold = [](const auto& f) {
        CHECK(allocations(f, NelderMead{}, 60) == 0);
        CHECK(allocations(f, CmaEs{}, 60) == 0);
        for (const auto order : {CoordinateDescent::cyclic, CoordinateDescent::random,
                                 CoordinateDescent::gauss_southwell})
            CHECK(allocations(f, CoordinateDescent{.order = order}, 10) == 0);
    };
    for (const Index n : {2, 10, 40}) hold(Known<VectorXd>{bowl<VectorXd>(n, 100).f});
    hold(Known<Eigen::Vector3d>{bowl<Eigen::Vector3d>(3, 100).f});
    const auto lasso = bowl<VectorXd>(10, 100).f + L1{0.1};
    struct Lasso : CompositeSum<KnownQuadratic<VectorXd>, L1> {
        VectorXd zero() const { return VectorXd::Zero(10); }
    };
    CHECK(allocations(Lasso{lasso}, CoordinateDescent{}, 10) == 0);
}
