// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dual.hpp>
#include <ermine/numerics/seeded.hpp>
#include <ermine/objectives/mgh_any_dimension.hpp>
#include <ermine/objectives/mgh_data_fits.hpp>
#include <ermine/objectives/mgh_equations.hpp>
#include <ermine/objectives/mgh_facts.hpp>

namespace ermine {

/// One of the 35 problems of Moré, Garbow & Hillstrom, "Testing unconstrained optimization
/// software", ACM TOMS 7, 1981, by its number there: f(x) = Σ rᵢ(x)², the sum of the squares of m
/// residuals of n variables. All derivatives are exact, taken of the one formula by dual numbers.
///
///     MoreGarbowHillstrom wood(14);
///     minimize(wood, wood.start(), newton());
///
/// Where a formula leaves its domain or overflows, values are NaN or infinite. Evaluations allocate
/// nothing but what they fill, if its size is wrong.
class MoreGarbowHillstrom {
public:
    /// Problem `number`, with n variables and m residuals where the paper leaves them free; 0 for
    /// the standard ones. Where the paper leaves m free, it is by default that of its known minimum
    /// (6, 12, 16, 18), 99 (11: the 100th residual has a kink at the solution), 2n (32, 33, 34) or
    /// n (35).
    /// Throws std::invalid_argument, saying what is allowed, for what the problem cannot be.
    explicit MoreGarbowHillstrom(int number, Index n = 0, Index m = 0) : number_(number) {
        const MghFacts facts(number);
        n_ = n == 0 ? facts.standard_size() : n;
        m_ = m == 0 ? facts.standard_residuals(n_) : m;
        facts.check(n_, m_);
    }

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] std::string_view name() const { return MghFacts(number_).name(); }

    /// n, the number of variables.
    [[nodiscard]] Index size() const { return n_; }

    /// m, the number of residuals.
    [[nodiscard]] Index residuals() const { return m_; }

    /// The standard starting point; the paper's tests begin at 10 and 100 times of it, too.
    [[nodiscard]] Eigen::VectorXd start() const { return MghFacts(number_).start(n_); }

    /// The values at the known minima, the lowest first: see MghFacts::minima. Some are approached
    /// at infinity alone (8, 15).
    [[nodiscard]] std::vector<double> minima() const { return MghFacts(number_).minima(n_, m_); }

    /// The lowest known value.
    [[nodiscard]] std::optional<double> minimum() const {
        const std::vector<double> known = minima();
        if (known.empty()) return std::nullopt;
        return known.front();
    }

    /// Σ rᵢ².
    template <Vector V>
    double value(const V& x) const {
        Collector<double, typename V::Scalar> out;
        run(seeded<double>(x), out);
        return out.sum;
    }

    /// Σ rᵢ², and 2 Jᵀr into g.
    template <Vector V>
    double value_and_gradient(const V& x, V& g) const {
        g.resize(n_);
        Collector<Slopes, typename V::Scalar> out;
        for (Index first = 0; first < n_; first += width) {
            out = {};
            run(seeded<Slopes>(x, first), out);
            for (Index k = 0; k < std::min(width, n_ - first); ++k)
                g[first + k] = static_cast<typename V::Scalar>(out.sum.slope[at(k)]);
        }
        return out.sum.value;
    }

    /// 2 JᵀJ + 2 Σ rᵢ ∇²rᵢ into H, both triangles.
    template <Vector V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        H.resize(n_, n_);
        for (Index first = 0; first < n_; first += width)
            for (Index row = first; row < n_; ++row) {
                auto point = seeded<Curvatures>(x, first);
                point.row = row;
                Collector<Curvatures, typename V::Scalar> out;
                run(point, out);
                for (Index k = 0; k < width && first + k <= row; ++k)
                    H(row, first + k) = H(first + k, row) =
                        static_cast<typename V::Scalar>(out.sum.slope[0].slope[at(k)]);
            }
    }

    /// The Hessian times v into Hv.
    template <Vector V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        check(v.size());
        Hv.resize(n_);
        for (Index first = 0; first < n_; first += width) {
            auto point = seeded<Curvatures>(x, first);
            point.direction = v.data();
            Collector<Curvatures, typename V::Scalar> out;
            run(point, out);
            for (Index k = 0; k < std::min(width, n_ - first); ++k)
                Hv[first + k] = static_cast<typename V::Scalar>(out.sum.slope[0].slope[at(k)]);
        }
    }

    /// The m residuals into r.
    template <Vector V, class R>
    void residuals(const V& x, R& r) const {
        r.resize(m_);
        Collector<double, typename R::Scalar> out{.residuals = r.data()};
        run(seeded<double>(x), out);
    }

    /// Their derivatives, one row a residual, into the m × n matrix J.
    template <Vector V, class Matrix>
    void jacobian(const V& x, Matrix& J) const {
        J.resize(m_, n_);
        for (Index first = 0; first < n_; first += width) {
            Collector<Slopes, typename Matrix::Scalar> out{
                .entries = J.data() + first * J.colStride(),
                .down = J.rowStride(),
                .right = J.colStride(),
                .columns = std::min(width, n_ - first)};
            run(seeded<Slopes>(x, first), out);
        }
    }

private:
    // Derivatives in so many variables are taken at once.
    static constexpr Index width = 4;
    using Slopes = Dual<double, width>;
    using Curvatures = Dual<Slopes, 1>;

    /// Adds up the squares of the residuals that it is called with and, where there is room for
    /// them, stores them or their slopes. One type for all uses: each costs time to compile.
    template <class T, class Scalar>
    struct Collector {
        T sum{};
        Scalar* residuals = nullptr;
        Scalar* entries = nullptr;
        Index down = 0;
        Index right = 0;
        Index columns = 0;

        void operator()(const T& residual) {
            sum += residual * residual;
            if constexpr (std::same_as<T, double>) {
                if (residuals) *residuals++ = static_cast<Scalar>(residual);
            } else if constexpr (std::same_as<T, Slopes>) {
                if (!entries) return;
                for (Index k = 0; k < columns; ++k)
                    entries[k * right] = static_cast<Scalar>(residual.slope[at(k)]);
                entries += down;
            }
        }
    };

    static std::size_t at(Index k) { return static_cast<std::size_t>(k); }

    template <class T, class V>
    Seeded<T, typename V::Scalar> seeded(const V& x, Index first = 0) const {
        check(x.size());
        return {.x = x.data(), .size = n_, .first = first};
    }

    template <class X, class Out>
    void run(const X& x, Out& out) const {
        if (number_ <= 7 || number_ == 13 || number_ == 14)
            MghEquations::residuals(number_, x, m_, out);
        else if (number_ < 20)
            MghDataFits::residuals(number_, x, m_, out);
        else
            MghAnyDimension::residuals(number_, x, m_, out);
    }

    void check(Index size) const {
        if (size != n_)
            throw std::invalid_argument("MoreGarbowHillstrom: problem " + std::to_string(number_) +
                                        " has " + std::to_string(n_) + " variables, the vector " +
                                        std::to_string(size));
    }

    int number_;
    Index n_ = 0;
    Index m_ = 0;
};

/// All 35 problems, in dimensions in which the paper, or its authors' programs, tested.
inline std::vector<MoreGarbowHillstrom> more_garbow_hillstrom() {
    std::vector<MoreGarbowHillstrom> problems;
    for (int number = 1; number <= MghFacts::count; ++number) problems.emplace_back(number);
    return problems;
}

}  // namespace ermine
