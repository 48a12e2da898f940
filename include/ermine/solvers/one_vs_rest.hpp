// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/result.hpp>

namespace ermine {

/// K two-class fits side by side: the parameters of the LinearMulticlass whose largest prediction
/// is the class, and what is known of each fit.
struct [[nodiscard]] OneVersusRest {
    LinearMulticlass model;
    Eigen::VectorXd parameters;
    std::vector<Result<Eigen::VectorXd>> results;  ///< class by class

    /// Whether all fits reached the accuracy asked for.
    [[nodiscard]] bool converged() const {
        for (const auto& result : results)
            if (!result.converged()) return false;
        return true;
    }
};

/// Fits each class against all others (Rifkin & Klautau, "In defense of one-vs-all
/// classification", JMLR 5, 2004): for class k the targets are +1 for k and −1 for the rest, and
/// `solve(f, x0)` minimizes f = risk + penalty, in double parameters, from 0.
///
///     const auto fit = fit_one_vs_rest(LinearMulticlass{d, K}, LogisticLoss{}, data, L2{lambda},
///         [](const auto& f, const auto& x0) { return minimize(f, x0, LinearNewtonCG{}); });
///
/// The rows are shared, targets alone are made for each class. Classes run in parallel, each on
/// one thread: the same bits on any number of threads. `solve` is called from several threads at a
/// time. Throws std::invalid_argument for targets that are no class numbers below K.
template <SurrogateLoss L, class Rows, class Penalty, class Solve>
OneVersusRest fit_one_vs_rest(const LinearMulticlass& model, const L& loss,
                              const Dataset<Rows>& data, const Penalty& penalty,
                              const Solve& solve) {
    model.check();
    const Index classes = model.classes;
    const auto y = data.targets();
    for (Index i = 0; i < y.size(); ++i)
        if (!(y[i] >= 0 && y[i] < static_cast<double>(classes) && y[i] == std::floor(y[i])))
            throw std::invalid_argument("fit_one_vs_rest: target " + std::to_string(i) + " is " +
                                        std::to_string(y[i]) + ": give a class number below " +
                                        std::to_string(classes));
    OneVersusRest fit{model, Eigen::VectorXd::Zero(model.parameters()), {}};
    fit.results.resize(static_cast<std::size_t>(classes));
    for_each_chunk(classes, [&](Index k) {
        const Eigen::VectorXd targets =
            (y.array() == static_cast<double>(k)).select(Eigen::ArrayXd::Ones(y.size()), -1.0);
        Dataset<Rows> one = data.with_targets(targets);
        const auto risk =
            EmpiricalRisk{Linear{model.features, model.intercept}, loss, one}.in_double();
        auto& result = fit.results[static_cast<std::size_t>(k)];
        result = solve(risk + penalty, risk.zero());
        for (Index j = 0; j < result.x.size(); ++j) fit.parameters[j * classes + k] = result.x[j];
    });
    return fit;
}

}  // namespace ermine
