// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/data/groups.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// Options of ClassBalanced.
struct ClassBalancedOptions {
    std::uint64_t seed = 0;
};

/// Draws a class uniformly, then one of its examples uniformly, each draw independently:
/// `ClassBalanced{data.targets(), {.seed = 7}}`. Rare classes are seen as often as frequent ones.
///
/// It is biased: the mean over its batches estimates the mean over the classes of their means,
/// which is the risk of `balanced(data)`, and not that of the data. To see rare classes more often
/// and still estimate the risk of the data, give `Importance` the score 1/n_k.
class ClassBalanced {
public:
    static constexpr bool each_once_an_epoch = false;
    static constexpr bool independent = true;
    static constexpr bool unbiased = false;

    struct State {
        Random random;
        Epoch epoch;  // its rows are scratch

        auto fields() { return std::tie(random, epoch.position); }
    };

    /// From one number an example, whatever `begin` and `end` run over.
    template <class Targets>
    explicit ClassBalanced(const Targets& targets, ClassBalancedOptions options = {})
        : seed_(options.seed), groups_(std::make_shared<const Groups>(targets)) {}

    State start(Index examples) const {
        groups_->require(examples, "ClassBalanced");
        return {Random{seed_}, Epoch{examples}};
    }

    Batch draw(State& state, Index size) const {
        const auto classes = static_cast<std::uint64_t>(groups_->count());
        for (std::int32_t& row : state.epoch.ahead(size)) {
            const Batch members = groups_->members(static_cast<Index>(state.random.below(classes)));
            row = members[static_cast<std::size_t>(state.random.below(members.size()))];
        }
        return state.epoch.next(size);
    }

private:
    std::uint64_t seed_;
    std::shared_ptr<const Groups> groups_;
};

static_assert(Sampler<ClassBalanced>);

}  // namespace ermine
