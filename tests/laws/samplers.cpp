// SPDX-License-Identifier: MIT
// The laws of random numbers and samplers. Golden values: the streams are the same with every
// compiler and flag, so results can be compared between machines.
#include <Eigen/Core>

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/class_balanced.hpp>
#include <ermine/data/curriculum.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/spread_groups.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/numerics/alias_table.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"

using namespace ermine;
using Rows = std::vector<std::int32_t>;

namespace {

Batch rows_of(Batch batch) { return batch; }
Batch rows_of(const WeightedBatch& batch) { return batch.rows; }

// n numbers that follow from i alone.
template <class F>
std::vector<double> numbers(Index n, const F& f) {
    std::vector<double> result;
    for (Index i = 0; i < n; ++i) result.push_back(static_cast<double>(f(i)));
    return result;
}

// Three classes of unequal size that are mixed, where there are so many examples.
std::vector<double> three_classes(Index n) {
    return numbers(n, [n](Index i) { return n < 6 || i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2; });
}

// A sampler of each kind for n examples.
template <class S>
S make(Index n, std::uint64_t seed = 0) {
    if constexpr (std::same_as<S, Sequential>)
        return {};
    else if constexpr (std::same_as<S, Stratified> || std::same_as<S, ClassBalanced>)
        return S{three_classes(n), {.seed = seed}};
    else if constexpr (std::same_as<S, SpreadGroups>)
        return S{numbers(n, [n](Index i) { return i % ((n + 4) / 5); }), {.seed = seed}};
    else if constexpr (std::same_as<S, Importance>)
        return S{numbers(n, [](Index i) { return 1 + i % 4; }), {.seed = seed}};
    else if constexpr (std::same_as<S, Curriculum>)
        return S{numbers(n, [](Index i) { return i * 7 % 10; }), {.epochs = 3, .seed = seed}};
    else
        return {.seed = seed};
}

// The rows of the next batches, `draws` of them in all.
template <Sampler S>
Rows take(const S& sampler, typename S::State& state, Index size, std::size_t draws) {
    Rows rows;
    while (rows.size() < draws) {
        const Batch batch = rows_of(sampler.draw(state, size));
        rows.insert(rows.end(), batch.begin(), batch.end());
    }
    CHECK(rows.size() == draws);
    return rows;
}

Rows counts(const Rows& rows, std::size_t examples) {
    Rows result(examples, 0);
    for (const std::int32_t row : rows) ++result.at(static_cast<std::size_t>(row));
    return result;
}

// Σ (observed - expected)² / expected; its mean is cells - 1, its deviation √(2 (cells - 1)).
double chi_square(const Rows& observed) {
    const double total = std::accumulate(observed.begin(), observed.end(), 0.0);
    const double expected = total / static_cast<double>(observed.size());
    double sum = 0;
    for (const std::int32_t count : observed) sum += std::pow(count - expected, 2) / expected;
    return sum;
}

bool plausible(double statistic, std::size_t cells) {
    const auto freedom = static_cast<double>(cells - 1);
    return std::abs(statistic - freedom) < 4 * std::sqrt(2 * freedom);
}

// The same where the cells have unequal shares.
double chi_square(const Rows& observed, const std::vector<double>& shares) {
    const double total = std::accumulate(observed.begin(), observed.end(), 0.0);
    double sum = 0;
    for (std::size_t k = 0; k < observed.size(); ++k)
        sum += std::pow(observed[k] - total * shares[k], 2) / (total * shares[k]);
    return sum;
}

// Wald & Wolfowitz 1940: how many standard deviations the number of runs lies above its mean, where
// a row of the lower half of the data is one kind and one of the upper half the other.
double runs_above_mean(const Rows& rows, Index examples) {
    double low = 0;
    double runs = 1;
    const auto is_low = [&](std::size_t k) { return 2 * rows[k] < examples; };
    for (std::size_t k = 0; k < rows.size(); ++k) {
        low += is_low(k) ? 1 : 0;
        if (k > 0 && is_low(k) != is_low(k - 1)) ++runs;
    }
    const auto all = static_cast<double>(rows.size());
    const double mean = 1 + 2 * low * (all - low) / all;
    const double variance = (mean - 1) * (mean - 2) / (all - 1);
    return (runs - mean) / std::sqrt(variance);
}

// The state with its fields put into a fresh one, as a saved run is resumed.
template <class State>
State restored(State fresh, State saved) {
    fresh.fields() = saved.fields();
    return fresh;
}

}  // namespace

TEST_CASE("the random stream is that of xoshiro256++ and splitmix64") {
    // The vector of Rust's rand_xoshiro, from the reference implementation in C.
    Random random{0};
    CHECK(random.bits() == 5987356902031041503U);
    CHECK(random.bits() == 7051070477665621255U);
    random.fields() =
        std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>{1, 2, 3, 4};
    for (const std::uint64_t expected :
         {std::uint64_t{41943041U}, std::uint64_t{58720359U}, 3588806011781223U, 3591011842654386U,
          9228616714210784205U, 9973669472204895162U, 14011001112246962877U, 12406186145184390807U,
          15849039046786891736U, 10450023813501588000U})
        CHECK(random.bits() == expected);
}

TEST_CASE("derived random numbers are the same bits everywhere") {
    Random random{42};
    CHECK(random.bits() == 0xd0764d4f4476689fU);
    for (int i = 0; i < 3; ++i) random.bits();
    CHECK(random.uniform() == 0x1.96463870e908dp-1);
    CHECK(random.uniform() == 0x1.2d1b3e009ca1bp-1);
    CHECK(random.uniform() == 0x1.00b8c7f910d18p-3);
    CHECK(random.normal() == 0x1.1107191792023p-2);
    CHECK(random.normal() == -0x1.a0f4cd3a8ba65p-1);
    CHECK(random.normal() == 0x1.804e27c60cd59p+0);
    CHECK(random.normal() == 0x1.32cb3e1d446b7p-3);
    CHECK(random.normal() == 0x1.095c152c2064ep+0);
    CHECK(random.normal() == 0x1.def12d5ff17bcp-2);
    for (const std::uint64_t expected : {69U, 403U, 546U, 212U, 50U, 576U})
        CHECK(random.below(1000) == expected);
    CHECK(random.below((std::uint64_t{1} << 40) | 12345) == 210722400932U);
    Rows order(10);
    std::iota(order.begin(), order.end(), 0);
    shuffle(std::span{order}, random);
    CHECK(order == Rows{6, 7, 1, 3, 2, 0, 9, 4, 5, 8});

    // Where a compiler contracts a product with a sum, a rounded product would give other bits.
    std::uint64_t hash = 0;
    const auto mix = [&hash](double x) {
        hash = hash * 0x100000001b3U ^ std::bit_cast<std::uint64_t>(x);
    };
    for (int i = 0; i < 100000; ++i) {
        mix(random.normal());
        mix(1.0 + random.normal());
        mix(0.3 + random.uniform());
    }
    CHECK(hash == 0xa690fe421c225a85U);
}

TEST_CASE("normal numbers have the moments of the normal law") {
    Random random{3};
    const int n = 1000000;
    double sums[4] = {};
    int beyond_two = 0;
    for (int i = 0; i < n; ++i) {
        const double z = random.normal();
        for (int k = 0; k < 4; ++k) sums[k] += std::pow(z, k + 1);
        beyond_two += std::abs(z) > 2 ? 1 : 0;
    }
    // Four standard errors: √(1/n), √(2/n), √(15/n), √(96/n).
    CHECK(std::abs(sums[0] / n) < 4e-3);
    CHECK(std::abs(sums[1] / n - 1) < 4 * 1.42e-3);
    CHECK(std::abs(sums[2] / n) < 4 * 3.9e-3);
    CHECK(std::abs(sums[3] / n - 3) < 4 * 9.8e-3);
    CHECK(std::abs(beyond_two / static_cast<double>(n) - 0.0455) < 4 * 2.1e-4);
}

TEST_CASE("below(n) is uniform and refuses 0") {
    Random random{11};
    for (const std::size_t n : {2U, 3U, 7U, 100U}) {
        Rows observed(n, 0);
        for (int i = 0; i < 100000; ++i) ++observed[static_cast<std::size_t>(random.below(n))];
        INFO(n);
        CHECK(std::abs(chi_square(observed) - static_cast<double>(n - 1)) <
              4 * std::sqrt(2.0 * static_cast<double>(n)));
    }
    for (int i = 0; i < 100; ++i) {
        CHECK(random.below(1) == 0);
        CHECK(random.below((std::uint64_t{3} << 61) + 1) <= std::uint64_t{3} << 61);
    }
    CHECK_THROWS_WITH(random.below(0), contains("give n >= 1"));
}

TEST_CASE("every order is equally likely after a shuffle") {
    Random random{5};
    Rows seen(24, 0);
    for (int i = 0; i < 24000; ++i) {
        std::vector<int> items{0, 1, 2, 3};
        shuffle(std::span{items}, random);
        std::size_t number = 0;
        for (std::size_t a = 0; a < 4; ++a) {
            const auto smaller = std::count_if(items.begin() + static_cast<std::ptrdiff_t>(a),
                                               items.end(), [&](int b) { return b < items[a]; });
            number = number * (4 - a) + static_cast<std::size_t>(smaller);
        }
        ++seen.at(number);
    }
    CHECK(plausible(chi_square(seen), 24));
}

TEMPLATE_TEST_CASE("a sampler keeps its promises", "", ShuffledEachEpoch, ShuffledOnce,
                   WithReplacement, Sequential, Stratified, ClassBalanced, SpreadGroups, Importance,
                   Curriculum) {
    for (const Index n : {1, 2, 10, 97}) {
        const auto sampler = make<TestType>(n);
        for (const Index size : {1, 3, 10, 97}) {
            if (size > n) continue;
            INFO(n << " examples in batches of " << size);
            auto state = sampler.start(n);
            for (int epoch = 0; epoch < 3; ++epoch) {
                Index drawn = 0;
                Rows rows;
                while (drawn < n) {
                    const Batch batch = rows_of(sampler.draw(state, size));
                    // Only the last batch of an epoch is short.
                    CHECK(static_cast<Index>(batch.size()) == std::min(size, n - drawn));
                    drawn += static_cast<Index>(batch.size());
                    rows.insert(rows.end(), batch.begin(), batch.end());
                }
                CHECK(drawn == n);
                const auto examples = static_cast<std::size_t>(n);
                if (TestType::each_once_an_epoch)
                    CHECK(counts(rows, examples) == Rows(examples, 1));
                CHECK(*std::min_element(rows.begin(), rows.end()) >= 0);
                CHECK(*std::max_element(rows.begin(), rows.end()) < n);
            }
        }
    }
}

TEMPLATE_TEST_CASE("a sampler goes on from a copied or restored state", "", ShuffledEachEpoch,
                   ShuffledOnce, WithReplacement, Sequential, Stratified, ClassBalanced,
                   SpreadGroups, Importance, Curriculum) {
    const auto sampler = make<TestType>(23);
    auto state = sampler.start(23);
    for (int i = 0; i < 9; ++i) sampler.draw(state, 5);
    auto copy = state;
    auto loaded = restored(sampler.start(23), state);
    for (int i = 0; i < 20; ++i) {
        const auto batch = sampler.draw(state, 5);
        const Rows here(rows_of(batch).begin(), rows_of(batch).end());
        for (auto* const another : {&copy, &loaded}) {
            const auto other = sampler.draw(*another, 5);
            CHECK(here == Rows(rows_of(other).begin(), rows_of(other).end()));
            if constexpr (WeightedSampler<TestType>)
                CHECK(std::equal(batch.weights.begin(), batch.weights.end(), other.weights.begin(),
                                 other.weights.end()));
        }
    }
}

TEMPLATE_TEST_CASE("a sampler refuses the impossible and stays as it was", "", ShuffledEachEpoch,
                   ShuffledOnce, WithReplacement, Sequential, Stratified, ClassBalanced,
                   SpreadGroups, Importance, Curriculum) {
    const auto sampler = make<TestType>(4);
    CHECK_THROWS_WITH(sampler.start(0), contains("0 examples"));
    CHECK_THROWS_WITH(sampler.start(Index{1} << 31), contains("2147483648 examples"));
    auto state = sampler.start(4);
    auto twin = state;
    CHECK_THROWS_WITH(sampler.draw(state, 0), contains("a batch of 0 out of 4"));
    CHECK_THROWS_WITH(sampler.draw(state, 5), contains("a batch of 5 out of 4"));
    CHECK(take(sampler, state, 2, 4) == take(sampler, twin, 2, 4));
}

TEST_CASE("samplers visit the examples in the same order everywhere") {
    const ShuffledEachEpoch each{.seed = 7};
    auto each_state = each.start(10);
    CHECK(take(each, each_state, 4, 20) ==
          Rows{3, 8, 9, 4, 6, 7, 2, 5, 1, 0, 5, 6, 4, 2, 9, 0, 7, 1, 8, 3});
    const ShuffledOnce once{.seed = 7};
    auto once_state = once.start(10);
    CHECK(take(once, once_state, 4, 20) ==
          Rows{3, 8, 9, 4, 6, 7, 2, 5, 1, 0, 3, 8, 9, 4, 6, 7, 2, 5, 1, 0});
    const WithReplacement replaced{.seed = 7};
    auto replaced_state = replaced.start(10);
    CHECK(take(replaced, replaced_state, 4, 20) ==
          Rows{0, 1, 7, 4, 9, 4, 7, 3, 9, 0, 1, 1, 7, 1, 4, 0, 1, 1, 1, 7});
    const auto golden = [](const auto& sampler, int epochs) {
        auto state = sampler.start(10);
        std::string text;
        for (const std::int32_t row :
             take(sampler, state, 4, static_cast<std::size_t>(10 * epochs)))
            text += std::to_string(row);
        return text;
    };
    CHECK(golden(make<Stratified>(10, 7), 2) == "73619258042146970385");
    CHECK(golden(make<ClassBalanced>(10, 7), 2) == "15555153175550359465");
    CHECK(golden(make<SpreadGroups>(10, 7), 2) == "36897104527653489120");
    CHECK(golden(make<Importance>(10, 7), 2) == "07979174116780385327");
    CHECK(golden(make<Curriculum>(10, 7), 3) == "300303303020539603955286941308");
    auto sequential_state = Sequential{}.start(10);
    CHECK(take(Sequential{}, sequential_state, 4, 20) ==
          Rows{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEMPLATE_TEST_CASE("each place of an epoch is uniform over the examples", "", ShuffledEachEpoch,
                   WithReplacement, Stratified, SpreadGroups) {
    const std::size_t n = 20;
    const auto sampler = make<TestType>(20, 12);
    auto state = sampler.start(20);
    std::vector<Rows> at_place(n, Rows(n, 0));
    for (int epoch = 0; epoch < 4000; ++epoch) {
        const Rows rows = take(sampler, state, 6, n);
        for (std::size_t place = 0; place < n; ++place)
            ++at_place[place][static_cast<std::size_t>(rows[place])];
    }
    for (const Rows& observed : at_place) CHECK(plausible(chi_square(observed), n));
}

TEST_CASE("an epoch with replacement misses about a third") {
    const WithReplacement sampler{.seed = 1};
    auto state = sampler.start(100000);
    const Rows seen = counts(take(sampler, state, 1000, 100000), 100000);
    const auto missed = std::count(seen.begin(), seen.end(), 0);
    CHECK(static_cast<double>(missed) / 100000 == Approx(std::exp(-1.0)).epsilon(0.01));
}

TEMPLATE_TEST_CASE("drawing allocates nothing: batches lie in the state", "", ShuffledEachEpoch,
                   ShuffledOnce, WithReplacement, Sequential, Stratified, ClassBalanced,
                   SpreadGroups, Importance, Curriculum) {
    const auto sampler = make<TestType>(100, 1);
    auto state = sampler.start(100);
    const std::int32_t* const memory = state.epoch.rows.data();
    for (int i = 0; i < 100; ++i) {
        const long before = small_allocations + large_allocations;
        const Batch batch = rows_of(sampler.draw(state, 7));
        const long after = small_allocations + large_allocations;
        CHECK(after == before);
        CHECK(batch.data() >= memory);
        CHECK(batch.data() + batch.size() <= memory + 100);
    }
    CHECK(state.epoch.rows.data() == memory);
}

TEST_CASE("the first order of a sampler that shuffles once is uniform over the seeds") {
    Rows first(20, 0);
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const ShuffledOnce sampler{.seed = seed};
        auto state = sampler.start(20);
        ++first[static_cast<std::size_t>(sampler.draw(state, 1)[0])];
    }
    CHECK(plausible(chi_square(first), 20));
}

TEMPLATE_TEST_CASE("the order has as many runs as a random one", "", ShuffledEachEpoch,
                   ShuffledOnce, WithReplacement, Stratified, ClassBalanced, SpreadGroups,
                   Importance, Curriculum) {
    const Index n = 6000;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const auto sampler = make<TestType>(n, seed);
        auto state = sampler.start(n);
        if (std::same_as<TestType, Curriculum>) take(sampler, state, 60, 3 * 6000);
        const Rows rows = take(sampler, state, 60, 6000);
        INFO(seed);
        CHECK(std::abs(runs_above_mean(rows, n)) < 4);
    }
}

TEST_CASE("an order that is not random has too few runs, or too many") {
    auto state = Sequential{}.start(6000);
    CHECK(runs_above_mean(take(Sequential{}, state, 60, 6000), 6000) < -70);
    // Two classes that are the two halves alternate in every batch.
    const Stratified halves{numbers(6000, [](Index i) { return i < 3000; })};
    auto classes = halves.start(6000);
    CHECK(runs_above_mean(take(halves, classes, 60, 6000), 6000) > 70);
}

TEMPLATE_TEST_CASE("draws that are independent are so in pairs", "", WithReplacement, ClassBalanced,
                   Importance) {
    CHECK(TestType::independent);
    const std::size_t n = 6;
    const auto sampler = make<TestType>(6, 4);
    auto state = sampler.start(6);
    std::vector<double> shares(n, 1.0 / 6);
    if constexpr (std::same_as<TestType, ClassBalanced>)
        shares = {1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 6, 1.0 / 6, 1.0 / 3};
    if constexpr (std::same_as<TestType, Importance>)
        for (std::size_t i = 0; i < n; ++i) {
            shares[i] = static_cast<double>(1 + i % 4) / 13;
            CHECK(sampler.probability(static_cast<Index>(i)) == Approx(shares[i]).epsilon(1e-15));
        }
    Rows pairs(n * n, 0);
    std::vector<double> pair_shares(n * n);
    const Rows rows = take(sampler, state, 3, 72000);
    for (std::size_t k = 0; k + 1 < rows.size(); k += 2)
        ++pairs[static_cast<std::size_t>(rows[k]) * n + static_cast<std::size_t>(rows[k + 1])];
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) pair_shares[a * n + b] = shares[a] * shares[b];
    CHECK(plausible(chi_square(pairs, pair_shares), n * n));
}

TEST_CASE("every batch of a stratified epoch has its share of each class") {
    for (const Index n : {60, 97, 1000}) {
        const auto labels = three_classes(n);
        Rows sizes(3, 0);
        for (const double label : labels) ++sizes[static_cast<std::size_t>(label)];
        const Stratified sampler{labels, {.seed = 3}};
        auto state = sampler.start(n);
        for (int k = 0; k < 300; ++k) {
            const Batch batch = sampler.draw(state, 12);
            std::vector<double> seen(3, 0);
            for (const std::int32_t i : batch)
                ++seen[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])];
            for (std::size_t c = 0; c < 3; ++c) {
                const double share =
                    static_cast<double>(batch.size()) * sizes[c] / static_cast<double>(n);
                CHECK(std::abs(seen[c] - share) < 2);
            }
        }
    }
    CHECK_THROWS_WITH((Stratified{std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.4}}),
                      contains("the 5 targets have 4 values: classes are wanted"));
    CHECK_THROWS_WITH((Stratified{std::vector<double>{0, std::nan("")}}),
                      contains("label 1 is nan"));
    CHECK_THROWS_WITH((Stratified{std::vector<double>{}}), contains("0 labels"));
}

TEST_CASE("rows of one group are kept apart") {
    // 300 videos of 1 to 9 frames.
    std::vector<double> videos;
    for (int v = 0; v < 300; ++v)
        for (int frame = 0; frame < 1 + v % 9; ++frame) videos.push_back(v);
    const auto n = static_cast<Index>(videos.size());
    const SpreadGroups sampler{videos, {.seed = 5}};
    auto state = sampler.start(n);
    for (const Index size : {1, 7, 32, 100}) {
        CHECK(n / size > 9);
        for (int epoch = 0; epoch < 5; ++epoch) {
            for (Index drawn = 0; drawn < n;) {
                const Batch batch = sampler.draw(state, size);
                drawn += static_cast<Index>(batch.size());
                Rows seen;
                for (const std::int32_t i : batch)
                    seen.push_back(static_cast<std::int32_t>(videos[static_cast<std::size_t>(i)]));
                std::sort(seen.begin(), seen.end());
                CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
            }
        }
    }
    // A group that is larger than the epoch has batches gives each of them its share.
    const SpreadGroups large{numbers(100, [](Index i) { return i < 35 ? 0 : i; })};
    auto large_state = large.start(100);
    for (int k = 0; k < 40; ++k) {
        const Batch batch = large.draw(large_state, 10);
        const auto seen = std::count_if(batch.begin(), batch.end(), [](auto i) { return i < 35; });
        CHECK((seen == 3 || seen == 4));
    }
}

TEST_CASE("a curriculum goes from easy to hard") {
    const std::size_t n = 200;
    const auto scores = numbers(200, [](Index i) { return i * 37 % 200; });
    const Curriculum sampler{scores, {.initial = 0.1, .epochs = 4, .power = 1, .seed = 2}};
    CHECK(sampler.pool(0) == 20);
    CHECK(sampler.pool(1) == 65);
    CHECK(sampler.pool(2) == 110);
    CHECK(sampler.pool(3) == 155);
    CHECK(sampler.pool(4) == 200);
    CHECK(sampler.pool(1000000) == 200);
    CHECK(Curriculum{scores, {.initial = 0.6, .epochs = 2, .power = 2}}.pool(1) ==
          165);  // 200 √0.68
    auto state = sampler.start(200);
    for (int epoch = 0; epoch < 6; ++epoch) {
        const auto pool = static_cast<std::size_t>(sampler.pool(epoch));
        const Rows seen = counts(take(sampler, state, 32, n), n);
        for (std::size_t i = 0; i < n; ++i) {
            const bool easy = scores[i] < static_cast<double>(pool);
            CHECK(seen[i] >= (easy ? static_cast<std::int32_t>(n / pool) : 0));
            CHECK(seen[i] <= (easy ? static_cast<std::int32_t>((n + pool - 1) / pool) : 0));
        }
    }
    CHECK_THROWS_WITH((Curriculum{scores, {.initial = 0}}), contains("initial is 0: "));
    CHECK_THROWS_WITH((Curriculum{scores, {.initial = -1e-9}}), contains("initial is -1e-09"));
    CHECK_THROWS_WITH((Curriculum{scores, {.initial = 1.5}}), contains("initial is 1.5"));
    CHECK_THROWS_WITH((Curriculum{scores, {.epochs = -1}}), contains("epochs is -1"));
    CHECK_THROWS_WITH((Curriculum{scores, {.power = 0}}), contains("power is 0"));
    CHECK_THROWS_WITH((Curriculum{std::vector<double>{1, std::nan("")}}),
                      contains("example 1 is not a number"));
}

TEST_CASE("an alias table draws with the given probabilities") {
    Random random{8};
    const auto draws_agree = [&](const std::vector<double>& shares) {
        const AliasTable table{shares};
        double sum = 0;
        for (const double share : shares) sum += share;
        Rows observed(shares.size(), 0);
        for (int k = 0; k < 200000; ++k) ++observed[static_cast<std::size_t>(table.draw(random))];
        Rows seen;
        std::vector<double> expected;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            CHECK(table.probability(static_cast<Index>(i)) == Approx(shares[i] / sum));
            if (shares[i] == 0) {
                CHECK(observed[i] == 0);
            } else {
                seen.push_back(observed[i]);
                expected.push_back(shares[i] / sum);
            }
        }
        CHECK((seen.size() == 1 || plausible(chi_square(seen, expected), seen.size())));
    };
    draws_agree({1});
    draws_agree({3, 1});
    draws_agree({0, 0, 5, 0});
    draws_agree(std::vector<double>(37, 0.1));
    draws_agree(numbers(50, [](Index i) { return i % 5 == 0 ? 0 : std::exp(i % 9); }));
    draws_agree({1e-150, 1, 1e150, 1e150});
    CHECK_THROWS_WITH(AliasTable{{}}, contains("0 probabilities"));
    CHECK_THROWS_WITH((AliasTable{{1, -1}}), contains("a probability is -1"));
    CHECK_THROWS_WITH((AliasTable{{0, 0}}), contains("sum 0"));
}

TEST_CASE("importance sampling gives the weights 1/(n p), and refuses what would be biased") {
    const std::vector<double> scores{1, 2, 5, 0};
    CHECK_THROWS_WITH(Importance{scores}, contains("example 3 is 0: it would never be seen"));
    CHECK_THROWS_WITH((Importance{std::vector<double>{1, -2}}), contains("example 1 is -2"));
    CHECK_THROWS_WITH((Importance{std::vector<double>{1e10, 1e-320}}),
                      contains("example 1 is 1e-320, too small beside the sum"));
    CHECK_NOTHROW(Importance{std::vector<double>{1e10, 1e-320}, {.uniform = 0.1}});
    CHECK_THROWS_WITH((Importance{std::vector<double>{1, std::nan("")}}), contains("is nan"));
    CHECK_THROWS_WITH((Importance{std::vector<double>{0}, {.skip_zeros = true}}),
                      contains("the sum of the 1 scores is 0"));
    CHECK_THROWS_WITH((Importance{scores, {.uniform = 1.5}}), contains("uniform is 1.5"));
    const Importance skips{scores, {.skip_zeros = true}};
    CHECK(skips.probability(3) == 0);
    auto state = skips.start(4);
    CHECK(counts(take(skips, state, 4, 4000), 4)[3] == 0);
    const Importance mixed{scores, {.uniform = 0.5, .seed = 1}};
    auto mixed_state = mixed.start(4);
    for (int k = 0; k < 100; ++k) {
        const WeightedBatch batch = mixed.draw(mixed_state, 3);
        REQUIRE(batch.weights.size() == batch.rows.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const double score = scores[static_cast<std::size_t>(batch.rows[i])];
            CHECK(batch.weights[i] == Approx(1 / (4 * (0.5 * score / 8 + 0.5 / 4))));
            CHECK(batch.weights[i] <= 2);
        }
    }
}
