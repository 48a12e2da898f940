// SPDX-License-Identifier: MIT
#include "products.hpp"

#include <cmath>
#include <memory>

#include <ermine/data/dataset.hpp>
#include <ermine/diagnostics/extreme_eigenvalues.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/network_risk.hpp>

namespace spectra {

Task make_task(Eigen::Index examples) {
    Task task{784, 128, 10, {}, {}, {}, {}};
    ermine::Random random(1);
    const auto draw = [&](auto& numbers, double scale) {
        for (Eigen::Index i = 0; i < numbers.size(); ++i)
            numbers.data()[i] = static_cast<float>(scale * random.normal());
    };
    task.features.resize(examples, task.inputs);
    draw(task.features, 1);
    task.targets.resize(examples);
    for (Eigen::Index i = 0; i < examples; ++i) {
        Eigen::Index largest = 0;
        task.features.row(i).head(task.classes).maxCoeff(&largest);
        task.targets[i] = static_cast<double>(largest);
    }
    const Eigen::Index first = task.inputs * task.hidden;
    const Eigen::Index second = task.hidden * task.classes;
    task.start.setZero(first + second + task.hidden + task.classes);
    auto lower = task.start.head(first);
    auto upper = task.start.segment(first, second);
    draw(lower, 1 / std::sqrt(static_cast<double>(task.inputs)));
    draw(upper, 1 / std::sqrt(static_cast<double>(task.hidden)));
    task.vectors.resize(task.start.size(), 4);
    draw(task.vectors, 1);
    return task;
}

Curvature curvature_of(const Task& task) {
    using namespace ermine;
    const auto model = network(task.inputs, dense(task.hidden), tanh(), dense(task.classes));
    using Risk =
        decltype(EmpiricalRisk{model, SoftmaxCrossEntropy{}, Dataset{task.features, task.targets}});
    const auto risk =
        std::make_shared<Risk>(model, SoftmaxCrossEntropy{}, Dataset{task.features, task.targets});
    const auto retained = std::make_shared<RetainedCurvature<Risk>>(risk->curvature_at(task.start));
    return {[retained](const Eigen::VectorXf& v, Eigen::VectorXf& product) {
                retained->hessian_product(v, product);
            },
            [risk, start = task.start](Eigen::Index count) {
                const auto found = extreme_eigenvalues(
                    *risk, start, {.count = count, .side = SpectrumSide::largest, .copies = false});
                const Eigen::VectorXd& values = found.largest.values;
                return std::vector<double>(values.begin(), values.end());
            }};
}

}  // namespace spectra
