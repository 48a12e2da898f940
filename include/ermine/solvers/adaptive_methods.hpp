// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/adadelta.hpp>
#include <ermine/directions/adagrad.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/amsgrad.hpp>
#include <ermine/directions/lion.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/nadam.hpp>
#include <ermine/directions/radam.hpp>
#include <ermine/directions/rmsprop.hpp>
#include <ermine/directions/weight_decay.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

/// Minibatch methods with a memory, from momentum to Adam, as the sentences that they stand for:
/// a constant step, options of the update rule, and the minibatch. Schedules, clipping and averages
/// are put in by writing the sentence: `Minibatch{.size = 128} | ClipByNorm{1} | Adam{} |
/// WeightDecay{.rate = 0.01} | Cosine{.initial = 1e-3} | Average{}`.
namespace ermine {

/// Stochastic gradient descent with momentum.
constexpr auto momentum(double step, Momentum rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto adagrad(double step = 0.01, AdaGrad rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto rmsprop(double step = 0.01, RMSProp rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto adadelta(double step = 1, AdaDelta rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto adam(double step = 1e-3, Adam rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

/// Options of `adamw`.
struct AdamWOptions {
    double weight_decay = 0.01;
    Adam adam = {};
};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
constexpr auto adamw(double step = 1e-3, AdamWOptions options = {}, Minibatch batch = {}) {
    return batch | options.adam | WeightDecay{.rate = options.weight_decay} |
           Constant{.size = step};
}

constexpr auto amsgrad(double step = 1e-3, AMSGrad rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto nadam(double step = 2e-3, NAdam rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

constexpr auto radam(double step = 1e-3, RAdam rule = {}, Minibatch batch = {}) {
    return batch | rule | Constant{.size = step};
}

/// Options of `lion`.
struct LionOptions {
    double weight_decay = 0;
    Lion lion = {};
};

/// Lion with decoupled weight decay (Chen et al. 2023).
constexpr auto lion(double step = 1e-4, LionOptions options = {}, Minibatch batch = {}) {
    return batch | options.lion | WeightDecay{.rate = options.weight_decay} |
           Constant{.size = step};
}

}  // namespace ermine
