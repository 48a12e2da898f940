// SPDX-License-Identifier: MIT
#include <Eigen/Core>
#include <ermine/data/sparse_rows.hpp>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/sparse_row_products.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "ermine_catch.hpp"

using namespace ermine;

namespace {

/// Rows of 0, 1, …, 20 entries, each third column from one of the row's own.
template <class T>
struct Rows {
    static constexpr Index features = 70;
    std::vector<T> values;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> offsets = {0};

    Rows() {
        for (int count = 0; count <= 20; ++count) {
            for (int e = 0; e < count; ++e) {
                values.push_back(static_cast<T>(std::sin(1.7 * e + count)));
                columns.push_back(count % 9 + 3 * e);
            }
            offsets.push_back(static_cast<std::int64_t>(values.size()));
        }
    }

    [[nodiscard]] SparseRows<T> view() const {
        return {values.data(), columns.data(), offsets.data(),
                static_cast<Index>(offsets.size()) - 1, features};
    }
};

}  // namespace

TEMPLATE_TEST_CASE("products with sparse rows are those of plain loops", "", float, double) {
    const Rows<TestType> data;
    const SparseRows<TestType> rows = data.view();
    Eigen::VectorXd w(Rows<TestType>::features);
    for (Index j = 0; j < w.size(); ++j) w[j] = std::cos(0.3 * static_cast<double>(j));
    const Eigen::VectorXf single = w.cast<float>();

    Eigen::VectorXd g = w;
    Eigen::VectorXd expected = w;
    for (Index i = 0; i < rows.examples; ++i) {
        CAPTURE(i);
        double sum = 0;
        double sum_of_single = 0;
        for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e) {
            const auto x = static_cast<double>(rows.values[e]);
            sum += x * w[rows.columns[e]];
            sum_of_single += x * static_cast<double>(single[rows.columns[e]]);
            expected[rows.columns[e]] += 0.1 * static_cast<double>(i) * x;
        }
        const TestType* const values = rows.values + rows.offsets[i];
        const std::int32_t* const columns = rows.columns + rows.offsets[i];
        const Index count = rows.nonzeros(i);
        CHECK(std::abs(SparseRowProducts::dot(values, columns, count, w.data()) - sum) < 1e-14);
        CHECK(std::abs(SparseRowProducts::dot(values, columns, count, single.data()) -
                       sum_of_single) < 1e-14);
        SparseRowProducts::add_scaled(values, columns, count, 0.1 * static_cast<double>(i),
                                      g.data());
    }
    CHECK((g - expected).cwiseAbs().maxCoeff() < 1e-14);
    // column 69 is in no row
    CHECK(g[69] == w[69]);
}
