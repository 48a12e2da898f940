// SPDX-License-Identifier: MIT
// How fast are exact products with the Hessian of a network? Of 784-128-10 (101 770 parameters,
// tanh) on 10 000 examples, beside PyTorch's double backward, with the graph of the gradient
// retained: the contestants in turns, on one thread and on two, on the same numbers. A product
// should take at most 0.75 of PyTorch's time, and reach 70 % of the speed of a large product of
// matrices in the same run, by Eigen or OpenBLAS, whichever is faster. Then the ten largest
// eigenvalues on two threads, which should take less than 30 s, and agree with SciPy's on PyTorch's
// products.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "fast_blas.hpp"
#include "flags.hpp"
#include "networks/square_product.hpp"
#include "report.hpp"
#include "scratch_folder.hpp"
#include "spectra/products.hpp"
#include "table.hpp"
#include "timing.hpp"
#include "torch_child.hpp"

#ifndef ERMINE_TORCH_PRODUCTS
#define ERMINE_TORCH_PRODUCTS "benchmarks/spectra/torch_products.py"  // from the top of the sources
#endif

namespace {

constexpr Eigen::Index size_of_large = 1536;

struct Contestant {
    std::string name;
    std::vector<double> times = {};
    double norm = 0;
};

std::vector<double> numbers_of(const std::string& line) {
    std::istringstream text(line);
    std::vector<double> all;
    for (double number = 0; text >> number;) all.push_back(number);
    return all;
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    bool processor_time = false;  // where others use the machine
    std::string json;
    if (!Flags{}
             .flag("--quick", quick)
             .flag("--processor-time", processor_time)
             .text("--json", "FILE", json)
             .read(count, words))
        return 2;
    restart_with_fast_blas(words);
    const spectra::Task task = spectra::make_task(10000);
    const ScratchFolder scratch;
    const std::filesystem::path& folder = scratch.path;
    write_numbers(task.features, folder / "features.f32");
    write_numbers(Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>(task.targets.cast<std::int64_t>()),
                  folder / "classes.i64");
    write_numbers(task.start, folder / "start.f32");
    write_numbers(task.vectors, folder / "vectors.f32");
    const auto take = [&](const auto& f) {
        return processor_time ? processor_seconds(f) : seconds(f);
    };

    std::vector<std::string> shortfalls;
    nlohmann::json records = nlohmann::json::array();
    std::vector<double> their_values;
    double their_seconds = 0;
    Table table({"", "threads", "ms a product", "of a large product", "norm of the product"});
    for (const int threads : {1, 2}) {
        use_threads(threads);
        const spectra::Curvature curvature = spectra::curvature_of(task);
        std::vector<std::unique_ptr<TorchChild>> children;
        std::vector<Contestant> all{{"ermine"}};
        for (const TorchSetting& setting : TorchSetting::all(threads)) {
            auto child = std::make_unique<TorchChild>(
                ERMINE_TORCH_PRODUCTS,
                std::vector<std::string>{std::to_string(threads),
                                         processor_time ? "processor" : "wall"},
                setting);
            if (child->variants.empty()) break;
            child->ask("load " + folder.string() + " 784-128-10");
            all.push_back({std::string("PyTorch") + setting.name});
            children.push_back(std::move(child));
        }
        if (children.empty() && threads == 1) std::printf("python3-torch is not here\n");
        std::vector<double> large[2];  // by Eigen, by OpenBLAS
        for (int round = 0; round <= (quick ? 5 : 20); ++round) {
            large[0].push_back(networks::square_product_seconds(size_of_large, processor_time));
            if (!children.empty())
                large[1].push_back(
                    numbers_of(children[0]->ask("product " + std::to_string(size_of_large)).front())
                        .front());
            // One product follows another, as in Lanczos' method.
            Eigen::VectorXf v;
            Eigen::VectorXf product;
            const double own = take([&] {
                for (Eigen::Index k = 0; k < task.vectors.cols(); ++k) {
                    v = task.vectors.col(k);
                    curvature.multiply(v, product);
                }
            });
            const auto turn = [&, first = round == 0](Contestant& contestant, double time,
                                                      double norm) {
                contestant.norm = norm;
                if (first) return;  // it meets its memory
                contestant.times.push_back(time / static_cast<double>(task.vectors.cols()));
            };
            turn(all[0], own, product.cast<double>().norm());
            for (std::size_t c = 0; c < children.size(); ++c) {
                const auto answer = numbers_of(children[c]->ask("double-backward").front());
                turn(all[c + 1], answer.at(0), answer.at(1));
            }
        }
        double fastest_large = median(large[0]);
        if (!large[1].empty()) fastest_large = std::min(fastest_large, median(large[1]));
        const double peak = networks::square_product_operations(size_of_large) / fastest_large;
        double theirs = 0;
        const double own = median(all[0].times);
        for (std::size_t c = 0; c < all.size(); ++c) {
            const double time = median(all[c].times);
            if (c > 0 && (theirs == 0 || time < theirs)) theirs = time;
            table.add({all[c].name, std::to_string(threads), text("%.2f", time * 1e3),
                       text("%.0f %%", 100 * task.operations() / time / peak),
                       text("%.6g", all[c].norm)});
            auto entry = record("Hessian product 784-128-10", all[c].name);
            entry["threads"] = threads;
            entry["seconds"] = time;
            entry["share_of_limit"] = task.operations() / time / peak;
            records.push_back(std::move(entry));
            if (!(std::abs(all[c].norm - all[0].norm) <= 1e-4 * all[0].norm))
                shortfalls.push_back("the product of " + all[c].name + " is another one");
        }
        const std::string where = threads == 1 ? " on one thread" : " on two threads";
        if (task.operations() / own / peak < 0.7)
            shortfalls.push_back("a product" + where + " reaches " +
                                 text("%.0f %%", 100 * task.operations() / own / peak) +
                                 " of a large product; the goal is 70 %");
        if (theirs > 0) {
            std::printf("a product%s takes %.2f of the time of PyTorch's\n", where.c_str(),
                        own / theirs);
            if (own > 0.75 * theirs)
                shortfalls.push_back("a product" + where + " takes " + text("%.2f", own / theirs) +
                                     " of PyTorch's time; the goal is 0.75");
        }
        if (threads == 1) continue;
        std::vector<double> values;
        const double long_take = take([&] { values = curvature.largest(10); });
        std::printf("ten largest eigenvalues: %.2f s", long_take);
        if (!children.empty()) {
            their_values = numbers_of(children[0]->ask("eigenvalues 10").front());
            their_seconds = their_values.at(0);
            their_values.erase(their_values.begin());
            std::printf(", by SciPy on PyTorch's products %.2f s", their_seconds);
        }
        std::printf("\n");
        for (std::size_t k = 0; k < values.size(); ++k) {
            std::printf("  %.7g", values[k]);
            if (k >= their_values.size()) continue;
            std::printf(" and %.7g", their_values[k]);
            if (std::abs(values[k] - their_values[k]) > 1e-4 * std::abs(values[0]))
                shortfalls.push_back("eigenvalue " + std::to_string(k) + " is another one");
        }
        std::printf("\n");
        if (long_take > 30)
            shortfalls.push_back("ten eigenvalues take " + text("%.1f", long_take) +
                                 " s; the goal is 30");
    }
    table.print();
    write_records(records, json);
    print_verdict(shortfalls);
}
