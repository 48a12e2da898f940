// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/observers/checkpoint.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

/// A step of one's own whose state does not say what it remembers.
struct Halving {
    static constexpr auto role = ermine::Role::step;
    static constexpr bool searches = false;
    struct State {
        double length = 1;
    };
    State start(const auto&, const auto&, const auto&) const { return {}; }
    double length(const ermine::Clock&, State& state) const { return state.length /= 2; }
};

int main() {
    ermine::Checkpoint checkpoint("run.ckpt");
    const auto result =
        ermine::minimize(ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1.0),
                         ermine::FullGradient{} | Halving{}, ermine::MaxIterations{9}, checkpoint);
    return static_cast<int>(result.iterations);
}
