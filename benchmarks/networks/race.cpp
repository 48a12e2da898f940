// SPDX-License-Identifier: MIT
#include "race.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <sstream>

#include "../scratch_folder.hpp"
#include "../timing.hpp"
#include "square_product.hpp"
#include "training.hpp"

#ifndef ERMINE_TORCH_TRAINING
#define ERMINE_TORCH_TRAINING \
    "benchmarks/networks/torch_training.py"  // from the top of the sources
#endif

namespace networks {

namespace {

constexpr Eigen::Index size_of_large = 1536;

struct Turn {
    double seconds;
    double loss;
};

struct Contestant {
    std::string name;
    std::string uses;
    std::function<Turn(Eigen::Index)> run;
    std::vector<double> times = {};
    double loss = 0;
};

Contestant own(const std::string& name, const std::string& uses, const Training& training,
               bool processor_time) {
    return {name, uses, [training, processor_time](Eigen::Index steps) {
                Turn turn{};
                const auto take = [&] { turn.loss = training(steps); };
                turn.seconds = processor_time ? processor_seconds(take) : seconds(take);
                return turn;
            }};
}

}  // namespace

Peers::Peers(int thread_count, bool counts_processor_time)
    : threads(thread_count),
      processor_time(counts_processor_time),
      settings(TorchSetting::all(thread_count)) {
    const std::vector<std::string> arguments{std::to_string(threads),
                                             processor_time ? "processor" : "wall"};
    for (const TorchSetting& setting : settings)
        children.push_back(std::make_unique<TorchChild>(ERMINE_TORCH_TRAINING, arguments, setting));
}

bool Peers::here() const { return !children.front()->variants.empty(); }

Race race(const Work& work, Peers& peers, int rounds, double stretch) {
    use_threads(peers.threads);
    constexpr double usual_speed = 6e10;  // operations a second, which set the number of steps
    const auto steps =
        static_cast<Eigen::Index>(std::max(stretch * usual_speed / work.operations(), 4.0));
    const Task task = make_task(work, steps * (rounds + 1));
    const ScratchFolder folder;
    write(task, folder.path.string());

    std::vector<Contestant> contestants{
        own("ermine default", "ermine's products", train(task), peers.processor_time)};
    if (const Training by_blas = train_by_blas(task))
        contestants.push_back(own("ermine with BLAS", "OpenBLAS", by_blas, peers.processor_time));
    std::vector<double> by_eigen;
    std::vector<double> by_openblas;
    for (std::size_t k = 0; k < peers.children.size() && peers.here(); ++k) {
        TorchChild& child = *peers.children[k];
        child.ask("load " + folder.path.string() + ' ' + work.shape() + ' ' +
                  std::to_string(work.batch) + ' ' + std::to_string(work.steps));
        for (const std::string& variant : child.variants)
            contestants.push_back(
                {"PyTorch " + variant + peers.settings[k].name, "OpenBLAS",
                 [&child, variant](Eigen::Index count) {
                     std::istringstream answer(
                         child.ask(variant + ' ' + std::to_string(count)).front());
                     Turn turn{};
                     answer >> turn.seconds >> turn.loss;
                     return turn;
                 }});
    }
    for (int round = 0; round <= rounds; ++round) {
        by_eigen.push_back(square_product_seconds(size_of_large, peers.processor_time));
        if (peers.here())
            by_openblas.push_back(std::atof(peers.children.front()
                                                ->ask("product " + std::to_string(size_of_large))
                                                .front()
                                                .c_str()));
        for (Contestant& contestant : contestants) {
            const Turn turn = contestant.run(steps);
            // In the first round all meet their memory; its losses are those that still agree.
            if (round == 0)
                contestant.loss = turn.loss;
            else
                contestant.times.push_back(turn.seconds / static_cast<double>(steps));
        }
    }
    Race result{{}, square_product_operations(size_of_large) / median(by_eigen), "Eigen"};
    if (!by_openblas.empty() && median(by_openblas) < median(by_eigen)) {
        result.peak = square_product_operations(size_of_large) / median(by_openblas);
        result.peak_of = "OpenBLAS";
    }
    for (const Contestant& contestant : contestants) {
        const double time = median(contestant.times);
        result.finishes.push_back({work, contestant.name, contestant.uses, peers.threads, time,
                                   work.operations() / time / result.peak, contestant.loss});
    }
    return result;
}

}  // namespace networks
