// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/data/groups.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// Options of Stratified.
struct StratifiedOptions {
    std::uint64_t seed = 0;
};

/// Visits the examples in a new random order each epoch, in which every batch has its share of each
/// class: of b examples, class k of n_k has between b n_k / n − 2 and b n_k / n + 2. What differs
/// between classes then adds nothing to the noise of the gradient (stratified sampling with
/// proportional allocation: Cochran, "Sampling Techniques", 1977, section 5.6; for minibatches Zhao
/// & Zhang, "Accelerating minibatch stochastic gradient descent using stratified sampling", 2014).
///
/// `Stratified{data.targets(), {.seed = 7}}`. The order of the classes is one in which each prefix
/// of p has more than p n_k / n − 1 and less than p n_k / n + 1 of class k (Baruah, Cohen, Plaxton
/// & Varvel, "Proportionate progress", Algorithmica 15, 1996), turned by a random number of places
/// each epoch; the examples of a class are shuffled. So each place is uniform over all examples.
class Stratified {
public:
    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = true;

    struct State {
        Random random;
        Epoch epoch;
        std::vector<std::int32_t> members;  // scratch: rows, group by group, in random order
        std::vector<std::int32_t> next;     // scratch: of each group

        auto fields() { return std::tie(random, epoch.rows, epoch.position); }
    };

    /// From one number an example, whatever `begin` and `end` run over. Throws
    /// std::invalid_argument if more than half of the numbers differ: then they are no classes.
    template <class Targets>
    explicit Stratified(const Targets& targets, StratifiedOptions options = {})
        : seed_(options.seed), groups_(std::make_shared<const Groups>(targets)) {
        const Index n = groups_->examples();
        if (n > 1 && 2 * groups_->count() > n)
            throw std::invalid_argument("Stratified: the " + std::to_string(n) + " targets have " +
                                        std::to_string(groups_->count()) +
                                        " values: classes are wanted; put numbers into a few bins");
        pattern_ = std::make_shared<const std::vector<std::int32_t>>(even_order(*groups_));
    }

    State start(Index examples) const {
        groups_->require(examples, "Stratified");
        const auto count = static_cast<std::size_t>(groups_->count());
        return {Random{seed_}, Epoch{examples}, groups_->rows, std::vector<std::int32_t>(count)};
    }

    Batch draw(State& state, Index size) const {
        // refuses a bad size before shuffling
        if (!state.epoch.ahead(size).empty() && state.epoch.position == 0) arrange(state);
        return state.epoch.next(size);
    }

private:
    std::uint64_t seed_;
    std::shared_ptr<const Groups> groups_;
    std::shared_ptr<const std::vector<std::int32_t>> pattern_;  // the class at each place

    void arrange(State& state) const {
        const std::size_t n = pattern_->size();
        std::copy(groups_->rows.begin(), groups_->rows.end(), state.members.begin());
        for (Index k = 0; k < groups_->count(); ++k)
            shuffle(groups_->members(std::span{state.members}, k), state.random);
        std::copy_n(groups_->offsets.begin(), state.next.size(), state.next.begin());
        auto place = static_cast<std::size_t>(state.random.below(n));
        for (std::int32_t& row : state.epoch.rows) {
            auto& next = state.next[static_cast<std::size_t>((*pattern_)[place])];
            row = state.members[static_cast<std::size_t>(next++)];
            if (++place == n) place = 0;
        }
    }

    /// The j-th of a class of m may stand at the places from ⌊j n/m⌋ to ⌈(j + 1) n/m⌉ − 1; at each
    /// place stands the one whose last place comes first.
    static std::vector<std::int32_t> even_order(const Groups& groups) {
        const Index n = groups.examples();
        std::vector<Index> used(static_cast<std::size_t>(groups.count()), 0);
        std::vector<std::int32_t> order(static_cast<std::size_t>(n));
        for (Index place = 0; place < n; ++place) {
            Index chosen = -1;
            Index earliest = n + 1;
            for (Index k = 0; k < groups.count(); ++k) {
                const Index m = groups.size(k);
                const Index j = used[static_cast<std::size_t>(k)];
                if (j == m || j * n / m > place) continue;
                const Index last = ((j + 1) * n + m - 1) / m;
                if (last < earliest) {
                    earliest = last;
                    chosen = k;
                }
            }
            order[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(chosen);
            ++used[static_cast<std::size_t>(chosen)];
        }
        return order;
    }
};

static_assert(Sampler<Stratified>);

}  // namespace ermine
