// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// What Moré, Garbow & Hillstrom (1981) say of their problem `number` (1 to 35): its name, the
/// dimensions that it may have, the starting point and the known minima.
class MghFacts {
public:
    static constexpr int count = 35;

    /// Throws std::invalid_argument for a number that no problem has.
    explicit MghFacts(int number) : number_(number) {
        if (number < 1 || number > count)
            throw std::invalid_argument("MoreGarbowHillstrom: there is no problem " +
                                        std::to_string(number) + "; they are numbered 1 to 35");
    }

    [[nodiscard]] const char* name() const { return row().name; }

    /// The number of variables where none is asked for.
    [[nodiscard]] Index standard_size() const { return row().n; }

    /// The number of residuals of n variables, where none is asked for.
    [[nodiscard]] Index standard_residuals(Index n) const {
        switch (row().residuals) {
            case Residuals::fixed:
            case Residuals::chosen:
                return row().m;
            case Residuals::n:
                return n;
            case Residuals::n_plus_1:
                return n + 1;
            case Residuals::n_plus_2:
                return n + 2;
            case Residuals::twice_n:
            case Residuals::chosen_twice_n:
                return 2 * n;
            case Residuals::chosen_n:
                break;
        }
        return n;
    }

    /// Throws std::invalid_argument, saying what is allowed, unless the problem can have n
    /// variables and m residuals.
    void check(Index n, Index m) const {
        const bool legal =
            row().multiple == 0 ? n == row().n : n >= row().least && n % row().multiple == 0;
        if (!legal || (number_ == 20 && n > 31)) refuse("n", n, sizes());
        if (!m_is_chosen()) {
            if (m != standard_residuals(n)) refuse("m", m, std::to_string(standard_residuals(n)));
        } else if (m < n || (number_ == 11 && m > 100)) {
            refuse("m", m, number_ == 11 ? "3 to 100" : "at least n = " + std::to_string(n));
        }
    }

    /// The standard starting point.
    [[nodiscard]] Eigen::VectorXd start(Index n) const {
        const auto at = [n](Index i) { return static_cast<double>(i + 1) / double(n + 1); };
        const auto filled = [n](auto&& entry) {
            Eigen::VectorXd x(n);
            for (Index i = 0; i < n; ++i) x[i] = static_cast<double>(entry(i));
            return x;
        };
        switch (number_) {
            case 20:
                return Eigen::VectorXd::Zero(n);
            case 23:
                return filled([](Index i) { return i + 1; });
            case 24:
            case 27:
                return Eigen::VectorXd::Constant(n, 0.5);
            case 25:
                return filled([n](Index i) { return 1 - static_cast<double>(i + 1) / double(n); });
            case 26:
                return Eigen::VectorXd::Constant(n, 1 / static_cast<double>(n));
            case 28:
            case 29:
                return filled([&](Index i) { return at(i) * (at(i) - 1); });
            case 30:
            case 31:
                return Eigen::VectorXd::Constant(n, -1);
            case 32:
            case 33:
            case 34:
                return Eigen::VectorXd::Ones(n);
            case 35:
                return filled(at);
            default: {  // given numbers, repeated where there are more variables
                const std::vector<double> given = start();
                return filled(
                    [&](Index i) { return given[static_cast<std::size_t>(i) % given.size()]; });
            }
        }
    }

    /// The values at the minima that the paper gives for these dimensions, the lowest first; empty
    /// where it gives none. They have six digits where they are not 0 or a closed form.
    [[nodiscard]] std::vector<double> minima(Index n, Index m) const {
        const auto k = static_cast<double>(m);
        switch (number_) {
            case 2:
                return {0, 48.9842};
            case 6:
                if (m == 10) return {124.362};
                return {};
            case 8:
                return {8.21487e-3, 17.4286};
            case 9:
                return {1.12793e-8};
            case 10:
                return {87.9458};
            case 15:
                return {3.07505e-4, 1.02734e-3};
            case 16:
                if (m == 20) return {85822.2};
                return {};
            case 17:
                return {5.46489e-5};
            case 18:
                if (m == 13) return {0, 5.65565e-3};
                return {0};
            case 19:
                return {4.01377e-2};
            case 20:
                if (n == 6) return {2.28767e-3};
                if (n == 9) return {1.39976e-6};
                if (n == 12) return {4.72238e-10};
                return {};
            case 23:
                if (n == 4) return {2.24997e-5};
                if (n == 10) return {7.08765e-5};
                return {};
            case 24:
                if (n == 4) return {9.37629e-6};
                if (n == 10) return {2.93660e-4};
                return {};
            case 26:
                if (n == 10) return {0, 2.79506e-5};
                return {0};
            case 27:
                return {0, 1};
            case 32:
                return {k - static_cast<double>(n)};
            case 33:
                return {k * (k - 1) / (2 * (2 * k + 1))};
            case 34:
                return {(k * k + 3 * k - 6) / (2 * (2 * k - 3))};
            case 35:
                if (m != n) return {};
                if (n <= 7 || n == 9) return {0};
                if (n == 8) return {3.51687e-3};
                if (n == 10) return {6.50395e-3};
                return {};
            default:
                return {0};
        }
    }

private:
    enum class Residuals {
        fixed,
        chosen,
        n,
        n_plus_1,
        n_plus_2,
        twice_n,
        chosen_n,
        chosen_twice_n
    };

    struct Row {
        const char* name;
        Index n;         // standard
        Index multiple;  // of which n is one; 0: n is fixed
        Index least;     // the least n
        Residuals residuals;
        Index m;  // standard; 0 where it follows from n
    };

    static constexpr std::array<Row, count> rows{{
        {"Rosenbrock", 2, 0, 2, Residuals::fixed, 2},
        {"Freudenstein and Roth", 2, 0, 2, Residuals::fixed, 2},
        {"Powell badly scaled", 2, 0, 2, Residuals::fixed, 2},
        {"Brown badly scaled", 2, 0, 2, Residuals::fixed, 3},
        {"Beale", 2, 0, 2, Residuals::fixed, 3},
        {"Jennrich and Sampson", 2, 0, 2, Residuals::chosen, 10},
        {"Helical valley", 3, 0, 3, Residuals::fixed, 3},
        {"Bard", 3, 0, 3, Residuals::fixed, 15},
        {"Gaussian", 3, 0, 3, Residuals::fixed, 15},
        {"Meyer", 3, 0, 3, Residuals::fixed, 16},
        {"Gulf research and development", 3, 0, 3, Residuals::chosen, 99},
        {"Box three-dimensional", 3, 0, 3, Residuals::chosen, 10},
        {"Powell singular", 4, 0, 4, Residuals::fixed, 4},
        {"Wood", 4, 0, 4, Residuals::fixed, 6},
        {"Kowalik and Osborne", 4, 0, 4, Residuals::fixed, 11},
        {"Brown and Dennis", 4, 0, 4, Residuals::chosen, 20},
        {"Osborne 1", 5, 0, 5, Residuals::fixed, 33},
        {"Biggs EXP6", 6, 0, 6, Residuals::chosen, 13},
        {"Osborne 2", 11, 0, 11, Residuals::fixed, 65},
        {"Watson", 9, 1, 2, Residuals::fixed, 31},
        {"Extended Rosenbrock", 10, 2, 2, Residuals::n, 0},
        {"Extended Powell singular", 12, 4, 4, Residuals::n, 0},
        {"Penalty I", 10, 1, 1, Residuals::n_plus_1, 0},
        {"Penalty II", 10, 1, 1, Residuals::twice_n, 0},
        {"Variably dimensioned", 10, 1, 1, Residuals::n_plus_2, 0},
        {"Trigonometric", 10, 1, 1, Residuals::n, 0},
        {"Brown almost-linear", 10, 1, 1, Residuals::n, 0},
        {"Discrete boundary value", 10, 1, 1, Residuals::n, 0},
        {"Discrete integral equation", 10, 1, 1, Residuals::n, 0},
        {"Broyden tridiagonal", 10, 1, 1, Residuals::n, 0},
        {"Broyden banded", 10, 1, 1, Residuals::n, 0},
        {"Linear, full rank", 5, 1, 1, Residuals::chosen_twice_n, 0},
        {"Linear, rank 1", 5, 1, 1, Residuals::chosen_twice_n, 0},
        {"Linear, rank 1 with zero columns and rows", 5, 1, 3, Residuals::chosen_twice_n, 0},
        {"Chebyquad", 8, 1, 1, Residuals::chosen_n, 0},
    }};

    [[nodiscard]] const Row& row() const { return rows[static_cast<std::size_t>(number_ - 1)]; }

    [[nodiscard]] bool m_is_chosen() const {
        const Residuals rule = row().residuals;
        return rule == Residuals::chosen || rule == Residuals::chosen_n ||
               rule == Residuals::chosen_twice_n;
    }

    [[nodiscard]] std::string sizes() const {
        const Row& r = row();
        if (r.multiple == 0) return std::to_string(r.n);
        if (r.multiple > 1) return "a multiple of " + std::to_string(r.multiple);
        return number_ == 20 ? "2 to 31" : "at least " + std::to_string(r.least);
    }

    [[noreturn]] void refuse(const char* what, Index value, const std::string& allowed) const {
        throw std::invalid_argument("MoreGarbowHillstrom: problem " + std::to_string(number_) +
                                    " (" + name() + ") with " + what + " = " +
                                    std::to_string(value) + ": it must be " + allowed);
    }

    /// The starting points that are lists of numbers.
    [[nodiscard]] std::vector<double> start() const {
        switch (number_) {
            case 2:
                return {0.5, -2};
            case 3:
                return {0, 1};
            case 4:
            case 5:
            case 8:
                return {1};
            case 6:
                return {0.3, 0.4};
            case 7:
                return {-1, 0, 0};
            case 9:
                return {0.4, 1, 0};
            case 10:
                return {0.02, 4000, 250};
            case 11:
                return {5, 2.5, 0.15};
            case 12:
                return {0, 10, 20};
            case 13:
            case 22:
                return {3, -1, 0, 1};
            case 14:
                return {-3, -1};
            case 15:
                return {0.25, 0.39, 0.415, 0.39};
            case 16:
                return {25, 5, -5, -1};
            case 17:
                return {0.5, 1.5, -1, 0.01, 0.02};
            case 18:
                return {1, 2, 1, 1, 1, 1};
            case 19:
                return {1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5};
            default:
                return {-1.2, 1};
        }
    }

    int number_;
};

}  // namespace ermine
