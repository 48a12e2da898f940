// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/concepts/model.hpp>

namespace ermine {

/// What `describe` tells of a model: its blocks of parameters, to look through or to print.
struct ModelDescription {
    struct Block {
        std::string name;
        Index rows = 0;
        Index columns = 0;
        Index offset = 0;
        bool penalized = false;

        [[nodiscard]] Index count() const { return rows * columns; }
    };

    std::vector<Block> blocks;
    Index parameters = 0;
    std::size_t bytes_each = sizeof(double);

    /// Of a parameter vector, and of each gradient or average that a method keeps beside it.
    [[nodiscard]] std::size_t bytes() const {
        return static_cast<std::size_t>(parameters) * bytes_each;
    }

    friend std::ostream& operator<<(std::ostream& out, const ModelDescription& d) {
        std::size_t width = 5;
        for (const Block& block : d.blocks) width = std::max(width, block.name.size());
        std::ostringstream text;  // whatever the flags of `out`
        const auto line = [&](const std::string& name, const std::string& shape, Index count,
                              const char* note) {
            const auto kilobytes =
                static_cast<double>(static_cast<std::size_t>(count) * d.bytes_each) / 1024;
            text << std::left << std::setw(static_cast<int>(width)) << name << std::right
                 << std::setw(14) << shape << std::setw(12) << count << std::setw(12) << std::fixed
                 << std::setprecision(1) << kilobytes << " KiB" << note << "\n";
        };
        for (const Block& block : d.blocks)
            line(block.name, std::to_string(block.rows) + " x " + std::to_string(block.columns),
                 block.count(), block.penalized ? "  penalized" : "");
        line("total", "", d.parameters, "");
        return out << text.str();
    }
};

/// The blocks of parameters of a model with names, shapes, counts and the memory they take as
/// numbers of type T: `std::cout << describe(model)`.
template <class T = double, Model M>
[[nodiscard]] ModelDescription describe(const M& model) {
    ModelDescription description{
        .blocks = {}, .parameters = model.parameters(), .bytes_each = sizeof(T)};
    for (const ParameterBlock& block : model.blocks())
        if (block.rows * block.columns > 0)
            description.blocks.push_back({std::string(block.name), block.rows, block.columns,
                                          block.offset, block.offset < model.penalized()});
    return description;
}

}  // namespace ermine
