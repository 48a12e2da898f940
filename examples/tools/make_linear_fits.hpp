// SPDX-License-Identifier: MIT
#pragma once

#include "interrupt.hpp"
#include "linear_fits.hpp"
#include "solve.hpp"
#include "squared_error.hpp"

#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/observers/progress_bar.hpp>
#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <concepts>
#include <stdexcept>
#include <type_traits>
#include <utility>

/// Calls act(model, loss) with the types that the request names; it fits.
template <class Act>
auto with_loss(ermine::Index features, const LinearRequest& request, const Act& act) {
    using namespace ermine;
    const LossChoice choice = LossChoice::of(request.loss);
    if (choice.is("softmax"))
        return act(LinearMulticlass{features, request.classes, request.intercept},
                   SoftmaxCrossEntropy{});
    const Linear model{features, request.intercept};
    if (choice.is("hinge")) return act(model, HingeLoss{});
    if (choice.is("squared_hinge")) return act(model, SquaredHingeLoss{});
    if (choice.is("squared")) return act(model, SquaredLoss{});
    return act(model, LogisticLoss{});
}

/// Whether there is a method for a penalty l1 of the loss.
template <class L>
constexpr bool takes_l1 =
    !std::same_as<L, ermine::HingeLoss> && !std::same_as<L, ermine::SoftmaxCrossEntropy>;

/// Calls act(penalty) with `by` times the mixture of the request. L: of the loss.
template <class L, class Act>
auto with_penalty(const LinearRequest& request, double by, const Act& act) {
    if constexpr (takes_l1<L>)
        if (request.l1 > 0) return act(ermine::ElasticNet{by * request.l1, by * request.l2});
    return act(ermine::L2{by * request.l2});
}

template <class Rows>
LinearFit fit_linear(const ermine::Dataset<Rows>& data, const LinearRequest& request,
                     Watchers& watch) {
    using namespace ermine;
    return with_loss(data.features(), request, [&]<class L>(const auto& model, const L& loss) {
        const EmpiricalRisk risk{model, loss, data};
        return with_penalty<L>(request, 1, [&](const auto& penalty) -> LinearFit {
            const auto f = risk + penalty;
            const Interrupt interrupt;
            ProgressBar bar{.epochs = request.epochs, .quiet = request.quiet};
            const auto write = [&](const auto& progress) { watch.see(progress); };
            const auto run = [&](const auto& method) {
                return minimize(f, risk.zero(), method,
                                first_of([](const auto&) { return Interrupt::asked(); },
                                         RelativeGap{request.gap}, MaxEpochs{request.epochs}),
                                bar, write);
            };
            if constexpr (SupportVectorObjective<std::remove_const_t<decltype(f)>>)
                if (request.solver == "dual")
                    return {
                        run(DualCoordinateAscent{.accuracy = request.gap, .seed = request.seed}),
                        "DualCoordinateAscent", "as --solver says"};
            // each of the others is the one method that Auto has for its penalty
            const MethodChoice choice = Auto::choose(f);
            return {run(Auto{.accuracy = request.gap}), choice.method, choice.reason};
        });
    });
}

template <class Rows>
std::vector<ermine::PathPoint> path_of(const ermine::Dataset<Rows>& data,
                                       const LinearRequest& request, int count) {
    using namespace ermine;
    const LinearRequest share = request.normalized();
    return with_loss(data.features(), share, [&]<class L>(const auto& model, const L& loss) {
        const EmpiricalRisk risk{model, loss, data};
        return with_penalty<L>(share, 1, [&](const auto& penalty) {
            const double ratio = share.l1 > 0 ? 1e-3 : 1e-7;  // weights shrink by l2 more slowly
            return regularization_path(risk, penalty,
                                       {.count = count, .ratio = ratio, .gap = request.gap});
        });
    });
}

template <class Rows>
ermine::CrossValidated cross_validate_linear(const ermine::Dataset<Rows>& data,
                                             const LinearRequest& request,
                                             std::vector<double> lambdas,
                                             const ermine::FoldOptions& folds) {
    using namespace ermine;
    const LinearRequest share = request.normalized();
    const auto solve = [&](const auto& f, const auto& x0) {
        return minimize(f, x0, Auto{.accuracy = request.gap},
                        first_of(RelativeGap{request.gap}, MaxIterations{1000}));
    };
    return with_loss(data.features(), share, [&]<class M, class L>(const M& model, const L& loss) {
        const auto judged_by = [&](const auto& judge) {
            return with_penalty<L>(share, 1, [&](const auto& mixture) {
                return cross_validate(model, loss, data, std::move(lambdas), judge, solve, folds,
                                      [&](double lambda) { return scaled(mixture, lambda); });
            });
        };
        if constexpr (std::same_as<L, SquaredLoss>)
            if (request.task == Task::regression) return judged_by(SquaredError{});
        return judged_by(ZeroOneLoss{});
    });
}
