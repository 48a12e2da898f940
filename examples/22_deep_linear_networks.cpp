// SPDX-License-Identifier: MIT
// Two things that can be said exactly of networks without activations, and that deep ones share.
//
// How they learn: under gradient flow, from small weights, each singular mode of the map to be
// learnt is learnt by itself, along a curve that waits at 0 and then rises at once, the strongest
// mode first (Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in
// deep linear neural networks", ICLR 2014, eq. 12). Drawn by gnuplot where it is installed:
// 22_deep_linear_networks [FILE.svg]
//
// What their landscape is like: a linear autoencoder is at a critical point where it projects on
// any of the principal subspaces of its size; that of the largest components is the minimum, all
// others are saddles (Baldi & Hornik, "Neural networks and principal component analysis", Neural
// Networks 2, 1989).
#include <ermine/concepts/layer.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/normal.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/scratch.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/observers/gnuplot.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/steps/constant.hpp>

#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

static MatrixXd orthogonal(Index n, Random& random) {
    MatrixXd m(n, n);
    for (Index k = 0; k < m.size(); ++k) m.data()[k] = random.normal();
    return Eigen::HouseholderQR<MatrixXd>(m).householderQ();
}

static constexpr Index units = 6;  // of each layer
static const auto two_layers =
    network(units, Dense{.units = units, .bias = false}, Dense{.units = units, .bias = false});

/// ½ ‖W₂ W₁ − M‖², the risk of a linear network on inputs of covariance I with targets M x: an
/// objective of one's own on the passes of a network.
struct LinearMap {
    MatrixXd map;
    Scratch<decltype(two_layers)::Memory<double>> memory;

    double value(const VectorXd& theta) const {
        VectorXd gradient(theta.size());
        return value_and_gradient(theta, gradient);
    }
    double value_and_gradient(const VectorXd& theta, VectorXd& gradient) const {
        memory->in.value.setIdentity(units, units);
        two_layers.forward(Pass{.examples = units}, theta.data(), *memory);
        memory->out->slope = memory->out->value - map;
        two_layers.backward(Pass{.examples = units}, theta.data(), gradient.data(), *memory);
        return memory->out->slope.squaredNorm() / 2;
    }
};

/// The strength of a mode s at time t that was u at time 0: eq. 12.
static double saxe(double s, double u, double t) {
    const double grown = std::exp(2 * s * t);
    return s * grown / (grown - 1 + s / u);
}

struct Curves {
    std::vector<double> times;
    std::vector<VectorXd> modes;  // at each
};

/// Gradient descent with steps of `step`, which follows the flow, to time 8.
static Curves learn(const LinearMap& f, const VectorXd& start, const MatrixXd& left,
                    const MatrixXd& right) {
    constexpr double step = 1e-3;
    Curves curves;
    const auto watch = [&](const auto& progress) {
        if (progress.iteration() % 50 != 0) return;
        const double* theta = progress.point().data();
        const Eigen::Map<const RowMajor> first(theta, units, units);
        const Eigen::Map<const RowMajor> second(theta + units * units, units, units);
        curves.times.push_back(step * static_cast<double>(progress.iteration()));
        curves.modes.push_back((left.transpose() * second * first * right).diagonal());
    };
    (void)minimize(f, start, FullGradient{} | Constant{step}, MaxIterations{8000}, watch);
    return curves;
}

static void draw(const std::string& path, const VectorXd& strengths, double beginning,
                 const Curves& exact, const Curves& random) {
    std::ostringstream out;
    for (const auto& [name, curves] : {std::pair{"exact", &exact}, std::pair{"random", &random}}) {
        out << '$' << name << " << END\n";
        for (std::size_t k = 0; k < curves->times.size(); k += 3)
            out << curves->times[k] << ' ' << curves->modes[k].transpose() << '\n';
        out << "END\n";
    }
    out << "set xlabel 'time (steps times their length)'; set ylabel 'strength of the mode'\n"
        << "set xrange [0:8]; set key bottom right; set samples 400\n"
        << "saxe(s, u, t) = s*exp(2*s*t)/(exp(2*s*t) - 1 + s/u)\nplot ";
    for (Index mode = 0; mode < units; ++mode)
        out << (mode > 0 ? ", " : "") << "saxe(" << strengths[mode] << ',' << beginning
            << ", x) with lines lw 2 lc rgb '#0072b2' " << (mode > 0 ? "notitle" : "title 'theory'")
            << ", $exact using 1:" << mode + 2 << " with points pt 7 ps 0.4 lc rgb '#000000' "
            << (mode > 0 ? "notitle" : "title 'measured, modes apart at the start'")
            << ", $random using 1:" << mode + 2 << " with lines lw 1 dt 2 lc rgb '#d55e00' "
            << (mode > 0 ? "notitle" : "title 'measured, from small random weights'");
    out << '\n';
    const std::string failure = gnuplot({.path = path, .width = 900, .height = 480}, out.str());
    std::cout << (failure.empty() ? "Picture: " + path : "No picture: " + failure) << '\n';
}

/// Whether modes are learnt as Saxe's formula says.
static bool learning_curves(const std::string& picture) {
    Random random(1);
    const MatrixXd left = orthogonal(units, random);
    const MatrixXd right = orthogonal(units, random);
    const MatrixXd hidden = orthogonal(units, random);
    VectorXd strengths(units);
    strengths << 5, 3.5, 2.5, 1.8, 1.3, 0.9;
    const LinearMap f{left * strengths.asDiagonal() * right.transpose(), {}};

    // W₁ = √u R Vᵀ and W₂ = √u U Rᵀ: modes apart from the start, both layers alike
    constexpr double beginning = 1e-3;
    VectorXd start(2 * units * units);
    Eigen::Map<RowMajor>(start.data(), units, units) =
        std::sqrt(beginning) * hidden * right.transpose();
    Eigen::Map<RowMajor>(start.data() + units * units, units, units) =
        std::sqrt(beginning) * left * hidden.transpose();
    const Curves exact = learn(f, start, left, right);
    const VectorXd small = initialize(two_layers, Normal{.deviation = 0.01}, 3);
    const Curves from_random = learn(f, small, left, right);
    draw(picture, strengths, beginning, exact, from_random);

    double worst = 0;
    for (std::size_t k = 0; k < exact.times.size(); ++k)
        for (Index mode = 0; mode < units; ++mode)
            worst = std::max(worst, std::abs(exact.modes[k][mode] -
                                             saxe(strengths[mode], beginning, exact.times[k])) /
                                        strengths[mode]);
    std::cout << "Largest distance from theory, of a mode's strength: " << worst << '\n';

    // half is learnt at t = log(s/u − 1) / 2s; from random weights, too, the strong come first
    std::cout << "strength   half learnt at: theory   measured   from random weights\n"
              << std::fixed << std::setprecision(3);
    bool in_order = true;
    double before = 0;
    for (Index mode = 0; mode < units; ++mode) {
        const double s = strengths[mode];
        const auto half = [&](const Curves& curves) {
            for (std::size_t k = 0; k < curves.times.size(); ++k)
                if (curves.modes[k][mode] >= s / 2) return curves.times[k];
            return 1e9;
        };
        in_order = in_order && half(from_random) > before && half(from_random) < 8;
        before = half(from_random);
        std::cout << std::setw(8) << s << std::setw(25) << std::log(s / beginning - 1) / (2 * s)
                  << std::setw(11) << half(exact) << std::setw(22) << before << '\n';
    }
    std::cout << std::defaultfloat << std::setprecision(6);
    return worst < 0.02 && in_order;
}

/// Whether the linear autoencoder's critical points are as Baldi & Hornik say.
static bool landscape() {
    constexpr Index features = 5;
    constexpr Index code = 2;
    Random random(2);
    VectorXd variances(features);
    variances << 4, 2.5, 1.5, 0.8, 0.3;
    const MatrixXd axes = orthogonal(features, random);
    // as many examples as features, along the axes: their covariance is exact
    const RowMajor examples = (axes * (variances * features).cwiseSqrt().asDiagonal()).transpose();
    const EmpiricalRisk risk{network(features, Dense{.units = code, .bias = false},
                                     Dense{.units = features, .bias = false}),
                             reconstruction(SquaredLoss{}),
                             Dataset{examples, VectorXd::Zero(features)}};
    std::cout << "\ncomponents   loss    theory   slope     curvatures < 0, theory\n";
    bool as_they_say = true;
    int minima = 0;
    for (Index i = 0; i < features; ++i) {
        for (Index j = i + 1; j < features; ++j) {
            MatrixXd subspace(features, code);
            subspace << axes.col(i), axes.col(j);
            MatrixXd change(code, code);  // any invertible one
            change << 1.2, 0.3, -0.4, 0.9;
            VectorXd theta(risk.parameters());
            Eigen::Map<RowMajor>(theta.data(), code, features) =
                change.inverse() * subspace.transpose();
            Eigen::Map<RowMajor>(theta.data() + code * features, features, code) =
                subspace * change;

            VectorXd gradient;
            const double loss = risk.value_and_gradient(theta, gradient);
            const double expected = (variances.sum() - variances[i] - variances[j]) / 2;
            MatrixXd hessian(theta.size(), theta.size());
            VectorXd column;
            for (Index k = 0; k < theta.size(); ++k) {
                risk.hessian_product(theta, VectorXd::Unit(theta.size(), k).eval(), column);
                hessian.col(k) = column;
            }
            const VectorXd curvatures = dense_eigen(hessian, false).values;
            const Index down = (curvatures.array() < -1e-9).count();
            const Index flat = (curvatures.array().abs() < 1e-9).count();
            // each way to exchange one of the components for a larger one that is left out
            Index exchanges = 0;
            for (const Index in : {i, j})
                for (Index out = 0; out < in; ++out) exchanges += out == i ? 0 : 1;
            std::cout << "   " << i + 1 << ", " << j + 1 << std::setw(12) << loss << std::setw(9)
                      << expected << "   " << std::setw(8) << gradient.norm() << std::setw(12)
                      << down << std::setw(10) << exchanges << '\n';
            as_they_say = as_they_say && gradient.norm() < 1e-12 &&
                          std::abs(loss - expected) < 1e-12 && down == exchanges &&
                          flat == code * code;
            minima += down == 0 ? 1 : 0;
        }
    }
    const auto found =
        minimize(risk, initialize(risk, Normal{.deviation = 0.1}, 5), lbfgs(), GradientNorm{1e-9});
    const double least = variances.tail(features - code).sum() / 2;
    std::cout << "From random weights L-BFGS finds " << found.value << ", the least is " << least
              << ".\n";
    return as_they_say && minima == 1 && std::abs(found.value - least) < 1e-9;
}

int main(int argc, char** argv) {
    const bool curves = learning_curves(argc > 1 ? argv[1] : "deep_linear_networks.svg");
    const bool critical_points = landscape();
    return curves && critical_points ? 0 : 1;
}
