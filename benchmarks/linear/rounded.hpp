// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>
#include <ermine/data/standardization.hpp>

#include "problem.hpp"

namespace linear {

/// The same rows rounded to float.
inline Dense rounded(const ermine::Dataset<ermine::DenseRows<double>>& data) {
    return {data.rows().matrix().cast<float>(), data.targets()};
}

/// With columns of mean 0 and variance 1, rounded to float once they are.
inline Dense standardized(const ermine::Dataset<ermine::DenseRows<double>>& data) {
    return rounded(ermine::Standardization::fit(data).apply(data));
}

/// The same numbers without the zeros.
inline Sparse without_zeros(const Dense& data) {
    struct Memory {
        std::vector<float> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets{0};
        Eigen::VectorXd targets;
    };
    auto memory = std::make_shared<Memory>();
    memory->targets = data.targets();
    for (Index i = 0; i < data.examples(); ++i) {
        const float* const row = data.rows().row(i);
        for (Index j = 0; j < data.features(); ++j) {
            if (row[j] == 0) continue;
            memory->values.push_back(row[j]);
            memory->columns.push_back(static_cast<std::int32_t>(j));
        }
        memory->offsets.push_back(static_cast<std::int64_t>(memory->values.size()));
    }
    const ermine::SparseRows<float> rows{memory->values.data(), memory->columns.data(),
                                         memory->offsets.data(), data.examples(), data.features()};
    const double* const targets = memory->targets.data();
    return Sparse::view(rows, targets, nullptr, std::move(memory));
}

/// The same numbers with the zeros.
inline Dense with_zeros(const Sparse& data) {
    ermine::DenseRows<float>::Matrix x =
        ermine::DenseRows<float>::Matrix::Zero(data.examples(), data.features());
    for (Index i = 0; i < data.examples(); ++i)
        for (std::size_t k = 0; k < data.rows().row_values(i).size(); ++k)
            x(i, data.rows().row_columns(i)[k]) = data.rows().row_values(i)[k];
    return {x, data.targets()};
}

}  // namespace linear
