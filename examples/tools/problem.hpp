// SPDX-License-Identifier: MIT
#pragma once

#include "any_risk.hpp"
#include "linear_fits.hpp"
#include "task.hpp"
#include "train_options.hpp"

#include <ermine/data/dataset.hpp>
#include <ermine/data/standardization.hpp>
#include <ermine/objectives/risk_estimate.hpp>

#include <functional>
#include <optional>
#include <string>
#include <variant>

/// What `train` has made of the data and the flags: an objective, and how to judge its minimizer.
struct Problem {
    using Vector = Eigen::VectorXd;
    using Error = std::function<ermine::RiskEstimate(const Vector&)>;

    std::variant<AnyRisk, AnyCompositeRisk> objective;
    Vector start;                      ///< all zero
    ermine::Index examples = 0;        ///< of the training part
    Vector targets;                    ///< of those: what stratified samplers go by
    double curvature_per_example = 0;  ///< the largest of a single example; if kinked, max ‖x‖²
    bool kinked = false;               ///< whether the loss is
    std::string measure;               ///< of the errors: zero_one or squared_error
    Error train_error;
    Error validation_error;                                    ///< empty without a holdout
    Error test_error;                                          ///< empty without a test file
    std::function<double(const Vector&)> validation_risk;      ///< empty without a holdout
    std::function<Eigen::MatrixXd(const Vector&)> weights;     ///< d × K
    std::function<Eigen::VectorXd(const Vector&)> intercepts;  ///< K
    std::optional<ermine::Standardization> standardization;
    LinearRequest request;  ///< of `linear`, as far as the data settle it
    LinearFits linear;      ///< the methods that know linear models
};

/// The data of a run, with the targets of the task. Rows: dense or sparse.
template <class Rows>
struct Parts {
    ermine::Dataset<Rows> train;
    std::optional<ermine::Dataset<Rows>> validation;
    std::optional<ermine::Dataset<Rows>> test;
};

/// Puts the problem together. `loss` is what LossChoice reads and serves the task; compiled once
/// for dense and once for sparse rows.
template <class Rows>
Problem make_problem(Parts<Rows> parts, Task task, ermine::Index classes, const std::string& loss,
                     const TrainOptions& options);

extern template Problem make_problem(Parts<ermine::DenseRows<double>>, Task, ermine::Index,
                                     const std::string&, const TrainOptions&);
extern template Problem make_problem(Parts<ermine::SparseRows<double>>, Task, ermine::Index,
                                     const std::string&, const TrainOptions&);
