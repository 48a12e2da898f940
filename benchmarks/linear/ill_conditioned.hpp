// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <Eigen/Core>
#include <Eigen/QR>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>

#include "logistic_labels.hpp"
#include "problem.hpp"

namespace linear {

/// The examples *dense*, n × d: x = Q diag(√e) z with standard normal z, a random orthogonal Q and
/// eₖ ∝ k⁻² of sum 1, so that E‖x‖² = 1. Labels are logistic, with logits Σₖ gₖ k^{−1/2} zₖ of
/// standard deviation 3: weight stands on the directions of little variance, too.
inline ermine::Dataset<ermine::DenseRows<double>> ill_conditioned(Index n, Index d,
                                                                  std::uint64_t seed) {
    ermine::Random random(seed);
    const auto normals = [&random](auto& numbers) {
        for (Index i = 0; i < numbers.size(); ++i) numbers.data()[i] = random.normal();
    };
    Eigen::VectorXd spectrum(d);
    for (Index k = 0; k < d; ++k) {
        const auto place = static_cast<double>(k + 1);
        spectrum[k] = 1 / (place * place);
    }
    spectrum = (spectrum / spectrum.sum()).cwiseSqrt().eval();
    Eigen::MatrixXd square(d, d);
    normals(square);
    // R with a positive diagonal, which makes Q uniform (Mezzadri 2007).
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(square);
    const Eigen::VectorXd signs =
        qr.matrixQR().diagonal().unaryExpr([](double r) { return r < 0 ? -1.0 : 1.0; });
    Eigen::MatrixXd map = qr.householderQ() * Eigen::MatrixXd(signs.asDiagonal());
    map = (map * spectrum.asDiagonal()).eval();
    Eigen::VectorXd weight(d);
    normals(weight);
    for (Index k = 0; k < d; ++k) weight[k] /= std::sqrt(static_cast<double>(k + 1));

    using Matrix = ermine::DenseRows<double>::Matrix;
    constexpr Index block = 1000;
    Matrix x(n, d);
    Matrix z;
    Eigen::VectorXd logits(n);
    for (Index first = 0; first < n; first += block) {
        const Index count = std::min(block, n - first);
        z.resize(count, d);
        normals(z);
        x.middleRows(first, count).noalias() = z * map.transpose();
        logits.segment(first, count).noalias() = z * weight;
    }
    return {x, logistic_labels(logits, random)};
}

}  // namespace linear
