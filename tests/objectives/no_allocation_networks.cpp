// SPDX-License-Identifier: MIT
// After its first step, the training of a network takes nothing from the heap, not even for a
// moment: counted in malloc itself, which Eigen calls without operator new.

#include "ermine_catch.hpp"

#include <Eigen/Core>

#include <atomic>
#include <cstddef>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/sequences.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/sequence_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

namespace {
std::atomic<long> allocations{0};
}

#if defined(__GLIBC__)
extern "C" {
void* __libc_malloc(std::size_t);
void* malloc(std::size_t size) {
    ++allocations;
    return __libc_malloc(size);
}
}
#endif

namespace {

using namespace ermine;

/// On three batches of examples, so that epochs begin anew on the way. (A batch of another size, as
/// the last of an epoch may be, makes memory anew.)
void check_quiet(const auto& risk, Index batch) {
    const Eigen::VectorXf start = Eigen::VectorXf::Random(risk.parameters()) * 0.05F;
    const auto method = Minibatch{.size = batch} | Momentum{.decay = 0.9} | Constant{.size = 0.01};
    auto state = method.start(risk, start);
    REQUIRE(method.advance(risk, state) == Outcome::advanced);
    const long before = allocations;
#if defined(__GLIBC__)
    REQUIRE(before > 0);  // the count works
#endif
    int advanced = 0;
    for (int step = 0; step < 5; ++step)
        advanced += method.advance(risk, state) == Outcome::advanced ? 1 : 0;
    const long after = allocations;
    CHECK(after == before);
    CHECK(advanced == 5);
}

/// Rows of numbers, and classes from 0 to 9.
Dataset<DenseRows<float>> some_rows(Index count, Index features) {
    const Eigen::MatrixXf x = Eigen::MatrixXf::Random(count, features);
    const Eigen::VectorXd y = Eigen::VectorXd::LinSpaced(count, 0, 9.9).array().floor();
    return {x, y};
}

void check_quiet_on_rows(const auto& network, Index batch) {
    const auto data = some_rows(3 * batch, network.features);
    check_quiet(EmpiricalRisk{network, SoftmaxCrossEntropy{}, data}, batch);
}

}  // namespace

TEST_CASE("The networks of the benchmark are trained without allocations") {
    const auto small = network(784, dense(256), relu(), dense(10));
    for (const Index batch : {32, 64, 256}) check_quiet_on_rows(small, batch);
    check_quiet_on_rows(network(784, dense(1024), relu(), dense(1024), relu(), dense(10)), 256);
}

TEST_CASE("A recurrent network is trained without allocations") {
    const auto steps = some_rows(96 * 50, 64);
    const Sequences data{steps.rows().matrix(), steps.targets(), std::vector<Index>(96, 50)};
    check_quiet(EmpiricalRisk{network(64, lstm(128), dense(10)), SoftmaxCrossEntropy{}, data}, 32);
}
