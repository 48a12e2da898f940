// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/model.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/diagnostics/extreme_eigenvalues.hpp>
#include <ermine/diagnostics/spectrum_options.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/stochastic_trace.hpp>

namespace ermine {

/// The curvature within one block of parameters, as if all others were held.
struct BlockSpectrum {
    std::string name;
    Index offset = 0;
    SpectrumExtremes extremes;
    Estimate trace;
};

/// The diagonal blocks of a Hessian. Made by `block_spectra`.
struct BlockSpectra {
    std::vector<BlockSpectrum> blocks;

    /// A line a block: where eigenvalues differ by orders of magnitude, one step does not fit all.
    friend std::ostream& operator<<(std::ostream& out, const BlockSpectra& all) {
        out << "  block                  size    smallest     largest        mean\n";
        for (const BlockSpectrum& b : all.blocks) {
            const auto& e = b.extremes;
            const auto size = static_cast<double>(e.size);
            char line[160];
            std::snprintf(
                line, sizeof line, "  %-20s %6lld  %10s  %10s  %10s\n", b.name.c_str(),
                static_cast<long long>(e.size),
                in_digits(e.smallest.values[0], std::max(e.smallest.residuals[0], e.rounding))
                    .c_str(),
                in_digits(e.largest.values[0], std::max(e.largest.residuals[0], e.rounding))
                    .c_str(),
                in_digits(b.trace.value / size, b.trace.error / size).c_str());
            out << line;
        }
        return out;
    }
};

/// The extreme eigenvalues and the trace of each diagonal block of the Hessian of f at x: those of
/// f's own blocks (a network's weights and biases, layer by layer), or those that are given. Each
/// product costs one with the whole Hessian. Throws std::invalid_argument where there are no
/// blocks, or some do not lie within x.
template <class F, class V>
[[nodiscard]] BlockSpectra block_spectra(const F& f, const V& x,
                                         const std::vector<ParameterBlock>& given = {},
                                         const SpectrumOptions& options = {.count = 1},
                                         const ProbeOptions& probes = {.products = 30}) {
    const CurvatureOperator<F, V> hessian(f, x, "block_spectra");
    const BlockList list(f, x.size(), given, "block_spectra: the list of blocks");
    std::vector<ParameterBlock> names = given;
    if constexpr (requires { f.blocks(); })
        if (names.empty()) {
            const auto known = f.blocks();
            names.assign(known.begin(), known.end());
        }
    BlockSpectra result;
    Eigen::VectorXd whole = Eigen::VectorXd::Zero(x.size());
    Eigen::VectorXd image(x.size());
    for (const auto& block : list) {
        const auto part = [&](const Eigen::VectorXd& v, Eigen::VectorXd& product) {
            whole.segment(block.offset, block.size()) = v;
            hessian(whole, image);
            product = image.segment(block.offset, block.size());
            whole.segment(block.offset, block.size()).setZero();
        };
        BlockSpectrum spectrum;
        spectrum.name = std::string(names[block.number].name);
        spectrum.offset = block.offset;
        spectrum.extremes =
            extreme_eigenvalues(block.size(), part, options, hessian.accuracy(), "block_spectra");
        if (block.size() <= probes.products) {
            // as many products as entries: the sum itself
            Eigen::VectorXd unit = Eigen::VectorXd::Zero(block.size());
            Eigen::VectorXd column(block.size());
            for (Index i = 0; i < block.size(); ++i) {
                unit[i] = 1;
                part(unit, column);
                unit[i] = 0;
                spectrum.trace.value += column[i];
            }
        } else {
            spectrum.trace = hutch_plus_plus(block.size(), part, probes);
        }
        result.blocks.push_back(std::move(spectrum));
    }
    return result;
}

}  // namespace ermine
