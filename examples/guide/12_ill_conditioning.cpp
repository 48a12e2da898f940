// SPDX-License-Identifier: MIT
// docs/guide/12_ill_conditioning.md
#include <ermine/ermine.hpp>

#include <iostream>
#include <numbers>

using namespace ermine;

int main(int count, char** words) {
    // iterations to a millionth of the distance, for curvatures from 1 to κ
    std::vector<double> kappas, descent, heavy, conjugate, newtons;
    for (const double kappa : {10., 30., 100., 300., 1000.}) {
        const Eigen::VectorXd angles = Eigen::VectorXd::LinSpaced(256, 0, std::numbers::pi);
        const Eigen::VectorXd curvatures = (1 + kappa) / 2 - (kappa - 1) / 2 * angles.array().cos();
        const SpectrumQuadratic f(curvatures);
        const auto iterations = [&](const auto& method) {
            const auto near = [&](const auto& run) {
                return (run.point() - f.minimum()).norm() <= 1e-6 * f.minimum().norm();
            };
            return static_cast<double>(minimize(f, f.start(), method, near).iterations);
        };
        kappas.push_back(kappa);
        const double s = 1 + std::sqrt(kappa), rate = 1 - 2 / s;
        descent.push_back(iterations(gradient_descent(2 / (1 + kappa))));
        heavy.push_back(iterations(FullGradient{} | Momentum{rate * rate} | Constant{4 / (s * s)}));
        conjugate.push_back(iterations(FullGradient{} | ConjugateGradient{} | Exact{}));
        newtons.push_back(iterations(newton()));
    }
    Chart chart{.title = "Iterations to a millionth of the distance",
                .x_label = "condition number",
                .log_x = true,
                .log_y = true};
    const auto power = [&](const char* name, const std::vector<double>& iterations, double theory) {
        chart.series.push_back({name, kappas, iterations});
        const Estimate slope = fit_power_law(kappas, iterations).slope;
        std::cout << name << ": kappa to the power " << slope << '\n';
        return std::abs(slope.value - theory) < 0.05 && slope.error < 0.05;
    };
    const bool holds = power("gradient descent", descent, 1) && power("momentum", heavy, 0.5) &&
                       power("conjugate gradients", conjugate, 0.5) && power("Newton", newtons, 0);
    if (count > 1) std::cout << draw(chart, {.path = words[1]});

    // a network, in the first half of a run and in the second
    const auto data = spirals({.examples = 100, .classes = 3, .turns = 1, .noise = 0.05});
    const EmpiricalRisk risk{network(2, dense(16), tanh(), dense(16), tanh(), dense(3)),
                             SoftmaxCrossEntropy{}, data};
    CurvatureMonitor monitor(risk, {.every = 30, .sharpness_products = 0});
    (void)minimize(risk, initialize(risk, Glorot{}, 7), sgd(0.1, {.size = 10, .seed = 1}),
                   MaxIterations{2400}, monitor);
    std::vector<double> gg[2], gHg[2];
    for (const CurvatureSample& s : monitor.samples()) {
        gg[s.iteration >= 1200].push_back(s.gg);
        gHg[s.iteration >= 1200].push_back(s.gHg);
    }
    const double length = median(gg[1]) / median(gg[0]), curve = median(gHg[1]) / median(gHg[0]);
    std::cout << monitor << "gᵀg grew " << length << " times, gᵀHg " << curve << " times\n";
    return holds && length > 1 && curve > 10 ? 0 : 1;
}
