// SPDX-License-Identifier: MIT
// Methods that checkpoint.cpp leaves out, floats and vectors of fixed size: saved and resumed, they
// end with the bytes of a run that was not stopped.
#include "ermine_catch.hpp"
#include "goes_on.hpp"

#include <ermine/data/logistic_data.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/lion.hpp>
#include <ermine/directions/nadam.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/sag.hpp>
#include <ermine/estimators/spsa.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/sum_of_squares.hpp>
#include <ermine/solvers/coordinate_descent.hpp>
#include <ermine/solvers/cubic_regularization.hpp>
#include <ermine/solvers/cubic_regularization_krylov.hpp>
#include <ermine/solvers/levenberg_marquardt.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/trust_region_cg.hpp>
#include <ermine/solvers/trust_region_dogleg.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/one_cycle.hpp>
#include <ermine/tails/schedule_free.hpp>

using namespace ermine;
using Eigen::VectorXd;

TEST_CASE("methods for smooth functions go on with the same bytes") {
    const Rosenbrock f;
    const VectorXd x0 = (VectorXd(4) << -1.2, 1, -0.5, 2).finished();
    goes_on("bfgs", f, x0, bfgs(), 12, 25);
    goes_on("conjugate gradient", f, x0, conjugate_gradient(), 12, 25);
    goes_on("saddle-free Newton", f, x0, saddle_free_newton(), 5, 12);
    goes_on("dogleg", f, x0, trust_region_dogleg(), 5, 12);
    goes_on("region, cg", f, x0, trust_region_cg(), 5, 12);
    goes_on("cubic", f, x0, CubicRegularization{}, 5, 12);
    goes_on("cubic, krylov", f, x0, CubicRegularizationKrylov{}, 5, 12);
    goes_on("projected", f + Box{.lower = -2, .upper = 0.8}, x0, projected_gradient(), 5, 9);
    goes_on("spsa", f, x0, Spsa{} | Constant{1e-4}, 50, 120);
    const auto valley = sum_of_squares([](const auto& p) {
        using T = typename std::remove_cvref_t<decltype(p)>::Scalar;
        return Eigen::Matrix<T, 2, 1>(10 * (p[1] - p[0] * p[0]), 1 - p[0]);
    });
    goes_on("levenberg-marquardt", valley, Eigen::Vector2d(-1.2, 1), levenberg_marquardt(), 4, 9);
}

TEST_CASE("methods for quadratics and risks go on with the same bytes") {
    const Eigen::MatrixXd a = (Eigen::MatrixXd(3, 3) << 4, 1, 0, 1, 3, 1, 0, 1, 2).finished();
    const Quadratic bowl{a, VectorXd::Ones(3).eval()};
    goes_on("coordinates", bowl, VectorXd::Zero(3).eval(),
            CoordinateDescent{.order = CoordinateDescent::random}, 4, 9);
    const auto data = logistic_data({.examples = 300, .features = 8, .seed = 5}).data;
    const auto f = EmpiricalRisk{Linear{8}, LogisticLoss{}, data} + L2{1e-2};
    goes_on("sag", f, f.zero(), Sag{} | Constant{}, 3, 9);
    goes_on("schedule-free", f, f.zero(), Minibatch{.size = 16} | Constant{0.1} | ScheduleFree{},
            13, 40);
    goes_on("one-cycle", f, f.zero(),
            Minibatch{.size = 16} | NAdam{} | OneCycle{.peak = 0.1, .epochs = 3}, 13, 40);
    const Eigen::MatrixXf x = data.rows().matrix().cast<float>();
    const auto g = EmpiricalRisk{Linear{8}, LogisticLoss{}, Dataset{x, data.targets()}} + L2{1e-2};
    goes_on("floats", g, g.zero(), Minibatch{.size = 16} | ClipByNorm{1} | Lion{} | Constant{0.01},
            13, 40);
    goes_on("fixed size", f, Eigen::Vector<double, 9>::Zero().eval(),
            Minibatch{.size = 16} | Adam{} | Constant{0.01}, 13, 40);
}
