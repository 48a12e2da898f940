// SPDX-License-Identifier: MIT
// The same seed gives the same bytes, on any number of threads and with any compiler.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cstring>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/dataset.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/tails/average.hpp>

using namespace ermine;
using Eigen::VectorXd;

TEST_CASE("one thread and two give the same bytes") {
#ifdef _OPENMP
    Random random(4);
    const Index n = 6000;
    const Index d = 60;
    const Eigen::MatrixXd x = normal_matrix(n, d, random);
    const VectorXd margins = x * normal_vector<VectorXd>(d, random);
    const VectorXd y = (margins.array() < 0).select(VectorXd::Constant(n, -1), VectorXd::Ones(n));
    const auto f = EmpiricalRisk{Linear{d}, LogisticLoss{}, Dataset{x, y}} + L2{1e-3};
    const auto same = [&](const auto& method, const auto& stop) {
        std::vector<VectorXd> answers;
        std::vector<double> values;
        const int threads = omp_get_max_threads();
        for (const int t : {1, 2, 3}) {
            omp_set_num_threads(t);
            const auto result = minimize(f, f.zero(), method, stop);
            answers.push_back(result.x);
            values.push_back(result.value);
        }
        omp_set_num_threads(threads);
        for (std::size_t k = 1; k < answers.size(); ++k) {
            CHECK(std::memcmp(answers[0].data(), answers[k].data(),
                              static_cast<std::size_t>(d + 1) * sizeof(double)) == 0);
            CHECK(std::memcmp(&values[0], &values[k], sizeof(double)) == 0);
        }
        return answers[0];
    };
    // batches of one chunk, and of several
    same(Minibatch{.size = 128} | ClipByNorm{1} | Momentum{} | Cosine{} | Average{}, MaxEpochs{2});
    same(Minibatch{.size = 5000} | Momentum{} | Constant{0.1}, MaxEpochs{5});
    same(gradient_descent(), MaxIterations{10});
    same(newton(), MaxIterations{4});
#else
    WARN("left out: compiled without OpenMP");
#endif
}

TEST_CASE("the order of examples is the same with every compiler") {
    // golden: written down once, by GCC 12; Clang must agree
    const auto order = [](std::uint64_t seed) {
        const ShuffledEachEpoch sampler{.seed = seed};
        auto state = sampler.start(10);
        std::vector<std::int32_t> rows;
        for (int batch = 0; batch < 6; ++batch)  // 4, 4, 2 and again
            for (const auto row : sampler.draw(state, 4)) rows.push_back(row);
        return rows;
    };
    CHECK(order(7) ==
          std::vector<std::int32_t>{3, 8, 9, 4, 6, 7, 2, 5, 1, 0, 5, 6, 4, 2, 9, 0, 7, 1, 8, 3});
    CHECK(order(7) != order(8));
    // the rows that a run sees, from outside: which example each gradient was taken of
    struct Watched {
        std::vector<std::int32_t>* rows;
        Index examples() const { return 10; }
        double value(const VectorXd& x) const { return x.squaredNorm(); }
        double value_and_gradient(const VectorXd& x, VectorXd& g) const {
            g = 2 * x;
            return value(x);
        }
        double value_and_gradient(const VectorXd& x, Batch batch, VectorXd& g) const {
            rows->insert(rows->end(), batch.begin(), batch.end());
            return value_and_gradient(x, g);
        }
    };
    std::vector<std::int32_t> seen;
    const auto result = minimize(Watched{&seen}, VectorXd::Ones(1).eval(),
                                 sgd(0.1, {.size = 4, .seed = 7}), MaxEpochs{2});
    CHECK(result.iterations == 6);
    CHECK(seen == order(7));
}
