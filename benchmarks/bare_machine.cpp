// SPDX-License-Identifier: MIT
#include "bare_machine.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <Eigen/Core>

namespace {

constexpr std::size_t numbers = 8'000'000;
constexpr int repeats = 7;
constexpr Eigen::Index size = 256;
constexpr int products = 16;

template <class Work>
double least_seconds(const Work& work) {
    double least = INFINITY;
    for (int k = 0; k < repeats; ++k) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        least = std::min(least, seconds.count());
    }
    return least;
}

}  // namespace

BareMachine measure_bare_machine() {
    Eigen::ArrayXd a = Eigen::ArrayXd::Zero(numbers);
    const Eigen::ArrayXd b = Eigen::ArrayXd::Ones(numbers);
    const Eigen::ArrayXd c = Eigen::ArrayXd::Ones(numbers);
    const auto triad = [&](int threads) {
        const double seconds = least_seconds([&] {
#pragma omp parallel for num_threads(threads) schedule(static)
            for (int part = 0; part < 2; ++part) {
                const Eigen::Index half = Eigen::Index{numbers} / 2;
                a.segment(part * half, half) =
                    b.segment(part * half, half) + 3 * c.segment(part * half, half);
            }
        });
        return 3 * sizeof(double) * static_cast<double>(numbers) / seconds / 1e9;
    };
    const Eigen::MatrixXd left = Eigen::MatrixXd::Ones(size, size);
    std::vector<Eigen::MatrixXd> results(2, Eigen::MatrixXd(size, size));
    const auto product = [&](int threads) {
        const double seconds = least_seconds([&] {
#pragma omp parallel for num_threads(threads) schedule(static)
            for (int part = 0; part < 2; ++part)
                for (int k = 0; k < products; ++k)
                    results[static_cast<std::size_t>(part)].noalias() = left * left;
        });
        const auto flops = 2.0 * products * 2 * static_cast<double>(size * size * size);
        return flops / seconds / 1e9;
    };
    Eigen::setNbThreads(1);  // of its own, within each of ours
    BareMachine machine{};
    machine.triad_one = triad(1);
    machine.triad_two = triad(2);
    machine.product_one = product(1);
    machine.product_two = product(2);
    Eigen::setNbThreads(0);
    return machine;
}
