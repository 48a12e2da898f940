// SPDX-License-Identifier: MIT
// docs/guide/06_surrogates.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;
using Eigen::ArrayXd;

int main(int count, char** words) {
    // twenty kinds of examples, all as frequent; one of kind j is positive with probability q[j]
    Random random(1);
    const auto uniform = [&](Index) { return random.uniform(); };
    const ArrayXd q = ArrayXd::NullaryExpr(20, uniform);
    // the risk of predictions p above the least, which is that of the best answer for each kind
    const auto excess = [&](const auto& loss, const ArrayXd& p, const ArrayXd& least) {
        const ArrayXd one = ArrayXd::Ones(20);
        return (q * loss.value(p, one) + (1 - q) * loss.value(-p, one) - least).mean();
    };
    const auto errors = [&](const ArrayXd& p) { return excess(ZeroOneLoss{}, p, q.min(1 - q)); };

    Chart chart{.title = "Losses over their value at 0", .x_label = "margin", .y_label = "loss"};
    const ArrayXd margins = ArrayXd::LinSpaced(601, -3, 3);
    const auto curve = [&](const auto& loss) {
        const ArrayXd y = loss.value(margins, ArrayXd(ArrayXd::Ones(601))) / loss.value(0.0, 1.0);
        chart.series.push_back({loss.name, {margins.begin(), margins.end()}, {y.begin(), y.end()}});
        return y;
    };
    const ArrayXd wrong = curve(ZeroOneLoss{});
    bool holds = true;
    const auto study = [&](const auto& loss, const auto& least) {
        holds = holds && (curve(loss) >= wrong).all();
        double closest = 1e9;
        for (int trial = 0; trial < 20000; ++trial) {
            const ArrayXd p = 4 * random.uniform() * (ArrayXd::NullaryExpr(20, uniform) - 0.5);
            const double psi = loss.value(0.0, 1.0) - least((1 + errors(p)) / 2);
            closest = std::min(closest, excess(loss, p, q.unaryExpr(least)) / psi);
        }
        std::cout << loss.name << ": excess risk at least " << closest << " ψ(excess error)\n";
        holds = holds && closest >= 1;
    };
    study(HingeLoss{}, [](double t) { return 2 * std::min(t, 1 - t); });
    study(LogisticLoss{}, [](double t) { return -t * std::log(t) - (1 - t) * std::log(1 - t); });

    // with examples enough, what logistic regression learns errs as little as can be
    const Linear model{.features = 20, .intercept = false};
    std::vector<double> left;
    for (const Index n : {60, 12000}) {
        const Eigen::MatrixXd x = Eigen::MatrixXd::Identity(20, 20).replicate(n / 20, 1);
        const auto label = [&](Index i) { return random.uniform() < q[i % 20] ? 1.0 : -1.0; };
        const Eigen::VectorXd y = Eigen::VectorXd::NullaryExpr(n, label);
        const EmpiricalRisk risk{model, LogisticLoss{}, Dataset{x, y}};
        left.push_back(errors(minimize(risk + L2{1e-4}, risk.zero(), newton()).x));
        std::cout << n << " examples: error " << left.back() << " above the least\n";
    }
    holds = holds && left[0] > 0.005 && left[1] < 0.1 * left[0];
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
