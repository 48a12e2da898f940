// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>

namespace ermine {

/// The quadratic model of a function at a point, with its Hessian formed, in the variables
/// p̂ = D p of a diagonal scaling.
template <class V>
struct DenseModel {
    using Scalar = typename V::Scalar;

    SquareMatrix<V> hessian;
    V gradient;
    V scale;  // D
    int scaling = 1;
    double power = 0.5;
    double mix = 1;
    double memory = 1;

    DenseModel(Index n, int how, double mem = 1, double pow = 0.5)
        : hessian(SquareMatrix<V>::Zero(n, n)), gradient(V::Zero(n)), scale(V::Zero(n)), scaling(how), memory(mem), power(pow) {}

    void look(const auto& f, const Evaluation<V>& here) {
        f.hessian(here.x, hessian);
        rescale();
        gradient = here.gradient.cwiseQuotient(scale);
        for (Index j = 0; j < scale.size(); ++j)
            hessian.col(j) = hessian.col(j).cwiseQuotient(scale) / scale[j];
    }

    void rescale() {
        if (scaling == 0) { scale.setOnes(); return; }
        const Scalar largest = hessian.diagonal().cwiseAbs().maxCoeff();
        for (Index i = 0; i < scale.size(); ++i) {
            Scalar curvature = std::abs(hessian(i, i));
            if (scaling == 3) curvature = Scalar(mix) * hessian.col(i).norm() + Scalar(1 - mix) * curvature;
            if (scaling == 5) curvature = hessian.col(i).cwiseAbs().maxCoeff();
            if (scaling == 6) curvature = hessian.col(i).cwiseAbs().sum();
            if (scaling==7) curvature = std::max(curvature, Scalar(mix)*hessian.col(i).norm());
            if (scaling == 4) curvature = std::max(curvature, largest * Scalar(1e-8));
            const Scalar found = std::pow(curvature, Scalar(power));
            scale[i] = scaling != 2 && scaling != 4 ? std::max(Scalar(memory) * scale[i], found) : found > 0 ? found : scale[i];
        }
        for (Index i = 0; i < scale.size(); ++i)
            if (!(scale[i] > 0)) scale[i] = largest > 0 && scaling != 1 ? std::sqrt(largest) : 1;
    }
};

}  // namespace ermine
