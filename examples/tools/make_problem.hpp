// SPDX-License-Identifier: MIT
#pragma once

#include "problem.hpp"

#include <ermine/losses/hinge.hpp>
#include <ermine/losses/huber.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/smoothed_hinge.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/example_smoothness.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

#include <memory>
#include <type_traits>
#include <utility>

/// (p − y)², by which the errors of a regression are reported.
struct SquaredError {
    double value(double p, double y) const { return (p - y) * (p - y); }
};

/// Fills the parts of a problem that depend on the types of model, loss and data.
template <class Rows, class M>
class ProblemMaker {
public:
    using Vector = Eigen::VectorXd;

    ProblemMaker(Parts<Rows> parts, M model, const TrainOptions& options)
        : parts_(std::move(parts)), model_(model), options_(options) {}

    template <class L>
    void objective(Problem& problem, const L& loss) const {
        const ermine::EmpiricalRisk risk{model_, loss, parts_.train};
        using Sum = ermine::Regularized<ermine::EmpiricalRisk<M, L, Rows>, ermine::L2>;
        AnyRisk any = AnyRisk::of(std::make_shared<const Sum>(risk, ermine::L2{options_.l2}));
        if constexpr (ermine::Smooth<L>) {
            problem.curvature_per_example = any.smoothness_per_example();
            any.example_smoothness = [risk] { return Vector(ermine::example_smoothness(risk)); };
        } else {
            problem.curvature_per_example =
                options_.l2 + ermine::EmpiricalRisk{model_, ermine::SquaredLoss{}, parts_.train}
                                  .smoothness_per_example();
        }
        problem.targets = parts_.train.targets();
        problem.start = risk.zero();
        problem.examples = risk.examples();
        if (options_.l1 > 0) {
            const ermine::L1 l1{options_.l1};
            const ermine::Index size = model_.penalized();
            problem.objective = AnyCompositeRisk{
                std::move(any), [l1, size](const Vector& x) { return l1.value(x.head(size)); },
                [l1, size](Vector& x, double t) { l1.prox(x.head(size), t); }};
        } else {
            problem.objective = std::move(any);
        }
    }

    /// The errors by a loss that need not be the one that is minimized.
    template <class L>
    void errors(Problem& problem, const L& loss) const {
        const auto error = [&](const ermine::Dataset<Rows>& data) -> Problem::Error {
            const ermine::EmpiricalRisk risk{model_, loss, data};
            return [risk](const Vector& x) {
                return ermine::estimate_risk(risk.losses(x), risk.data().weights());
            };
        };
        problem.train_error = error(parts_.train);
        if (parts_.validation) {
            problem.validation_error = error(*parts_.validation);
            const ermine::EmpiricalRisk risk{model_, loss, *parts_.validation};
            problem.validation_risk = [risk](const Vector& x) { return risk.value(x); };
        }
        if (parts_.test) problem.test_error = error(*parts_.test);
    }

    void coefficients(Problem& problem) const {
        const ermine::Index d = model_.features;
        const ermine::Index outputs = model_.outputs();
        const bool intercept = model_.intercept;
        problem.weights = [=](const Vector& x) -> Eigen::MatrixXd {
            return Eigen::Map<const Eigen::MatrixXd>(x.data(), outputs, d).transpose();
        };
        problem.intercepts = [=](const Vector& x) -> Vector {
            return intercept ? Vector(x.tail(outputs)) : Vector(Vector::Zero(outputs));
        };
    }

private:
    Parts<Rows> parts_;
    M model_;
    const TrainOptions& options_;
};

template <class Rows>
Problem make_problem(Parts<Rows> parts, Task task, ermine::Index classes, const std::string& loss,
                     const TrainOptions& options) {
    Problem problem;
    const ermine::Index features = parts.train.features();
    const bool intercept = !options.no_intercept;
    if (options.standardize) {
        problem.standardization = ermine::Standardization::fit(parts.train, intercept);
        for (auto* part : {&parts.validation, &parts.test})
            if (*part) *part = problem.standardization->apply(**part);
        parts.train = problem.standardization->apply(parts.train);
    }
    problem.measure = task == Task::regression ? "squared_error" : "zero_one";
    if (task == Task::multiclass) {
        const ermine::LinearMulticlass model{features, classes, intercept};
        const ProblemMaker maker(std::move(parts), model, options);
        maker.objective(problem, ermine::SoftmaxCrossEntropy{});
        maker.errors(problem, ermine::ZeroOneLoss{});
        maker.coefficients(problem);
        return problem;
    }
    const ProblemMaker maker(std::move(parts), ermine::Linear{features, intercept}, options);
    if (loss == "squared") maker.objective(problem, ermine::SquaredLoss{});
    if (loss == "huber") maker.objective(problem, ermine::HuberLoss{});
    if (loss == "logistic") maker.objective(problem, ermine::LogisticLoss{});
    if (loss == "hinge") maker.objective(problem, ermine::HingeLoss{});
    if (loss == "squared_hinge") maker.objective(problem, ermine::SquaredHingeLoss{});
    if (loss == "smoothed_hinge") maker.objective(problem, ermine::SmoothedHingeLoss{});
    if (task == Task::binary)
        maker.errors(problem, ermine::ZeroOneLoss{});
    else
        maker.errors(problem, SquaredError{});
    maker.coefficients(problem);
    return problem;
}
