// SPDX-License-Identifier: MIT
// Which way do the methods take? Gradient descent, momentum, conjugate gradients, BFGS, Newton and
// saddle-free Newton in Rosenbrock's curved valley and near a saddle, drawn by gnuplot where it is
// installed: 09_paths_of_methods [FILE.svg]
#include <ermine/ermine.hpp>
#include <ermine/observers/gnuplot.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace ermine;
using Eigen::Vector2d;

/// (x² − 1)²/4 + y²/2: minima at (±1, 0), and between them a saddle at the origin.
struct TwoBasins {
    double value(const Vector2d& x) const {
        const double a = x[0] * x[0] - 1;
        return a * a / 4 + x[1] * x[1] / 2;
    }
    double value_and_gradient(const Vector2d& x, Vector2d& g) const {
        g << x[0] * (x[0] * x[0] - 1), x[1];
        return value(x);
    }
    void hessian(const Vector2d& x, Eigen::Matrix2d& H) const { H << 3 * x[0] * x[0] - 1, 0, 0, 1; }
};

struct Path {
    std::string method;
    std::vector<Vector2d> points;
    Result<Vector2d> result;
};

Path walk(std::string title, const auto& f, const Vector2d& start, const auto& method) {
    Path path{std::move(title), {}, {}};
    // Thousands of short steps look like one line: points closer than a dot's size are left out.
    const auto draw = [&](const auto& p) {
        if (path.points.empty() || (p.point() - path.points.back()).norm() > 4e-3)
            path.points.push_back(p.point());
    };
    path.result =
        minimize(f, start, method, first_of(GradientNorm{1e-6}, MaxIterations{100000}), draw);
    std::cout << "  " << path.method << ": " << path.result.iterations << " steps to ("
              << path.result.x.transpose() << "), " << name(path.result.status) << '\n';
    return path;
}

std::vector<Path> walk_all(const auto& f, const Vector2d& start, double step) {
    const Momentum heavy_ball{.decay = 0.9};
    return {
        walk("gradient descent", f, start, gradient_descent(step)),
        walk("momentum", f, start, FullGradient{} | heavy_ball | Constant{step / 2}),
        walk("conjugate gradients", f, start, conjugate_gradient()),
        walk("BFGS", f, start, bfgs()),
        walk("Newton", f, start,
             FullGradient{} | Newton{.indefinite = Indefinite::keep} | Constant{1}),
        walk("saddle-free Newton", f, start, saddle_free_newton()),
    };
}

/// The commands for one panel: contours of f, and over them the paths, kept in $blocks. The first
/// panel has the legend.
void panel(std::ostream& out, int number, const std::string& title, const std::string& formula,
           const std::string& ranges, const std::vector<Path>& paths) {
    const std::string data = "$paths" + std::to_string(number);
    out << data << " << END\n";
    for (const Path& path : paths) {
        for (const Vector2d& x : path.points) out << x[0] << ' ' << x[1] << '\n';
        out << "\n\n";
    }
    out << "END\nf(x, y) = " << formula << '\n'
        << ranges << "\nset contour base; unset surface; set isosamples 80; set samples 80\n"
        << "set cntrparam levels auto 14; set table $level" << number
        << "; splot log(1e-2 + f(x, y)); unset table; unset contour; set surface\n"
        << (number == 1 ? "set key top center opaque" : "unset key") << "; set title '" << title
        << "'\nplot $level" << number << " using 1:2 with lines lc rgb '#cccccc' notitle";
    const std::vector<std::string> colours{"#000000", "#e69f00", "#009e73",
                                           "#0072b2", "#d55e00", "#cc79a7"};
    for (std::size_t i = 0; i < paths.size(); ++i)
        out << ", " << data << " index " << i << " with linespoints lw 1.5 pt 7 ps 0.3 lc rgb '"
            << colours[i % colours.size()] << "' title '" << paths[i].method << "'";
    out << '\n';
}

int main(int argc, char** argv) {
    std::cout << "Rosenbrock's valley, from (-1.2, 1):\n";
    const auto valley = walk_all(Rosenbrock{}, Vector2d(-1.2, 1), 1e-3);
    std::cout << "Two minima and a saddle, from (0.3, 1):\n";
    const auto saddle = walk_all(TwoBasins{}, Vector2d(0.3, 1), 0.1);

    const std::string picture = argc > 1 ? argv[1] : "paths_of_methods.svg";
    std::ostringstream out;
    out << "set multiplot layout 1,2\n";
    panel(out, 1, "Rosenbrock''s valley, minimum at (1, 1)", "100*(y - x**2)**2 + (1 - x)**2",
          "set xrange [-1.6:1.4]; set yrange [-0.6:1.6]", valley);
    out << "set label 'saddle' at 0,-0.06 center\n";
    panel(out, 2, "minimum at (1, 0), saddle at (0, 0)", "(x**2 - 1)**2/4 + y**2/2",
          "set xrange [-0.3:1.4]; set yrange [-0.6:1.2]", saddle);
    const std::string failure = gnuplot({.path = picture, .width = 1100, .height = 520}, out.str());
    std::cout << (failure.empty() ? "Picture: " + picture : "No picture: " + failure) << '\n';

    // All reach Rosenbrock's minimum. From near the saddle, Newton alone runs into it.
    bool as_theory_says = true;
    for (const Path& path : valley)
        as_theory_says = as_theory_says && path.result.converged() &&
                         (path.result.x - Vector2d(1, 1)).norm() < 1e-2;
    for (const Path& path : saddle) {
        const bool to_minimum = (path.result.x - Vector2d(1, 0)).norm() < 1e-3;
        const bool to_saddle = path.result.x.norm() < 1e-3;
        as_theory_says =
            as_theory_says && path.result.converged() &&
            (path.method == "Newton" ? to_saddle && path.result.notes.negative_eigenvalues == 1
                                     : to_minimum);
    }
    return as_theory_says ? 0 : 1;
}
