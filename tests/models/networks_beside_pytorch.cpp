// SPDX-License-Identifier: MIT
// What scripts/check_networks compares with PyTorch: of each network the outputs, the gradient and
// the losses of a hundred steps.

#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/sequences.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/batch_norm.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/gru.hpp>
#include <ermine/models/layer_norm.hpp>
#include <ermine/models/lstm.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/sequence_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

namespace {

using namespace ermine;
using Eigen::VectorXf;

constexpr Index examples = 24;
constexpr Index features = 12;
constexpr Index classes = 5;

/// Numbers in [−1, 1) that are exact in float and that any language computes alike:
/// scripts/check_networks has the same.
class Sequence {
public:
    float next() {
        state_ = (state_ * 1103515245U + 12345U) % 2147483648U;
        return static_cast<float>(state_ >> 11) / 524288 - 1;
    }

private:
    std::uint64_t state_ = 1;
};

/// Examples, then parameters, in the order in which the script draws them.
struct Case {
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x{examples, features};
    Eigen::VectorXd y{examples};
    VectorXf start;

    explicit Case(const auto& network) {
        Sequence numbers;
        for (Index i = 0; i < x.size(); ++i) x.data()[i] = numbers.next();
        for (Index i = 0; i < examples; ++i) y[i] = static_cast<double>(i % classes);
        start.resize(network.parameters());
        for (float& number : start) number = 0.4F * numbers.next();
        for (const auto& block : network.blocks())
            if (block.name == "batch_norm1.variance")
                start.segment(block.offset, block.rows).array() =
                    start.segment(block.offset, block.rows).array().abs() + 0.5F;
    }
};

Dataset<DenseRows<float>> as_examples(const Case& given) { return {given.x, given.y}; }
Sequences<float> as_sequences(const Case& given) {  // six of four steps
    return {given.x, given.y, std::vector<Index>(6, 4)};
}

/// Calls f(name, network, data) for each network that the script knows, too.
void each_network(const auto& f) {
    f("softmax regression", network(features, dense(classes)), as_examples);
    f("tanh", network(features, dense(17), tanh(), dense(classes)), as_examples);
    f("relu", network(features, dense(40), relu(), dense(33), relu(), dense(classes)), as_examples);
    f("normalization",
      network(features, dense(17), batch_norm(), tanh(), dense(33), layer_norm(), dense(classes)),
      as_examples);
    f("lstm", network(features, lstm(40), dense(classes)), as_sequences);
    f("gru", network(features, gru(40), dense(classes)), as_sequences);
}

struct Found {
    Eigen::ArrayXXd outputs;
    VectorXf gradient;  ///< of all examples as one batch, in training
    std::vector<double> losses;
};

Found run(const auto& network, const auto& data) {
    const Case given(network);
    const EmpiricalRisk risk{network, SoftmaxCrossEntropy{}, data(given)};
    Found found{risk.predictions(given.start), {}, {}};
    std::vector<std::int32_t> all(static_cast<std::size_t>(risk.examples()));
    std::iota(all.begin(), all.end(), 0);
    risk.value_and_gradient(given.start, Batch{all}, found.gradient);
    const auto method =
        Minibatch{.size = risk.examples()} | Momentum{.decay = 0.9} | Constant{.size = 0.02};
    auto state = method.start(risk, given.start);
    for (int step = 0; step < 100; ++step) {
        REQUIRE(method.advance(risk, state) == Outcome::advanced);
        found.losses.push_back(state.here.value);
    }
    return found;
}

void print(const std::string& network, const char* what, const auto& numbers) {
    std::printf("%s,%s", network.c_str(), what);
    for (const auto number : numbers) std::printf(",%.9g", static_cast<double>(number));
    std::printf("\n");
}

}  // namespace

TEST_CASE("Networks that are compared with PyTorch's learn") {
    each_network([](const std::string& name, const auto& network, const auto& data) {
        INFO(name);
        const Found found = run(network, data);
        CHECK(found.losses.back() < 0.8 * found.losses.front());
    });
}

// Run by scripts/check_networks.
TEST_CASE("print what networks compute", "[.networks]") {
    each_network([](const std::string& name, const auto& network, const auto& data) {
        const Found found = run(network, data);
        print(name, "outputs", found.outputs.transpose().reshaped());
        print(name, "gradient", found.gradient);
        print(name, "losses", found.losses);
    });
}
