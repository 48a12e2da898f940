// SPDX-License-Identifier: MIT
#pragma once

#include "any_loss.hpp"
#include "any_terms.hpp"
#include "problem.hpp"
#include "squared_error.hpp"

#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/example_smoothness.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

/// Fills the parts of a problem that depend on the types of model, loss and data.
template <class Rows, class M>
class ProblemMaker {
public:
    using Vector = Eigen::VectorXd;

    ProblemMaker(Parts<Rows> parts, M model, const TrainOptions& options)
        : parts_(std::move(parts)), model_(model), options_(options) {}

    template <class L>
    void objective(Problem& problem, const L& loss, const LossChoice& choice) const {
        const ermine::EmpiricalRisk risk{model_, loss, parts_.train};
        using Sum = ermine::Regularized<ermine::EmpiricalRisk<M, L, Rows>, ermine::L2>;
        const auto sum = std::make_shared<const Sum>(risk, ermine::L2{options_.l2});
        AnyRisk any = AnyRisk::of(sum);
        if constexpr (ermine::LinearSum<Sum>)
            any.terms = std::make_shared<const AnyTerms>(AnyTerms::of(sum->linear_terms(0)));
        problem.curvature_per_example = any.smoothness_per_example();
        problem.kinked = choice.kinked();
        if (choice.smooth()) {
            any.example_smoothness = [risk] { return Vector(ermine::example_smoothness(risk)); };
        } else {
            any.smoothness = nullptr;
            any.smoothness_per_example = nullptr;
        }
        if (choice.kinked()) any.hessian = nullptr;
        problem.targets = parts_.train.targets();
        problem.start = risk.zero();
        problem.examples = risk.examples();
        if (options_.l1 > 0) {
            const ermine::L1 l1{options_.l1};
            const ermine::Index size = model_.penalized();
            problem.objective = AnyCompositeRisk{
                std::move(any), [l1, size](const Vector& x) { return l1.value(x.head(size)); },
                [l1, size](Vector& x, double t) { l1.prox(x.head(size), t); }, l1.lambda};
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
    const LossChoice choice = LossChoice::of(loss);
    const ermine::Index features = parts.train.features();
    const bool intercept = !options.no_intercept;
    if (options.standardize) {
        problem.standardization = ermine::Standardization::fit(parts.train, intercept);
        for (auto* part : {&parts.validation, &parts.test})
            if (*part) *part = problem.standardization->apply(**part);
        parts.train = problem.standardization->apply(parts.train);
    }
    problem.linear = LinearFits::of(parts.train);
    problem.request = {.task = task,
                       .classes = classes,
                       .loss = loss,
                       .intercept = intercept,
                       .l1 = options.l1,
                       .l2 = options.l2,
                       .solver = options.solver,
                       .gap = options.gap.value_or(1e-6),
                       .epochs = options.epochs.value_or(10000),
                       .seed = options.seed,
                       .quiet = options.quiet};
    problem.measure = task == Task::regression ? "squared_error" : "zero_one";
    if (task == Task::multiclass) {
        const ermine::LinearMulticlass model{features, classes, intercept};
        const ProblemMaker maker(std::move(parts), model, options);
        maker.objective(problem, AnyManyLoss::of(choice), choice);
        maker.errors(problem, ermine::ZeroOneLoss{});
        maker.coefficients(problem);
        return problem;
    }
    AnyLoss any = AnyLoss::of(choice);
    // e^p, the curvature, is near y where the fit is good
    if (choice.is("poisson")) any.stand_in = std::max(1.0, parts.train.targets().maxCoeff());
    const ProblemMaker maker(std::move(parts), ermine::Linear{features, intercept}, options);
    maker.objective(problem, any, choice);
    if (task == Task::binary)
        maker.errors(problem, ermine::ZeroOneLoss{});
    else
        maker.errors(problem, SquaredError{.log_link = choice.is("poisson")});
    maker.coefficients(problem);
    return problem;
}
