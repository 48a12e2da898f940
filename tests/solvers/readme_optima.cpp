// SPDX-License-Identifier: MIT
#include <ermine/data/read_idx.hpp>
#include <ermine/data/read_libsvm.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/auto.hpp>
#include <ermine/solvers/minimize.hpp>

#include <cmath>
#include <cstdlib>
#include <string>

#include <ermine_catch.hpp>

using namespace ermine;

namespace {

/// Auto's minimum of logistic regression with λ = 1/n, no intercept, columns as they are.
template <class Data>
void check_optimum(const Data& data, double listed) {
    const auto f = EmpiricalRisk{Linear{data.features(), false}, LogisticLoss{}, data} +
                   L2{1 / static_cast<double>(data.examples())};
    const auto result = minimize(f, f.zero(), Auto{.accuracy = 1e-11}, RelativeGap{1e-11});
    CHECK(result.converged());
    CHECK(std::abs(result.value - listed) <= 1e-9 * listed);
    CHECK(result.certificate.value <= 1e-11 * result.value);
}

}  // namespace

TEST_CASE("Auto reaches the optima that are listed for the shared data") {
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr) {
        WARN("left out: ERMINE_DATA_DIR is not set, so there are no shared data");
        return;
    }
    const std::string root = folder;
    check_optimum(read_libsvm<double>(root + "/libsvm/a9a.gz", {.features = 123}), 0.323379582465);

    // MNIST, odd against even digits, rows of length 1
    const auto digits = read_idx<double>(root + "/mnist/train-images-idx3-ubyte.gz",
                                         root + "/mnist/train-labels-idx1-ubyte.gz");
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Rows x = Eigen::Map<const Rows>(digits.rows().row(0), digits.examples(), digits.features());
    x.rowwise().normalize();
    Eigen::VectorXd y(digits.examples());
    for (Index i = 0; i < y.size(); ++i) y[i] = std::fmod(digits.targets()[i], 2) == 1 ? 1 : -1;
    check_optimum(
        Dataset<DenseRows<double>>::view({x.data(), x.rows(), x.cols(), x.cols()}, y.data()),
        0.282500038632);
}
