// SPDX-License-Identifier: MIT
// Estimators and samplers on one thread and on two: the same bytes.
#include "ermine_catch.hpp"
#include "same_bytes.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/class_balanced.hpp>
#include <ermine/data/curriculum.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/spread_groups.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/directions/newton.hpp>
#include <ermine/estimators/accumulated.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/growing_minibatch.hpp>
#include <ermine/estimators/held.hpp>
#include <ermine/estimators/katyusha.hpp>
#include <ermine/estimators/loopless_svrg.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/norm_test_minibatch.hpp>
#include <ermine/estimators/sag.hpp>
#include <ermine/estimators/saga.hpp>
#include <ermine/estimators/sam.hpp>
#include <ermine/estimators/spsa.hpp>
#include <ermine/estimators/subsampled_hessian.hpp>
#include <ermine/estimators/svrg.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

using namespace ermine;
using Eigen::VectorXd;

TEST_CASE("estimators and samplers give the same bytes on one thread and on two") {
#ifdef _OPENMP
    const auto data = logistic_data({.examples = 6000, .features = 40, .seed = 3}).data;
    const auto f = EmpiricalRisk{Linear{40}, LogisticLoss{}, data} + L2{1e-2};
    const auto same = [&](const char* name, const auto& method) {
        INFO(name);
        const int before = omp_get_max_threads();
        const auto run = [&](int threads) {
            omp_set_num_threads(threads);
            auto state = method.start(f, f.zero());
            for (int k = 0; k < 5; ++k) method.advance(f, state);
            return method.point(state);
        };
        const VectorXd one = run(1);
        const VectorXd two = run(2);
        omp_set_num_threads(before);
        CHECK(one.allFinite());
        CHECK(one.norm() > 0);
        CHECK(same_bytes(one, two));
    };
    const auto step = Constant{0.05};
    const VectorXd scores = VectorXd::LinSpaced(6000, 1, 2);
    const VectorXd groups = VectorXd::LinSpaced(6000, 0, 5.99).array().floor().matrix();
    same("shuffled", Minibatch{.size = 3000} | step);
    same("shuffled once", minibatch(ShuffledOnce{}, {.size = 3000}) | step);
    same("sequential", minibatch(Sequential{}, {.size = 3000}) | step);
    same("with replacement", minibatch(WithReplacement{}, {.size = 3000}) | step);
    same("importance", minibatch(Importance(scores), {.size = 3000}) | step);
    same("curriculum", minibatch(Curriculum(scores), {.size = 3000}) | step);
    same("stratified", minibatch(Stratified(groups), {.size = 3000}) | step);
    same("balanced", minibatch(ClassBalanced(groups), {.size = 3000}) | step);
    same("spread", minibatch(SpreadGroups(groups), {.size = 3000}) | step);
    same("accumulated", Accumulated{.size = 2000, .batches = 3} | step);
    same("norm test", norm_test_minibatch(ShuffledEachEpoch{}, {.initial = 4000}) | step);
    same("growing", growing_minibatch(ShuffledEachEpoch{}, {.initial = 2000}) | step);
    same("held", held(Minibatch{.size = 3000}, {.steps = 2}) | step);
    same("full gradient", FullGradient{} | step);
    same("sharpness-aware", Minibatch{.size = 3000} | Sam{} | step);
    same("perturbation", Spsa{} | step);
    same("subsampled Newton",
         subsampled_hessian(FullGradient{}, {.size = 3000}) | Newton{} | Constant{1});
    same("sag", Sag{} | Constant{});
    same("saga", Saga{} | Constant{});
    same("svrg", Svrg{} | Constant{});
    same("loopless svrg", LooplessSvrg{} | Constant{});
    same("katyusha", Katyusha{} | Constant{});
#else
    WARN("left out: compiled without OpenMP");
#endif
}
