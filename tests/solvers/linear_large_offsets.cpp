// SPDX-License-Identifier: MIT
// Linear models on data whose positions do not fit 32 bits.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <sys/mman.h>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/duality_gap.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

TEST_CASE("more than 2^31 entries: offsets are of 64 bits") {
    // Of 24 GB that are mapped, the pages that hold the few rows are touched alone.
    constexpr std::size_t numbers = std::size_t{6} << 30;
    void* const memory = mmap(nullptr, numbers * sizeof(float), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        WARN("no 24 GB of addresses to be had");
        return;
    }
    auto* const floats = static_cast<float*>(memory);
    const Index rows = 12;
    const Index columns = 3;
    Random random(1);
    DenseRows<float>::Matrix x(rows, columns);
    VectorXd y(rows);
    for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) x(i, j) = static_cast<float>(random.normal());
        y(i) = x(i, 0) - x(i, 1) + random.normal() > 0 ? 1 : -1;
    }
    const auto solve = [](const auto& data) {
        const auto risk = EmpiricalRisk(Linear{columns}, LogisticLoss{}, data).in_double();
        const auto f = risk + L2{0.1};
        const auto best = minimize(f, f.zero(), LinearNewtonCG{}, RelativeGap{1e-10});
        CHECK(best.status == Status::converged);
        CHECK(duality_gap(f, best.x).relative() < 1e-8);
        return best.x;
    };
    const VectorXd wanted = solve(Dataset(x, y));

    // dense: 12 rows, 2^28 numbers apart, so that rows from the eighth on start beyond 2^31
    constexpr Index stride = Index{1} << 28;
    for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < columns; ++j) floats[i * stride + j] = x(i, j);
    const DenseRows<float> apart{floats, rows, columns, stride};
    CHECK((solve(Dataset<DenseRows<float>>::view(apart, y.data())) - wanted).norm() < 1e-12);

    // sparse: rows of 3 entries that begin beyond 2^31
    constexpr std::int64_t beyond = (std::int64_t{1} << 31) + 7;
    auto* const indices = reinterpret_cast<std::int32_t*>(floats + (std::size_t{3} << 30));
    std::vector<std::int64_t> offsets(static_cast<std::size_t>(rows) + 1, beyond);
    for (Index i = 0; i < rows; ++i) {
        offsets[static_cast<std::size_t>(i) + 1] = beyond + 3 * (i + 1);
        for (Index j = 0; j < columns; ++j) {
            floats[beyond + 3 * i + j] = x(i, j);
            indices[beyond + 3 * i + j] = static_cast<std::int32_t>(j);
        }
    }
    const SparseRows<float> far{floats, indices, offsets.data(), rows, columns};
    CHECK((solve(Dataset<SparseRows<float>>::view(far, y.data())) - wanted).norm() < 1e-12);
    munmap(memory, numbers * sizeof(float));
}
