// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/observers/gnuplot.hpp>

namespace ermine {

/// How far a slice reaches, in units of its direction, and how finely.
struct SliceOptions {
    double from = -1;
    double to = 1;
    Index points = 41;  ///< in each dimension

    /// Throws std::invalid_argument for less than two points, and for an empty reach.
    void check() const {
        if (points < 2)
            refuse("SliceOptions.points", std::int64_t{points}, "it must be at least 2");
        if (!(to > from) || !std::isfinite(from) || !std::isfinite(to))
            refuse("SliceOptions.to", to, "it must be finite, and above SliceOptions.from");
    }
};

/// A function along a line: f(x + t d).
struct Slice {
    Eigen::ArrayXd t;
    Eigen::ArrayXd values;  ///< NaN or infinite where f is

    /// Where it is lowest; NaN where it is nowhere finite.
    [[nodiscard]] double lowest() const {
        double best = std::numeric_limits<double>::infinity();
        double at = std::numeric_limits<double>::quiet_NaN();
        for (Index k = 0; k < t.size(); ++k)
            if (values[k] < best) {
                best = values[k];
                at = t[k];
            }
        return at;
    }

    /// Local minima inside of the line: how often the values stop falling and begin to rise.
    [[nodiscard]] Index minima() const {
        Index count = 0;
        bool falls = false;
        for (Index k = 1; k < t.size(); ++k) {
            if (values[k] < values[k - 1]) falls = true;
            if (values[k] > values[k - 1]) {
                count += falls ? 1 : 0;
                falls = false;
            }
        }
        return count;
    }

    /// Lines of "t value", for gnuplot and others.
    friend std::ostream& operator<<(std::ostream& out, const Slice& s) {
        for (Index k = 0; k < s.t.size(); ++k) out << s.t[k] << ' ' << s.values[k] << '\n';
        return out;
    }
};

/// A function on a plane: values(i, j) is f(x + s_i d + t_j e).
struct PlaneSlice {
    Eigen::ArrayXd s;
    Eigen::ArrayXd t;
    Eigen::ArrayXXd values;

    /// Lines of "s t value" with an empty line between rows, for gnuplot's splot.
    friend std::ostream& operator<<(std::ostream& out, const PlaneSlice& p) {
        for (Index i = 0; i < p.s.size(); ++i) {
            for (Index j = 0; j < p.t.size(); ++j)
                out << p.s[i] << ' ' << p.t[j] << ' ' << p.values(i, j) << '\n';
            out << '\n';
        }
        return out;
    }
};

/// The values of f along the line x + t d. Throws std::invalid_argument for a direction of another
/// size, and for options out of range.
template <class F, Vector V>
[[nodiscard]] Slice slice(const F& f, const V& x, const V& direction,
                          const SliceOptions& options = {}) {
    options.check();
    require_same_size(x.size(), "numbers in x", direction.size(), "numbers in the direction");
    Slice result{Eigen::ArrayXd::LinSpaced(options.points, options.from, options.to),
                 Eigen::ArrayXd(options.points)};
    for (Index k = 0; k < options.points; ++k) {
        const V point = x + static_cast<typename V::Scalar>(result.t[k]) * direction;
        result.values[k] = static_cast<double>(f.value(point));
    }
    return result;
}

/// The values of f on the plane x + s d + t e, points² of them.
template <class F, Vector V>
[[nodiscard]] PlaneSlice plane_slice(const F& f, const V& x, const V& first, const V& second,
                                     const SliceOptions& options = {}) {
    options.check();
    require_same_size(x.size(), "numbers in x", first.size(), "numbers in the first direction");
    require_same_size(x.size(), "numbers in x", second.size(), "numbers in the second direction");
    const Eigen::ArrayXd grid = Eigen::ArrayXd::LinSpaced(options.points, options.from, options.to);
    PlaneSlice result{grid, grid, Eigen::ArrayXXd(options.points, options.points)};
    using Scalar = typename V::Scalar;
    for (Index i = 0; i < options.points; ++i)
        for (Index j = 0; j < options.points; ++j) {
            const V point =
                x + static_cast<Scalar>(grid[i]) * first + static_cast<Scalar>(grid[j]) * second;
            result.values(i, j) = static_cast<double>(f.value(point));
        }
    return result;
}

/// Draws a slice to a file that ends in .svg or .png, by gnuplot. Returns an empty text if it was
/// drawn, and otherwise a sentence that says why not.
inline std::string draw(const Slice& slice, const Picture& picture) {
    std::string commands = "$slice << END\n";
    char line[80];
    for (Index k = 0; k < slice.t.size(); ++k) {
        std::snprintf(line, sizeof line, "%.9g %.9g\n", slice.t[k], slice.values[k]);
        commands += std::isfinite(slice.values[k]) ? line : "\n";
    }
    return gnuplot(picture, commands +
                                "END\nset grid; set xlabel 't'; set ylabel 'value'; unset key\n"
                                "plot $slice with lines lw 2 lc rgb '#0072b2'\n");
}

/// Draws a plane, its values as colours, in logarithms where they span a factor of a hundred.
inline std::string draw(const PlaneSlice& plane, const Picture& picture) {
    std::string commands = "$plane << END\n";
    char line[120];
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (Index i = 0; i < plane.s.size(); ++i) {
        for (Index j = 0; j < plane.t.size(); ++j) {
            const double value = plane.values(i, j);
            const bool finite = std::isfinite(value);
            if (finite) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
            std::snprintf(line, sizeof line, "%.9g %.9g %.9g\n", plane.s[i], plane.t[j],
                          finite ? value : std::numeric_limits<double>::quiet_NaN());
            commands += line;
        }
        commands += '\n';
    }
    commands += "END\nset view map; unset key; set xlabel 's'; set ylabel 't'\n";
    if (least > 0 && most > 100 * least) commands += "set logscale cb\n";
    return gnuplot(picture, commands + "splot $plane with pm3d\n");
}

}  // namespace ermine
