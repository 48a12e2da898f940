// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

namespace linear {

using ermine::Index;

enum class Loss { logistic, squared_hinge, hinge, squared, multinomial };
enum class Penalty { l2, l1 };

using Dense = ermine::Dataset<ermine::DenseRows<float>>;
using Sparse = ermine::Dataset<ermine::SparseRows<float>>;
using Data = std::variant<Dense, Sparse>;

/// One of the races, without intercept:
///
///     F(w) = (1/n) Σᵢ ℓ(wᵀxᵢ, yᵢ) + ½ λ ‖w‖²   or   + λ ‖w‖₁
///
/// Targets are −1 and +1; numbers for the squared loss; 0, …, classes − 1 for the multinomial one.
struct Problem {
    std::string name;
    Loss loss;
    Penalty penalty;
    double lambda;
    Data data;
    Index classes = 1;  ///< Numbers that are predicted for an example.

    [[nodiscard]] Index examples() const {
        return std::visit([](const auto& d) { return d.examples(); }, data);
    }
    [[nodiscard]] Index features() const {
        return std::visit([](const auto& d) { return d.features(); }, data);
    }
    [[nodiscard]] Index nonzeros() const {
        return std::visit([](const auto& d) { return d.rows().nonzeros(); }, data);
    }
    [[nodiscard]] Index parameters() const { return features() * classes; }
    [[nodiscard]] bool sparse() const { return std::holds_alternative<Sparse>(data); }
    [[nodiscard]] auto targets() const {
        return std::visit([](const auto& d) { return d.targets(); }, data);
    }
};

/// The mean loss on one kind of rows, plus the penalty, with parameters in double: what ermine is
/// given.
template <Loss loss, Penalty penalty, class Rows>
auto objective(const Problem& problem, const ermine::Dataset<Rows>& data) {
    using namespace ermine;
    const auto risk = [&] {
        if constexpr (loss == Loss::multinomial)
            return EmpiricalRisk{LinearMulticlass{data.features(), problem.classes, false},
                                 SoftmaxCrossEntropy{}, data}
                .in_double();
        else {
            const Linear model{data.features(), false};
            if constexpr (loss == Loss::logistic)
                return EmpiricalRisk{model, LogisticLoss{}, data}.in_double();
            else if constexpr (loss == Loss::squared_hinge)
                return EmpiricalRisk{model, SquaredHingeLoss{}, data}.in_double();
            else if constexpr (loss == Loss::hinge)
                return EmpiricalRisk{model, HingeLoss{}, data}.in_double();
            else
                return EmpiricalRisk{model, SquaredLoss{}, data}.in_double();
        }
    }();
    if constexpr (penalty == Penalty::l1)
        return risk + L1{problem.lambda};
    else
        return risk + L2{problem.lambda};
}

}  // namespace linear
