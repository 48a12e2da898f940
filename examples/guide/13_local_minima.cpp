// SPDX-License-Identifier: MIT
// docs/guide/13_local_minima.md
#include <ermine/ermine.hpp>

#include <algorithm>
#include <iostream>
#include <set>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    const auto data = two_moons({.examples = 100, .noise = 0.2, .seed = 7});
    const auto model = network(2, dense(4), relu(), dense(4), relu(), dense(1));
    const EmpiricalRisk risk{model, SquaredLoss{}, data};
    const VectorXd x = minimize(risk, initialize(risk, He{}, 3), lbfgs(), MaxIterations{200}).x;
    const double loss = risk.value(x);
    double wrong = 0;  // the largest difference of two losses that should be the same
    const auto compare = [&](const VectorXd& y, double as) {
        wrong = std::max(wrong, std::abs(risk.value(y) - as));
    };

    // each order of the units of both hidden layers
    std::set<std::vector<double>> points;
    std::vector<Index> first{0, 1, 2, 3}, second = first;
    do {
        do {
            const VectorXd y = permute_hidden(model, permute_hidden(model, x, 0, first), 1, second);
            compare(y, loss);
            points.insert({y.begin(), y.end()});
        } while (std::next_permutation(second.begin(), second.end()));
    } while (std::next_permutation(first.begin(), first.end()));
    std::cout << points.size() << " points of loss " << loss << " by permutations, in theory "
              << *symmetry_count(model).permutations << '\n';

    // x = in + out + the rest for a unit, which α rescales to α in + out/α + the rest
    const VectorXd twice = rescale_unit(model, x, 0, 0, 2) - x;
    const VectorXd half = rescale_unit(model, x, 0, 0, 0.5) - x;
    const VectorXd in = (4 * twice + 2 * half) / 3, out = (4 * half + 2 * twice) / 3;
    for (double alpha = 0.1; alpha < 10; alpha *= 1.1)
        compare(x + (alpha - 1) * in + (1 / alpha - 1) * out, loss);  // the hyperbola
    compare(x + in, risk.value(x + out));                             // another, higher one
    const double across = risk.value(x + in) / loss;
    std::cout << "along the hyperbola and permuted, losses differ by " << wrong
              << "; with twice the product of the weights the loss is " << across << " times\n";
    if (count > 1)
        std::cout << draw(plane_slice(risk, x, in, out, {.from = -0.9, .to = 3, .points = 40}),
                          {.path = words[1]});

    // another point of the same function: straight to it is over a barrier, until they are matched
    VectorXd y = permute_hidden(model, permute_hidden(model, x, 0, {3, 0, 1, 2}), 1, {1, 0, 3, 2});
    for (Index k = 0; k < 4; ++k) y = rescale_unit(model, y, 0, k, 1 + static_cast<double>(k));
    const auto matched = match_hidden(model, x, y).aligned;
    const double barrier = loss_along_line(risk, x, y).barrier();
    std::cout << "barrier " << barrier << ", matched "
              << loss_along_line(risk, x, matched).barrier() << '\n';
    const bool same = wrong < 1e-12 * (1 + loss) && (matched - x).norm() < 1e-9 * x.norm();
    return same && points.size() == 576 && across > 1.1 && barrier > 0.1 ? 0 : 1;
}
