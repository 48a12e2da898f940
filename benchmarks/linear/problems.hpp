// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <Eigen/Core>

#include "files.hpp"
#include "ill_conditioned.hpp"
#include "problem.hpp"
#include "rounded.hpp"
#include "text_like.hpp"
#include "wide.hpp"

namespace linear {

/// What λ is: so much over n, or so much of the least λ whose minimizer is 0.
enum class Scale { over_n, of_largest };

/// A race before its data is read.
struct Race {
    std::string_view name;
    std::string_view data;
    Loss loss;
    Penalty penalty;
    double amount;
    Scale scale;
    bool quick = false;
};

/// The 26 races of compare_linear.
inline constexpr std::array races{
    Race{"dense l2 1", "dense", Loss::logistic, Penalty::l2, 1, Scale::over_n, true},
    Race{"dense l2 1e-2", "dense", Loss::logistic, Penalty::l2, 1e-2, Scale::over_n},
    Race{"sparse l2 1", "sparse", Loss::logistic, Penalty::l2, 1, Scale::over_n, true},
    Race{"sparse l2 1e-2", "sparse", Loss::logistic, Penalty::l2, 1e-2, Scale::over_n},
    Race{"a9a l2 1", "a9a", Loss::logistic, Penalty::l2, 1, Scale::over_n, true},
    Race{"a9a l2 1e-2", "a9a", Loss::logistic, Penalty::l2, 1e-2, Scale::over_n},
    Race{"ijcnn1 l2 1", "ijcnn1", Loss::logistic, Penalty::l2, 1, Scale::over_n},
    Race{"reuters l2 1", "reuters", Loss::logistic, Penalty::l2, 1, Scale::over_n},
    Race{"spambase l2 1", "spambase", Loss::logistic, Penalty::l2, 1, Scale::over_n},
    Race{"magic04 l2 1e-2", "magic04", Loss::logistic, Penalty::l2, 1e-2, Scale::over_n},
    Race{"mnist l2 1", "mnist", Loss::logistic, Penalty::l2, 1, Scale::over_n},
    Race{"long l2 1", "long", Loss::logistic, Penalty::l2, 1, Scale::over_n},
    Race{"sparse l1", "sparse", Loss::logistic, Penalty::l1, 1e-2, Scale::of_largest, true},
    Race{"dense l1", "dense", Loss::logistic, Penalty::l1, 1e-2, Scale::of_largest},
    Race{"a9a l1", "a9a", Loss::logistic, Penalty::l1, 1e-2, Scale::of_largest},
    Race{"reuters l1", "reuters", Loss::logistic, Penalty::l1, 1e-2, Scale::of_largest},
    Race{"mnist l1", "mnist", Loss::logistic, Penalty::l1, 1e-2, Scale::of_largest},
    Race{"sparse squared hinge", "sparse", Loss::squared_hinge, Penalty::l2, 1, Scale::over_n},
    Race{"a9a squared hinge", "a9a", Loss::squared_hinge, Penalty::l2, 1, Scale::over_n},
    Race{"mnist squared hinge", "mnist sparse", Loss::squared_hinge, Penalty::l2, 1, Scale::over_n,
         true},
    Race{"sparse hinge", "sparse", Loss::hinge, Penalty::l2, 1, Scale::over_n},
    Race{"ijcnn1 hinge", "ijcnn1", Loss::hinge, Penalty::l2, 1, Scale::over_n},
    Race{"wide lasso", "wide", Loss::squared, Penalty::l1, 1e-2, Scale::of_largest, true},
    Race{"california lasso", "california", Loss::squared, Penalty::l1, 1e-2, Scale::of_largest},
    Race{"mnist multinomial", "mnist digits", Loss::multinomial, Penalty::l2, 1, Scale::over_n},
    Race{"optdigits multinomial", "optdigits", Loss::multinomial, Penalty::l2, 1, Scale::over_n},
};
static_assert(races.size() == 26);

/// Reads or generates one of the data sets: dense (100 000 × 200), long (1 000 000 × 50), sparse
/// (100 000 × 50 000), wide (500 × 20 000), a9a, ijcnn1, reuters, spambase, magic04, california,
/// optdigits, mnist (odd or even), mnist digits. MNIST comes dense; "mnist sparse" and "mnist
/// digits sparse" leave its zeros out. Throws for another name and for a file that cannot be read.
inline Data data_of(std::string_view name) {
    if (name == "dense") return standardized(ill_conditioned(100'000, 200, 20240101));
    if (name == "long") return standardized(ill_conditioned(1'000'000, 50, 20240103));
    if (name == "sparse") return text_like(100'000, 50'000, 50, 20240104);
    if (name == "wide") return standardized(wide(500, 20'000, 100, 20240104));
    if (name == "a9a") return libsvm("a9a.gz", 123);
    if (name == "ijcnn1") return libsvm("ijcnn1.trn.gz");
    if (name == "reuters") return libsvm("reuters.trn.gz");
    if (name == "spambase") return two_classes("spambase.csv");
    if (name == "magic04") return two_classes("magic04.csv.gz");
    if (name == "california") return california_housing();
    if (name == "optdigits") return many_classes("optdigits.tra.csv.gz");
    if (name == "mnist") return odd_or_even(mnist_digits());
    if (name == "mnist sparse") return without_zeros(odd_or_even(mnist_digits()));
    if (name == "mnist digits") return mnist_digits();
    if (name == "mnist digits sparse") return without_zeros(mnist_digits());
    throw std::invalid_argument("there is no data set " + std::string(name));
}

/// ‖∇f(0)‖∞ of the mean loss f of one output: the least λ of ℓ1 whose minimizer is 0.
inline double largest_lambda(const Data& data, Loss loss) {
    const auto of = [&](const auto& examples) {
        Eigen::VectorXd gradient = Eigen::VectorXd::Zero(examples.features());
        const auto& rows = examples.rows();
        for (Index i = 0; i < examples.examples(); ++i) {
            const double slope = (loss == Loss::logistic ? 0.5 : 1) * examples.targets()[i];
            if constexpr (requires { rows.columns; })
                for (std::size_t k = 0; k < rows.row_values(i).size(); ++k)
                    gradient[rows.row_columns(i)[k]] +=
                        slope * static_cast<double>(rows.row_values(i)[k]);
            else
                for (Index j = 0; j < rows.features; ++j)
                    gradient[j] += slope * static_cast<double>(rows.row(i)[j]);
        }
        return gradient.template lpNorm<Eigen::Infinity>() /
               static_cast<double>(examples.examples());
    };
    return std::visit(of, data);
}

/// The race on its data.
inline Problem problem_of(const Race& race, Data data) {
    Problem problem{std::string(race.name), race.loss, race.penalty, race.amount, std::move(data)};
    if (race.loss == Loss::multinomial)
        problem.classes = static_cast<Index>(problem.targets().maxCoeff()) + 1;
    problem.lambda *= race.scale == Scale::over_n ? 1 / static_cast<double>(problem.examples())
                                                  : largest_lambda(problem.data, race.loss);
    return problem;
}

/// The race of this name, with its data.
inline Problem problem_of(std::string_view name) {
    for (const Race& race : races)
        if (race.name == name) return problem_of(race, data_of(race.data));
    throw std::invalid_argument("there is no race " + std::string(name));
}

}  // namespace linear
