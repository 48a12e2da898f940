// SPDX-License-Identifier: MIT
// The laws of random numbers and samplers. Golden values: the streams are the same with every
// compiler and flag, so results can be compared between machines.
#include <Eigen/Core>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Rows = std::vector<std::int32_t>;

namespace {

// The rows of the next batches, `draws` of them in all.
template <Sampler S>
Rows take(const S& sampler, typename S::State& state, Index size, std::size_t draws) {
    Rows rows;
    while (rows.size() < draws) {
        const Batch batch = sampler.draw(state, size);
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
                   WithReplacement, Sequential) {
    const TestType sampler{};
    for (const Index n : {1, 2, 10, 97}) {
        for (const Index size : {1, 3, 10, 97}) {
            if (size > n) continue;
            INFO(n << " examples in batches of " << size);
            auto state = sampler.start(n);
            for (int epoch = 0; epoch < 3; ++epoch) {
                Index drawn = 0;
                Rows rows;
                while (drawn < n) {
                    const Batch batch = sampler.draw(state, size);
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
                   ShuffledOnce, WithReplacement, Sequential) {
    const TestType sampler{};
    auto state = sampler.start(23);
    for (int i = 0; i < 9; ++i) sampler.draw(state, 5);
    auto copy = state;
    auto loaded = restored(sampler.start(23), state);
    for (int i = 0; i < 20; ++i) {
        const Batch batch = sampler.draw(state, 5);
        const Rows here(batch.begin(), batch.end());
        const Batch other = sampler.draw(copy, 5);
        CHECK(here == Rows(other.begin(), other.end()));
        const Batch third = sampler.draw(loaded, 5);
        CHECK(here == Rows(third.begin(), third.end()));
    }
}

TEMPLATE_TEST_CASE("a sampler refuses the impossible and stays as it was", "", ShuffledEachEpoch,
                   ShuffledOnce, WithReplacement, Sequential) {
    const TestType sampler{};
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
    auto sequential_state = Sequential{}.start(10);
    CHECK(take(Sequential{}, sequential_state, 4, 20) ==
          Rows{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEMPLATE_TEST_CASE("each place of an epoch is uniform over the examples", "", ShuffledEachEpoch,
                   WithReplacement) {
    const std::size_t n = 20;
    const TestType sampler{.seed = 12};
    auto state = sampler.start(20);
    std::vector<Rows> at_place(n, Rows(n, 0));
    for (int epoch = 0; epoch < 4000; ++epoch) {
        const Rows rows = take(sampler, state, 20, n);
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

TEST_CASE("drawing allocates nothing: batches lie in the state") {
    const ShuffledEachEpoch sampler{.seed = 1};
    auto state = sampler.start(100);
    const std::int32_t* const memory = state.epoch.rows.data();
    for (int i = 0; i < 100; ++i) {
        const Batch batch = sampler.draw(state, 7);
        CHECK(batch.data() >= memory);
        CHECK(batch.data() + batch.size() <= memory + 100);
    }
    CHECK(state.epoch.rows.data() == memory);
}
