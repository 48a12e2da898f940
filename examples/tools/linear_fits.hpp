// SPDX-License-Identifier: MIT
#pragma once

#include "loss_choice.hpp"
#include "task.hpp"

#include <ermine/data/dataset.hpp>
#include <ermine/data/folds.hpp>
#include <ermine/solvers/cross_validate.hpp>
#include <ermine/solvers/regularization_path.hpp>
#include <ermine/solvers/result.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// What the solvers that know linear models are asked for.
struct LinearRequest {
    Task task = Task::binary;
    ermine::Index classes = 0;  ///< of a multiclass task
    std::string loss;
    bool intercept = true;
    double l1 = 0;
    double l2 = 0;
    std::string solver = "auto";
    double gap = 1e-6;
    double epochs = 10000;
    std::uint64_t seed = 7;
    bool quiet = false;

    /// Whether there is a method for loss and penalty. They are compiled loss by loss: for those
    /// that such models are fitted by most.
    bool fits() const {
        const LossChoice choice = LossChoice::of(loss);
        if (choice.is("softmax")) return l1 == 0;
        if (choice.is("hinge")) return l1 == 0 && l2 > 0;
        return choice.is("logistic") || choice.is("squared_hinge") || choice.is("squared");
    }

    /// With the share of l1 and l2 in their sum; l2 where both are 0.
    LinearRequest normalized() const {
        LinearRequest share = *this;
        const double sum = l1 + l2;
        share.l1 = sum > 0 ? l1 / sum : 0;
        share.l2 = sum > 0 ? l2 / sum : 1;
        return share;
    }

    /// Why the solver that was asked for is not for loss and penalty, as a sentence; empty if it
    /// is.
    std::string obstacle() const {
        const LossChoice choice = LossChoice::of(loss);
        const std::string with = "--solver " + solver + " with --loss " + loss;
        if (solver == "newton-cg") {
            if (l1 > 0) return with + " and --l1: it needs a smooth penalty; use working-set";
            if (choice.is("hinge") || !fits())
                return with + ": it is for logistic, squared_hinge, squared and softmax";
        }
        if (solver == "dual") {
            if (!choice.is("hinge") && !choice.is("squared_hinge"))
                return with + ": it is for hinge and squared_hinge; use newton-cg";
            if (l1 > 0) return with + " and --l1: its dual is that of --l2; use working-set";
            if (l2 == 0) return with + ": without --l2 there is no such dual; give --l2";
            if (intercept)
                return with +
                       ": an intercept would couple the coordinates; use auto, or "
                       "--no-intercept";
        }
        if (solver == "working-set") {
            if (l1 == 0) return with + " without --l1: no weight becomes 0 then; use newton-cg";
            if (!fits()) return with + ": it is for logistic, squared_hinge and squared";
        }
        return {};
    }
};

struct Watchers;

/// A fit, and what Auto said of its choice.
struct LinearFit {
    ermine::Result<Eigen::VectorXd> result;
    std::string method;
    std::string reason;
};

/// Minimizes mean loss + ½ l2 ‖w‖² + l1 ‖w‖₁ until the duality gap is `gap` of the minimum, or
/// after so many epochs, or on Ctrl-C.
template <class Rows>
LinearFit fit_linear(const ermine::Dataset<Rows>& data, const LinearRequest& request,
                     Watchers& watch);

/// The solutions for `count` strengths λ of the penalty (l1 : l2 say its mixture; ℓ2 if both are
/// 0).
template <class Rows>
std::vector<ermine::PathPoint> path_of(const ermine::Dataset<Rows>& data,
                                       const LinearRequest& request, int count);

/// Cross-validation of the same strengths by the errors of the task, on all cores.
template <class Rows>
ermine::CrossValidated cross_validate_linear(const ermine::Dataset<Rows>& data,
                                             const LinearRequest& request,
                                             std::vector<double> lambdas,
                                             const ermine::FoldOptions& folds);

/// These for data that are settled.
struct LinearFits {
    std::function<LinearFit(const LinearRequest&, Watchers&)> fit;
    std::function<std::vector<ermine::PathPoint>(const LinearRequest&, int)> path;
    std::function<ermine::CrossValidated(const LinearRequest&, std::vector<double>,
                                         const ermine::FoldOptions&)>
        cross_validate;

    template <class Rows>
    static LinearFits of(const ermine::Dataset<Rows>& data) {
        return {[data](const LinearRequest& request, Watchers& watch) {
                    return fit_linear(data, request, watch);
                },
                [data](const LinearRequest& request, int count) {
                    return path_of(data, request, count);
                },
                [data](const LinearRequest& request, std::vector<double> lambdas,
                       const ermine::FoldOptions& folds) {
                    return cross_validate_linear(data, request, std::move(lambdas), folds);
                }};
    }
};
