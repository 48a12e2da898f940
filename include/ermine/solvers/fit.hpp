// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/split.hpp>
#include <ermine/data/standardization.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/tails/nesterov.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace ermine {

/// Options of `fit`.
struct FitOptions {
    double l1 = 0;              ///< λ₁ of λ₁ ‖w‖₁
    double l2 = 1e-4;           ///< λ₂ of ½ λ₂ ‖w‖²
    bool standardize = true;    ///< the penalties are those of standardized features
    double holdout = 0.2;       ///< share of the examples to stop early by; 0: none, run to the end
    int patience = 10;          ///< epochs to wait for a better validation risk
    double tolerance = 1e-6;    ///< of GradientNorm, for methods that see all examples
    double epochs = 0;          ///< most passes over the data; 0: 30 for minibatches, else 1000
    std::uint64_t seed = 7;     ///< of the split and the minibatches
    Index newton_up_to = 500;   ///< parameters; beyond, gradients are cheaper than Hessians
    Index full_up_to = 100000;  ///< examples; beyond, minibatches where Newton is out of question
};

/// What `fit` gives: a model for raw features, and how it came about.
template <class M, class V>
struct [[nodiscard]] Fitted {
    M model;
    V parameters;                     ///< for features as they are in the data
    Standardization standardization;  ///< that the fit went through; mean 0 and scale 1 if none
    Result<V> result;                 ///< its x is for standardized features
    /// Of the 0–1 loss for classes, otherwise of the loss, on what was held out. It has chosen the
    /// point, and so is a little too good: judge by a test set.
    std::optional<RiskEstimate> validation;

    /// The predictions for all examples of a dataset, whose targets don't matter: n numbers, or a
    /// row of K an example.
    template <class Rows>
    [[nodiscard]] auto predict(const Dataset<Rows>& data) const {
        const auto untold = data.with_targets(Eigen::VectorXd::Zero(data.examples()));
        if constexpr (ManyOutputModel<M>)
            return EmpiricalRisk{model, SoftmaxCrossEntropy{}, untold}.predictions(parameters);
        else
            return EmpiricalRisk{model, SquaredLoss{}, untold}.predictions(parameters);
    }
};

/// Fits a linear model to data in one call: splits, standardizes, takes the method that suits the
/// shape of the problem, stops early by the validation risk, and hands back the best weights.
///
/// Newton's method where the loss has a second derivative, λ₁ = 0 and there are few parameters;
/// otherwise accelerated (proximal) gradients with the step 1/L; minibatches, with a cosine from
/// the inverse of the most curved example's curvature, where examples are many or the loss is not
/// smooth. Observers are passed on to `minimize`.
/// Throws std::invalid_argument for options that make no sense or data that don't fit the loss.
template <Model M, SurrogateLoss L, class Rows, class... Observers>
auto fit(const M& model, const L& loss, const Dataset<Rows>& data, const FitOptions& options = {},
         Observers&&... watch) {
    using Scalar = typename Rows::Scalar;
    using Point = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    const auto refuse = [](const std::string& what, double value, const char* rule) {
        throw std::invalid_argument("FitOptions." + what + " is " + std::to_string(value) + ": " +
                                    rule);
    };
    if (!(options.holdout >= 0 && options.holdout < 1))
        refuse("holdout", options.holdout, "give a share in [0, 1)");
    if (!(options.epochs >= 0)) refuse("epochs", options.epochs, "it must not be negative");
    if (options.patience < 1) refuse("patience", options.patience, "it must be at least 1");

    Dataset<Rows> train = data;
    std::optional<Dataset<Rows>> held_out;
    if (options.holdout > 0) {
        auto parts = split(data, {.holdout = options.holdout, .seed = options.seed});
        train = parts.train;
        held_out = parts.held_out;
    }
    const Index d = data.features();
    Standardization standardization{Eigen::VectorXd::Zero(d), Eigen::VectorXd::Ones(d)};
    if (options.standardize) {
        standardization = Standardization::fit(train, model.intercept);
        train = standardization.apply(train);
        if (held_out) held_out = standardization.apply(*held_out);
    }

    const EmpiricalRisk risk{model, loss, train};
    const auto smooth = risk + L2{options.l2};
    const bool classes =
        is_calibrated<L> && (ManyOutputModel<M> || (data.targets().array().abs() == 1).all());
    const auto solve = [&](const auto& f, const auto& rule) {
        const auto run = [&](const auto& method, double epochs, double tolerance) {
            const double most = options.epochs > 0 ? options.epochs : epochs;
            return minimize(f, risk.zero(), method,
                            first_of(rule, GradientNorm{tolerance}, MaxEpochs{most}), watch...);
        };
        if constexpr (TwiceDifferentiableLoss<L> &&
                      !Composite<std::remove_cvref_t<decltype(f)>, Point>) {
            if (model.parameters() <= options.newton_up_to)
                return run(newton(), 1000, options.tolerance);
        }
        double curvature = 0;
        if constexpr (Smooth<L>) {
            if (train.examples() <= options.full_up_to)
                return run(FullGradient{} | Constant{} | Nesterov{}, 1000, options.tolerance);
            curvature = smooth.smoothness_per_example();
        } else {
            // of the longest example, as of a loss with slopes that change by 1
            if constexpr (ManyOutputModel<M>)
                curvature =
                    2 * EmpiricalRisk{model, SoftmaxCrossEntropy{}, train}.smoothness_per_example();
            else
                curvature = EmpiricalRisk{model, SquaredLoss{}, train}.smoothness_per_example();
        }
        const double epochs = options.epochs > 0 ? options.epochs : 30;
        const Minibatch batch{.size = std::min<Index>(32, train.examples()), .seed = options.seed};
        return run(batch | Cosine{.initial = curvature > 0 ? 1 / curvature : 1, .epochs = epochs},
                   epochs, 0);
    };
    const auto solve_any = [&](const auto& rule) {
        if (options.l1 == 0) return solve(smooth, rule);
        return solve(smooth + L1{options.l1}, rule);
    };
    const auto never = [](const auto&) { return false; };

    Fitted<M, Point> fitted{model, {}, standardization, {}, {}};
    const auto stop_by = [&](const auto& target) {
        fitted.result = solve_any(patience(target, {.epochs = options.patience}));
        fitted.validation = estimate_risk(target, fitted.result.x);
    };
    if (!held_out)
        fitted.result = solve_any(never);
    else if (classes)
        stop_by(EmpiricalRisk{model, ZeroOneLoss{}, *held_out});
    else
        stop_by(EmpiricalRisk{model, loss, *held_out});

    const Index outputs = model.outputs();
    using Rectangle = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    fitted.parameters = fitted.result.x;
    Eigen::Map<Rectangle> weights(fitted.parameters.data(), d, outputs);
    Eigen::MatrixXd w = weights.template cast<double>();
    Eigen::VectorXd b = Eigen::VectorXd::Zero(outputs);
    if (model.intercept) b = fitted.parameters.tail(outputs).template cast<double>();
    standardization.unstandardize(w, b);
    weights = w.template cast<Scalar>();
    if (model.intercept) fitted.parameters.tail(outputs) = b.template cast<Scalar>();
    return fitted;
}

}  // namespace ermine
