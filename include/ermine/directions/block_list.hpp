// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ermine {

/// The blocks of the parameter vector that a part works on, in the order of their offsets. Made of
/// what a part's option `blocks` lists, where each ParameterBlock either tells its place, or is
/// only a name, `{"intercept"}`: that of one or more of the objective's own `f.blocks()`. An empty
/// list stands for all of these. Numbers that are in no block are left to the part's documentation.
class BlockList {
public:
    /// A matrix of `rows` × `columns` numbers, row by row; `number` is its place in the list given.
    struct Block {
        Index offset;
        Index rows;
        Index columns;
        std::size_t number;
        [[nodiscard]] Index size() const { return rows * columns; }
    };

    /// For `parameters` numbers. Throws std::invalid_argument, naming the option, for an empty list
    /// where f has no `blocks()`, a name that f does not know, and blocks that do not lie within
    /// the vector, or overlap.
    template <class F>
    BlockList(const F& f, Index parameters, const std::vector<ParameterBlock>& given,
              const char* option)
        : BlockList(of(f), parameters, given, option) {}

    [[nodiscard]] auto begin() const { return blocks_.begin(); }
    [[nodiscard]] auto end() const { return blocks_.end(); }

    /// Calls body(block, offset, size) for each block that shares numbers, `size` of them from
    /// `offset` on, with a stretch of the vector.
    void each_within(const auto& stretch, auto&& body) const {
        const Index stop = stretch.offset + stretch.size;
        auto block = std::partition_point(
            begin(), end(), [&](const Block& b) { return b.offset + b.size() <= stretch.offset; });
        for (; block != end() && block->offset < stop; ++block) {
            const Index first = std::max(block->offset, stretch.offset);
            body(*block, first, std::min(block->offset + block->size(), stop) - first);
        }
    }

private:
    BlockList(const std::vector<ParameterBlock>& known, Index parameters,
              const std::vector<ParameterBlock>& given, const char* option) {
        if (given.empty() && known.empty())
            throw std::invalid_argument(
                std::string(option) +
                " is empty, and the objective has no blocks(): list them, as {.name = \"weights\", "
                ".offset = 0, .rows = 20, .columns = 3}");
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (given[i].rows != 0)
                add(given[i], i, parameters, option);
            else
                look_up(given[i], known, i, parameters, option);
        }
        if (given.empty())
            for (std::size_t i = 0; i < known.size(); ++i) add(known[i], i, parameters, option);
        std::sort(blocks_.begin(), blocks_.end(),
                  [](const Block& a, const Block& b) { return a.offset < b.offset; });
        for (std::size_t i = 1; i < blocks_.size(); ++i)
            if (blocks_[i].offset < blocks_[i - 1].offset + blocks_[i - 1].size())
                throw std::invalid_argument(std::string(option) + " holds two blocks with number " +
                                            std::to_string(blocks_[i].offset) + " in both");
    }

    /// What the objective says of its blocks.
    template <class F>
    static std::vector<ParameterBlock> of(const F& f) {
        if constexpr (requires { f.blocks(); }) {
            const auto blocks = f.blocks();
            return {blocks.begin(), blocks.end()};
        } else {
            return {};
        }
    }

    void look_up(const ParameterBlock& named, const std::vector<ParameterBlock>& known,
                 std::size_t number, Index parameters, const char* option) {
        bool found = false;
        std::string names;
        for (const ParameterBlock& block : known) {
            names += (names.empty() ? "" : ", ") + std::string(block.name);
            if (block.name != named.name) continue;
            add(block, number, parameters, option);
            found = true;
        }
        if (!found)
            throw std::invalid_argument(
                std::string(option) + " names \"" + std::string(named.name) + "\", " +
                (known.empty() ? "and the objective has no blocks(): give offset, rows and columns"
                               : "the blocks of the objective are: " + names));
    }

    void add(const ParameterBlock& block, std::size_t number, Index parameters,
             const char* option) {
        const Index offset = block.offset;
        const Index rows = block.rows;
        const Index columns = block.columns;
        const bool inside = offset >= 0 && offset <= parameters && rows >= 0 && columns >= 0 &&
                            (columns == 0 || rows <= (parameters - offset) / columns);
        if (!inside)
            throw std::invalid_argument(
                std::string(option) + " holds \"" + std::string(block.name) + "\", " +
                std::to_string(rows) + " x " + std::to_string(columns) + " numbers from " +
                std::to_string(offset) + " on: there are " + std::to_string(parameters));
        if (rows > 0 && columns > 0) blocks_.push_back({offset, rows, columns, number});
    }

    std::vector<Block> blocks_;
};

}  // namespace ermine
