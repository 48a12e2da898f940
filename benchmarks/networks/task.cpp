// SPDX-License-Identifier: MIT
#include "task.hpp"

#include <algorithm>
#include <cmath>

#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/numerics/random.hpp>

#include "../scratch_folder.hpp"

namespace networks {

namespace {

constexpr Eigen::Index rows_at_least = 8192;  // examples are a multiple of all batches

}  // namespace

Task make_task(const Work& work, Eigen::Index steps) {
    Task task{work, {}, {}, {}, {}};
    ermine::Random random(1);
    const Eigen::Index examples = work.steps == 1 ? rows_at_least : rows_at_least / 8;
    task.features.resize(examples * work.steps, work.widths.front());
    for (Eigen::Index i = 0; i < task.features.size(); ++i)
        task.features.data()[i] = static_cast<float>(random.uniform());
    task.classes.resize(task.features.rows());
    for (Eigen::Index i = 0; i < task.classes.size(); ++i) {
        Eigen::Index largest = 0;
        task.features.row(i).head(work.widths.back()).maxCoeff(&largest);
        task.classes[i] = static_cast<double>(largest);
    }
    std::vector<float> weights;
    Eigen::Index biases = 0;
    const auto draw = [&](Eigen::Index units, Eigen::Index inputs) {
        const double scale = std::sqrt(2.0 / static_cast<double>(inputs));
        for (Eigen::Index i = 0; i < units * inputs; ++i)
            weights.push_back(static_cast<float>(scale * random.normal()));
    };
    for (std::size_t k = 1; k < work.widths.size(); ++k) {
        const Eigen::Index gates = work.steps > 1 && k == 1 ? 4 : 1;
        draw(gates * work.widths[k], work.widths[k - 1]);
        if (gates > 1) draw(gates * work.widths[k], work.widths[k]);
        biases += gates * work.widths[k];
    }
    task.start.setZero(static_cast<Eigen::Index>(weights.size()) + biases);
    std::copy(weights.begin(), weights.end(), task.start.data());
    const ermine::ShuffledEachEpoch sampler{};
    auto state = sampler.start(examples);
    for (Eigen::Index step = 0; step < steps; ++step) {
        const auto rows = sampler.draw(state, work.batch);
        task.order.insert(task.order.end(), rows.begin(), rows.end());
    }
    return task;
}

void write(const Task& task, const std::string& folder) {
    const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> classes =
        task.classes.cast<std::int64_t>();
    const std::vector<std::int64_t> order(task.order.begin(), task.order.end());
    write_numbers(task.features, folder + "/features.f32");
    write_numbers(classes, folder + "/classes.i64");
    write_numbers(task.start, folder + "/start.f32");
    write_numbers(order, folder + "/order.i64");
}

}  // namespace networks
