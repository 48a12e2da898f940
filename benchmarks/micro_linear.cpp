// SPDX-License-Identifier: MIT
// Do the passes that linear models spend their time in run as fast as the machine can? Each is
// timed in turn with bare loops that do what it cannot do without and nothing else: reading the
// memory, converting floats and adding them up, a plain product, gathering and scattering by the
// columns of sparse rows. Where several bound a pass, the slowest is its limit. Medians, on one
// thread and on two; a pass should reach 80 % of its limit, and gain 1.6 from the second thread.

#include <nlohmann/json.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/linear_pass.hpp>

#include "flags.hpp"
#include "linear/bare_loops.hpp"
#include "linear/ill_conditioned.hpp"
#include "linear/problem.hpp"
#include "linear/rounded.hpp"
#include "linear/text_like.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace linear;

namespace {

constexpr std::array threads{1, 2};
constexpr double share_wanted = 0.8;
constexpr double gain_wanted = 1.6;

// Of ermine's logistic_terms and the margins before and after it, a number.
constexpr std::size_t operations = 43;
constexpr std::size_t quotients = 2;
constexpr double slope_flops = 2.0 * operations + quotients;

double sink = 0;  // of results that nobody else looks at

/// So much of a bare loop that was added before.
struct Part {
    std::size_t loop;
    double times;
};

/// What a pass cannot be faster than: the sum of the parts.
struct Limit {
    std::string name;
    std::vector<Part> parts;
};

/// A pass, or a bare loop if it has no limits.
struct Work {
    std::string data;
    std::string name;
    double amount;
    std::string unit;  ///< of the amount a second
    std::function<void()> run;
    std::vector<Limit> limits = {};
    std::array<std::vector<double>, threads.size()> times = {};

    [[nodiscard]] double seconds(std::size_t t) const {
        std::vector<double> sorted = times[t];
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        return *middle;
    }
    [[nodiscard]] double gain() const { return seconds(0) / seconds(1); }
};

void use_threads(int count) {
#ifdef _OPENMP
    omp_set_num_threads(count);
#else
    static_cast<void>(count);
#endif
}

class Machine {
public:
    std::size_t add(Work work) {
        works_.push_back(std::move(work));
        return works_.size() - 1;
    }

    /// All works in turn, on one thread and on two.
    void measure(int rounds) {
        for (int round = -1; round < rounds; ++round)  // the first is not counted
            for (std::size_t t = 0; t < threads.size(); ++t) {
                use_threads(threads[t]);
                for (Work& work : works_) {
                    const auto begin = std::chrono::steady_clock::now();
                    work.run();
                    const std::chrono::duration<double> seconds =
                        std::chrono::steady_clock::now() - begin;
                    if (round >= 0) work.times[t].push_back(seconds.count());
                }
            }
        use_threads(1);
    }

    [[nodiscard]] const std::vector<Work>& works() const { return works_; }

    [[nodiscard]] double seconds(const Limit& limit, std::size_t t) const {
        double sum = 0;
        for (const Part& part : limit.parts) sum += part.times * works_[part.loop].seconds(t);
        return sum;
    }

    /// The slowest limit of a pass.
    [[nodiscard]] const Limit& limit(const Work& work, std::size_t t) const {
        return *std::max_element(
            work.limits.begin(), work.limits.end(),
            [&](const Limit& a, const Limit& b) { return seconds(a, t) < seconds(b, t); });
    }

private:
    std::vector<Work> works_;
};

/// The passes over rows, each with what limits it.
struct Limits {
    std::vector<Limit> fused, curve, predict, transpose, slopes;
};

template <class Data>
void add_passes(Machine& machine, const std::string& name, const Data& data, double bytes,
                const Limits& limits) {
    using namespace ermine;
    using Risk = decltype(EmpiricalRisk{Linear{}, LogisticLoss{}, data}.in_double());
    using Problem = decltype(std::declval<const Risk&>().linear_problem());
    struct All {
        Risk risk;
        Problem problem = risk.linear_problem();
        LinearPass<Problem> pass{problem};
        Eigen::VectorXd w = {}, g = {}, u = {}, p = {}, s = {}, c = {};
    };
    const Index n = data.examples();
    const Index d = data.features();
    const auto all = std::make_shared<All>(
        All{EmpiricalRisk{Linear{d, false}, LogisticLoss{}, data}.in_double()});
    all->w = Eigen::VectorXd::LinSpaced(d, -0.1, 0.1);
    all->g.setZero(d);
    for (Eigen::VectorXd* v : {&all->u, &all->p, &all->s}) v->setZero(n);
    all->c.setConstant(n, 0.2);
    const auto add = [&](const char* pass, double amount, const char* unit,
                         const std::vector<Limit>& limit, const auto& run) {
        machine.add({name, pass, amount, unit, [all, run] { run(*all); }, limit});
    };
    add("value and gradient", bytes, "GB/s", limits.fused,
        [](All& a) { sink += a.risk.value_and_gradient(a.w, a.g); });
    add("Hessian product", bytes, "GB/s", limits.curve,
        [](All& a) { a.pass.curve(a.problem, a.c, a.w, a.u, a.g); });
    add("predictions", bytes, "GB/s", limits.predict,
        [](All& a) { a.pass.predict(a.problem, a.w, a.p); });
    add("transpose", bytes, "GB/s", limits.transpose,
        [](All& a) { a.pass.transpose(a.problem, a.s, a.g); });
    add("slopes", slope_flops * static_cast<double>(n), "GFLOP/s", limits.slopes,
        [](All& a) { sink += a.pass.slopes(a.problem, a.p, a.s, a.c); });
}

/// Xᵀ diag(c) X of all rows by panels of them as numbers of type T, as methods of second order form
/// it.
template <class T>
void add_gram(Machine& machine, const std::string& name, const Dense& data, std::size_t read) {
    using Panel = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Square = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    constexpr Index rows = 512;
    constexpr Index parts = 8;
    struct Space {
        Panel panel;
        Square product;
        Eigen::MatrixXd sum;
    };
    const Index n = data.examples();
    const Index d = data.features();
    const auto size = static_cast<double>(d);
    const std::string type = std::is_same_v<T, float> ? "float" : "double";
    const auto panel = std::make_shared<Panel>(Panel::Random(rows, d));
    const auto squares = std::make_shared<std::vector<Square>>(parts, Square(d, d));
    const double flops = 2 * parts * static_cast<double>(rows) * size * size;
    const std::size_t product = machine.add({name, "plain product, " + type, flops, "GFLOP/s",
                                             [=] { BareLoops::multiply(*panel, *squares); }});
    const auto spaces = std::make_shared<std::vector<Space>>(parts);
    const double useful = static_cast<double>(n) * size * (size + 1);
    machine.add({name,
                 "X'DX, " + type,
                 useful,
                 "GFLOP/s",
                 [=] {
                     const ermine::Chunks chunks =
                         ermine::chunks_for(n, (n + parts - 1) / parts, parts);
                     ermine::for_each_chunk(chunks.count(), [&](Index chunk) {
                         Space& space = (*spaces)[static_cast<std::size_t>(chunk)];
                         space.sum.setZero(d, d);
                         space.panel.resize(rows, d);
                         space.product.setZero(d, d);
                         Index added = 0;
                         for (Index i = chunks.begin(chunk); i < chunks.end(chunk); i += rows) {
                             const Index count = std::min(rows, chunks.end(chunk) - i);
                             const auto x = data.rows().matrix().middleRows(i, count);
                             space.panel.topRows(count) = x.template cast<T>() * T(0.5);
                             ermine::add_gram_product(space.panel.topRows(count), space.product);
                             if (++added < 4 && i + count < chunks.end(chunk)) continue;
                             space.sum += space.product.template cast<double>();
                             space.product.setZero();
                             added = 0;
                         }
                     });
                 },
                 {{"product", {{product, useful / flops}}}, {"memory", {{read, 1}}}}});
}

void add_dense(Machine& machine, Index n, Index d) {
    const Dense data = standardized(ill_conditioned(n, d, 20240105));
    const std::string name = "dense, " + std::to_string(d) + " columns";
    const auto numbers = static_cast<double>(n * d);
    const double bytes = sizeof(float) * numbers;
    const std::size_t read = machine.add(
        {name, "read", bytes, "GB/s", [=] { sink += BareLoops::read(data.rows().values, n * d); }});
    const std::size_t convert = machine.add({name, "convert and add", 2 * numbers, "GFLOP/s",
                                             [=] { sink += BareLoops::convert_and_add(n * d); }});
    const std::size_t calculate =
        machine.add({name, "operations of a slope", slope_flops * static_cast<double>(n), "GFLOP/s",
                     [=] { sink += BareLoops::calculate<operations, quotients>(n); }});
    const Limit memory{"memory", {{read, 1}}};
    const Limit once{"conversion", {{convert, 1}}};
    const Limit twice{"conversion", {{convert, 2}}};
    const Limit all{"arithmetic", {{convert, 2}, {calculate, 1}}};
    add_passes(machine, name, data, bytes,
               {.fused = {memory, all},
                .curve = {memory, twice},
                .predict = {memory, once},
                .transpose = {memory, once},
                .slopes = {{"arithmetic", {{calculate, 1}}}}});
    if (d < 100) return;
    const Index some = std::min<Index>(n, 25'000);
    auto rows = data.rows();
    rows.examples = some;
    const Dense part = Dense(rows.matrix(), data.targets().head(some));
    const std::size_t read_part =
        machine.add({name, "read, 1/4", bytes * static_cast<double>(some) / static_cast<double>(n),
                     "GB/s", [=] { sink += BareLoops::read(part.rows().values, some * d); }});
    add_gram<float>(machine, name, part, read_part);
    add_gram<double>(machine, name, part, read_part);
}

void add_sparse(Machine& machine) {
    const Sparse data = text_like(100'000, 50'000, 50, 20240106);
    const std::string name = "sparse, 50 000 columns";
    const double bytes = 8 * static_cast<double>(data.rows().nonzeros());
    const auto n = data.examples();
    const auto w =
        std::make_shared<Eigen::VectorXd>(Eigen::VectorXd::LinSpaced(data.features(), -1, 1));
    const auto g = std::make_shared<std::vector<Eigen::VectorXd>>();
    const std::size_t gather = machine.add({name, "gather", bytes, "GB/s", [=] {
                                                sink += BareLoops::gather(data.rows(), w->data());
                                            }});
    const std::size_t scatter =
        machine.add({name, "scatter", bytes, "GB/s", [=] { BareLoops::scatter(data.rows(), *g); }});
    const std::size_t both =
        machine.add({name, "gather and scatter", bytes, "GB/s",
                     [=] { BareLoops::gather_and_scatter(data.rows(), w->data(), *g); }});
    const std::size_t calculate =
        machine.add({name, "operations of a slope", slope_flops * static_cast<double>(n), "GFLOP/s",
                     [=] { sink += BareLoops::calculate<operations, quotients>(n); }});
    const Limit in_turn{"gather and scatter", {{both, 1}}};
    add_passes(machine, name, data, bytes,
               {.fused = {in_turn},
                .curve = {in_turn},
                .predict = {{"gather", {{gather, 1}}}},
                .transpose = {{"scatter", {{scatter, 1}}}},
                .slopes = {{"arithmetic", {{calculate, 1}}}}});
}

void add_triad(Machine& machine) {
    constexpr Index size = 8'000'000;
    struct Arrays {
        Eigen::ArrayXd a = Eigen::ArrayXd::Zero(size);
        Eigen::ArrayXd b = Eigen::ArrayXd::Ones(size);
        Eigen::ArrayXd c = Eigen::ArrayXd::Ones(size);
    };
    const auto arrays = std::make_shared<Arrays>();
    machine.add({"arrays of 64 MB", "triad", 3.0 * sizeof(double) * size, "GB/s",
                 [=] { BareLoops::triad(arrays->a, arrays->b, arrays->c); }});
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return 2;
    Machine machine;
    add_triad(machine);
    add_dense(machine, 100'000, 200);
    add_dense(machine, 400'000, 50);
    add_sparse(machine);
    machine.measure(quick ? 5 : 21);

    nlohmann::json records = nlohmann::json::array();
    std::vector<std::string> shortfalls;
    Table table({"data", "pass or bare loop", "ms", "a second", "limit", "share", "ms, 2 threads",
                 "share, 2 threads", "gain"});
    for (const Work& work : machine.works()) {
        const std::string who = work.data + ", " + work.name;
        std::array<std::string, threads.size()> shares{"–", "–"};
        std::string limit = "–";
        for (std::size_t t = 0; t < threads.size(); ++t) {
            auto entry = record(who, work.limits.empty() ? "bare loop" : "ermine");
            entry["threads"] = threads[t];
            entry["seconds"] = work.seconds(t);
            entry["rate"] = work.amount / work.seconds(t) * 1e-9;
            entry["unit"] = work.unit;
            if (!work.limits.empty()) {
                const Limit& slowest = machine.limit(work, t);
                const double share = machine.seconds(slowest, t) / work.seconds(t);
                entry["share_of_limit"] = share;
                entry["limit"] = slowest.name;
                if (t == 0) limit = slowest.name;
                shares[t] = text("%.0f %%", 100 * share);
                if (!(share >= share_wanted))
                    shortfalls.push_back(who + ", " + std::to_string(threads[t]) +
                                         (t == 0 ? " thread: " : " threads: ") + shares[t] +
                                         " of what is possible by " + slowest.name);
            }
            records.push_back(std::move(entry));
        }
        if (!work.limits.empty() && !(work.gain() >= gain_wanted)) {
            const Limit& slowest = machine.limit(work, 0);
            const double possible = machine.seconds(slowest, 0) / machine.seconds(slowest, 1);
            shortfalls.push_back(who + ": gains " + text("%.2f", work.gain()) +
                                 " from the second thread, its limit (" + slowest.name + ") " +
                                 text("%.2f", possible));
        }
        table.add({work.data, work.name, text("%.2f", 1e3 * work.seconds(0)),
                   text("%.1f ", work.amount / work.seconds(0) * 1e-9) + work.unit, limit,
                   shares[0], text("%.2f", 1e3 * work.seconds(1)), shares[1],
                   text("%.2f", work.gain())});
    }
    table.print();
    if (!std::isfinite(sink)) std::printf("The sums are not finite.\n");
    write_records(records, json);
    print_verdict(shortfalls);
}
