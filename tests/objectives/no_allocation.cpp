// SPDX-License-Identifier: MIT
// After its first call of a kind, a risk takes nothing from the heap: counted in malloc itself,
// which Eigen calls without operator new.

#include "ermine_catch.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

namespace {
std::atomic<long> allocations{0};
}

#if defined(__GLIBC__)
extern "C" {
void* __libc_malloc(std::size_t);
void* malloc(std::size_t size) {
    // Eigen packs the operands of large products into transient buffers of this size or more.
    if (size < (std::size_t{128} << 10)) ++allocations;
    return __libc_malloc(size);
}
}
#endif

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

template <class F>
void check_quiet(const F& f, const VectorXd& theta) {
    std::vector<std::int32_t> rows{1, 5, 9, 4, 2, 33, 8};
    VectorXd g;
    VectorXd product;
    MatrixXd h;
    const auto work = [&] {
        f.value(theta);
        f.value_and_gradient(theta, g);
        f.value_and_gradient(theta, Batch{rows}, g);
        f.hessian(theta, h);
        f.hessian_product(theta, theta, product);
    };
    work();
    const long before = allocations;
#if defined(__GLIBC__)
    REQUIRE(before > 0);  // the count works
#endif
    work();
    work();
    CHECK(allocations == before);
}

}  // namespace

TEST_CASE("A risk allocates nothing after its first call") {
    for (const Index d : {2, 20, 200, 400}) {
        INFO("d = " << d);
        const MatrixXd x = MatrixXd::Random(2000, d);
        const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = x.sparseView(1, 0.9);
        const VectorXd y = x.col(0).array().sign();
        const VectorXd theta = VectorXd::Constant(d + 1, 0.1);
        check_quiet(EmpiricalRisk{Linear{d}, LogisticLoss{}, Dataset{x, y}} + L2{0.1}, theta);
        check_quiet(EmpiricalRisk{Linear{d}, LogisticLoss{}, Dataset{sparse, y}}, theta);
        if (d < 200) {
            const VectorXd classes = (y.array() + 1) / 2;
            const VectorXd wide = VectorXd::Constant(3 * (d + 1), 0.1);
            check_quiet(
                EmpiricalRisk{LinearMulticlass{d, 3}, SoftmaxCrossEntropy{}, Dataset{x, classes}},
                wide);
        }
    }
}
