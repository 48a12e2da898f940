// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/minimize.hpp>

namespace ermine {

/// Options of `basins`.
struct BasinOptions {
    std::int64_t starts = 50;
    double spread = 1;   ///< deviation of the starts about x0, in each variable
    double same = 1e-3;  ///< ends nearer than this times max(1, ‖x‖∞) are one
    std::uint64_t seed = 1;
};

/// Where descent from random starts ends. Made by `basins`.
struct Basins {
    /// An end, and how many of the starts lead there.
    struct Basin {
        Eigen::VectorXd x;
        double value;
        std::int64_t runs;
    };

    std::vector<Basin> basins;  ///< the lowest first
    std::int64_t starts = 0;
    std::int64_t failed = 0;  ///< runs that did not converge

    /// The share of starts that lead to the k-th basin.
    [[nodiscard]] double share(std::size_t k) const {
        return static_cast<double>(basins[k].runs) / static_cast<double>(starts);
    }

    /// What share of the starts, about, leads to basins that were not seen: those seen once, over
    /// all (Good, "The population frequencies of species and the estimation of population
    /// parameters", Biometrika 40, 1953).
    [[nodiscard]] double unseen() const {
        const auto once =
            std::count_if(basins.begin(), basins.end(), [](const Basin& b) { return b.runs == 1; });
        return static_cast<double>(once) / static_cast<double>(std::max<std::int64_t>(starts, 1));
    }

    friend std::ostream& operator<<(std::ostream& out, const Basins& all) {
        char line[160];
        std::snprintf(line, sizeof line,
                      "%zu basins from %lld starts (%lld runs did not converge); about %.1g of all "
                      "starts lead to others\n       value   share of starts\n",
                      all.basins.size(), static_cast<long long>(all.starts),
                      static_cast<long long>(all.failed), all.unseen());
        out << line;
        for (std::size_t k = 0; k < std::min<std::size_t>(all.basins.size(), 20); ++k) {
            const double p = all.share(k);
            std::snprintf(line, sizeof line, "  %10.5g   %.2f ± %.2f\n", all.basins[k].value, p,
                          2 * std::sqrt(p * (1 - p) / static_cast<double>(all.starts)));
            out << line;
        }
        return out;
    }
};

/// The basins of attraction that `method` sees about x0: it is run from normal starts until `rule`
/// ends it, and ends that are the same are counted together. The share of a basin is its size under
/// the distribution of the starts, and for this method: another one divides them otherwise. Runs
/// that do not converge are counted apart.
/// Throws std::invalid_argument for options out of range, and as `minimize` does.
template <class F, Vector V, class Method, class Rule>
[[nodiscard]] Basins basins(const F& f, const V& x0, const Method& method, const Rule& rule,
                            const BasinOptions& options = {}) {
    require_count(options.starts, "BasinOptions.starts");
    require_positive(options.spread, "BasinOptions.spread");
    require_positive(options.same, "BasinOptions.same");
    Basins result;
    result.starts = options.starts;
    Random random{options.seed};
    for (std::int64_t run = 0; run < options.starts; ++run) {
        V start = x0;
        for (Index i = 0; i < start.size(); ++i)
            start[i] += static_cast<typename V::Scalar>(options.spread * random.normal());
        const auto end = minimize(f, start, method, rule);
        if (!end.converged()) {
            ++result.failed;
            continue;
        }
        const Eigen::VectorXd x = end.x.template cast<double>();
        const auto known =
            std::find_if(result.basins.begin(), result.basins.end(), [&](const Basins::Basin& b) {
                return (b.x - x).template lpNorm<Eigen::Infinity>() <=
                       options.same * std::max(1.0, x.template lpNorm<Eigen::Infinity>());
            });
        if (known == result.basins.end())
            result.basins.push_back({x, end.value, 1});
        else
            ++known->runs;
    }
    std::sort(result.basins.begin(), result.basins.end(),
              [](const Basins::Basin& a, const Basins::Basin& b) { return a.value < b.value; });
    return result;
}

}  // namespace ermine
