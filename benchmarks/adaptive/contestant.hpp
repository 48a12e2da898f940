// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/dense_rows.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/cosine.hpp>

using DigitsRisk = ermine::EmpiricalRisk<ermine::LinearMulticlass, ermine::SoftmaxCrossEntropy,
                                         ermine::DenseRows<float>>;

constexpr ermine::Index batch_size = 128;

/// What is chosen for a method: the rate, and whether it stays or falls to 0 as a cosine.
struct Choice {
    double rate;
    bool cosine;
};

/// How a training went.
struct Training {
    std::vector<Eigen::VectorXf> points;  ///< after each epoch
    bool finished;                        ///< neither diverged nor met what is no number
};

/// A method whose rate is not chosen yet.
struct Contestant {
    std::string name;
    int low;  ///< the first rates that are tried are 10^(k/2), k = low, …, high
    int high;
    std::function<Training(const DigitsRisk&, Choice, int epochs, std::uint64_t seed)> train;
};

/// The sentence Minibatch | direction | Cosine; a rate that stays is a cosine that ends where it
/// begins. The risk is copied, so that trainings may run side by side.
template <class Direction>
Contestant contestant(const char* name, int low, int high, const Direction& direction) {
    return {name, low, high,
            [direction](const DigitsRisk& risk, Choice choice, int epochs, std::uint64_t seed) {
                using namespace ermine;
                const DigitsRisk own = risk;
                const auto method = Minibatch{.size = batch_size, .seed = seed} | direction |
                                    Cosine{.initial = choice.rate,
                                           .final = choice.cosine ? 0 : choice.rate,
                                           .epochs = static_cast<double>(epochs)};
                Training training;
                const auto keep = [&](const auto& progress) {
                    if (progress.whole_epochs() > static_cast<double>(training.points.size()))
                        training.points.push_back(progress.point());
                };
                const auto result =
                    minimize(own, own.zero(), method, MaxEpochs{static_cast<double>(epochs)}, keep);
                training.finished = result.status == Status::max_epochs;
                return training;
            }};
}

std::vector<Contestant> momentum_contestants();
std::vector<Contestant> scaling_contestants();
std::vector<Contestant> adam_contestants();
std::vector<Contestant> block_contestants();
