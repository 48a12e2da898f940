// SPDX-License-Identifier: MIT
// Every direction that a minibatch may have gives the same bytes on one thread and on two.
#include "ermine_catch.hpp"
#include "same_bytes.hpp"

#include <tuple>
#include <utility>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/concepts/model.hpp>
#include <ermine/directions/adadelta.hpp>
#include <ermine/directions/adagrad.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/adaptive_clip.hpp>
#include <ermine/directions/amsgrad.hpp>
#include <ermine/directions/annealed_noise.hpp>
#include <ermine/directions/chain.hpp>
#include <ermine/directions/clip_by_block_norm.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/freeze.hpp>
#include <ermine/directions/in_blocks.hpp>
#include <ermine/directions/lamb.hpp>
#include <ermine/directions/lion.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/muon.hpp>
#include <ermine/directions/nadam.hpp>
#include <ermine/directions/radam.hpp>
#include <ermine/directions/rmsprop.hpp>
#include <ermine/directions/scale_blocks.hpp>
#include <ermine/directions/weight_decay.hpp>
#include <ermine/numerics/panel_product.hpp>

using namespace ermine;
using Eigen::VectorXf;

#ifdef _OPENMP

namespace {

constexpr Index rows = 300;
constexpr Index columns = 500;
constexpr Index n = rows * columns + 77;  // long enough for a second thread

/// A layer: a matrix, and what is left over.
struct Layer {
    std::vector<ParameterBlock> blocks() const {
        return {{"weights", 0, rows, columns},
                {"intercept", rows * columns, n - rows * columns, 1}};
    }
};

VectorXf points(const auto& part, int threads) {
    omp_set_num_threads(threads);
    const Layer f;
    const Chain<std::remove_cvref_t<decltype(part)>> chain{std::tuple{part}};
    const VectorXf start = VectorXf::LinSpaced(n, -1, 2);
    VectorXf x = start;
    VectorXf d(n);
    auto states = chain.start(f, start);
    for (Clock clock; clock.iteration < 3; ++clock.iteration) {
        for (Index i = 0; i < n; ++i)
            d[i] = static_cast<float>((i * 7919 + clock.iteration * 31) % 1009) / 100 - 5;
        chain.run(f, std::as_const(x), d, states, clock);
        x -= 0.01F * d;
    }
    return x;
}

void same(const char* name, const auto& part) {
    INFO(name);
    const int before = omp_get_max_threads();
    const VectorXf one = points(part, 1);
    const VectorXf two = points(part, 2);
    omp_set_num_threads(before);
    CHECK(one.allFinite());
    CHECK(one != VectorXf::LinSpaced(n, -1, 2));
    CHECK(same_bytes(one, two));
}

}  // namespace

TEST_CASE("directions give the same bytes on one thread and on two") {
    same("ClipByNorm", ClipByNorm{500});
    same("ClipByValue", ClipByValue{2});
    same("ClipByBlockNorm", ClipByBlockNorm{300});
    same("AdaptiveClip", AdaptiveClip{});
    same("AnnealedNoise", AnnealedNoise{.seed = 3});
    same("WeightDecay", WeightDecay{});
    same("Momentum", Momentum{});
    same("Nesterov", Momentum{.nesterov = true});
    same("AdaGrad", AdaGrad{});
    same("RMSProp", RMSProp{});
    same("centred RMSProp", RMSProp{.centred = true});
    same("AdaDelta", AdaDelta{});
    same("Adam", Adam{});
    same("AMSGrad", AMSGrad{});
    same("NAdam", NAdam{});
    same("RAdam", RAdam{});
    same("Lion", Lion{});
    same("LAMB", LAMB{});
    same("Muon", Muon{.blocks = {{"weights"}}});
    same("Adam in a block", in_blocks(Adam{}, {{"weights"}}));
    same("ScaleBlocks", ScaleBlocks{{{{"intercept"}, 10}}});
    same("Freeze", Freeze{{{"intercept"}}});
}

TEST_CASE("products are cut by their shape alone") {
    const auto product = [](auto c, int threads) {
        const Eigen::MatrixXd a = Eigen::VectorXd::LinSpaced(130 * 700, -1, 2).reshaped(130, 700);
        const Eigen::MatrixXd b = Eigen::VectorXd::LinSpaced(700 * 90, 1, 3).reshaped(700, 90);
        const int before = omp_get_max_threads();
        omp_set_num_threads(threads);
        panel_product(c, a, b);
        omp_set_num_threads(before);
        CHECK((c - a.lazyProduct(b)).norm() <= 1e-12 * a.norm() * b.norm());
        return c;
    };
    const Eigen::MatrixXd by_columns(130, 90);
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> by_rows(130, 90);
    CHECK(product(by_columns, 1) == product(by_columns, 2));
    CHECK(product(by_rows, 1) == product(by_rows, 2));
}

#endif
