// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ermine {

/// Hessian and gradient of a function at a point in the variables p̂ = D p, D diagonal:
/// D⁻¹ H D⁻¹ and D⁻¹ g. Dᵢ² is the largest 0.9 |Hᵢᵢ| + 0.1 ‖H eᵢ‖ that was seen on the way (the
/// rule of Moré, "The Levenberg–Marquardt algorithm", 1978, with ∇²f in the place of JᵀJ). So a
/// method in p̂ takes the same steps whatever units the variables are measured in, but for the
/// second term, and its factorizations lose no digits to them. The second term is for axes along
/// which f bends little by itself but much together with others. Its share was measured on the
/// problems of Moré, Garbow & Hillstrom: with much more or less of it, a run from a far start is
/// more likely to drift off to a lower limit at infinity. An axis without any curvature is taken
/// for as stiff as the stiffest. D = I where `scaled` is false.
template <class V>
struct ScaledHessian {
    SquareMatrix<V> matrix;
    V gradient;
    V scale;  // D
    V seen;   // D before axes without curvature were given one
    bool scaled;

    ScaledHessian(Index n, bool with_scale)
        : matrix(SquareMatrix<V>::Zero(n, n)),
          gradient(V::Zero(n)),
          scale(V::Ones(n)),
          seen(V::Zero(n)),
          scaled(with_scale) {}

    void look(const auto& f, const Evaluation<V>& here) {
        f.hessian(here.x, matrix);
        if (scaled) rescale();
        gradient = here.gradient.cwiseQuotient(scale);
        for (Index j = 0; j < scale.size(); ++j)
            matrix.col(j) = matrix.col(j).cwiseQuotient(scale) / scale[j];
    }

    /// Takes a step p̂ back to p.
    auto fields() { return std::tie(seen); }

    void unscale(V& step) const { step = step.cwiseQuotient(scale); }

private:
    void rescale() {
        using Scalar = typename V::Scalar;
        for (Index i = 0; i < seen.size(); ++i) {
            const Scalar curvature =
                Scalar(0.9) * std::abs(matrix(i, i)) + Scalar(0.1) * matrix.col(i).stableNorm();
            if (std::isfinite(curvature)) seen[i] = std::max(seen[i], std::sqrt(curvature));
        }
        const Scalar stiffest = seen.maxCoeff();
        scale = seen;
        for (auto& entry : scale)
            if (!(entry > 0)) entry = stiffest > 0 ? stiffest : Scalar{1};
    }
};

}  // namespace ermine
