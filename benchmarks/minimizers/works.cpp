// SPDX-License-Identifier: MIT

#include <Eigen/Core>

#include <ermine/objectives/more_garbow_hillstrom.hpp>

#include "work.hpp"

namespace {

Work work(const std::string& name, const ermine::MoreGarbowHillstrom& f,
          const Eigen::VectorXd& start) {
    using Map = Eigen::Map<const Eigen::VectorXd>;
    const Eigen::Index n = start.size();
    return {name,
            {start.begin(), start.end()},
            [f, n, x = start, g = start](const double* at, double* gradient) mutable {
                x = Map(at, n);
                const double value = f.value_and_gradient(x, g);
                Eigen::VectorXd::Map(gradient, n) = g;
                return value;
            },
            [f, n, x = start, h = Eigen::MatrixXd(n, n)](const double* at, double* out) mutable {
                x = Map(at, n);
                f.hessian(x, h);
                Eigen::MatrixXd::Map(out, n, n) = h;
            },
            [f, n, x = start, v = start, hv = start](const double* at, const double* vector,
                                                     double* out) mutable {
                x = Map(at, n);
                v = Map(vector, n);
                f.hessian_product(x, v, hv);
                Eigen::VectorXd::Map(out, n) = hv;
            }};
}

}  // namespace

std::vector<Work> more_garbow_hillstrom_works() {
    std::vector<Work> works;
    for (const ermine::MoreGarbowHillstrom& f : ermine::more_garbow_hillstrom()) {
        const Eigen::VectorXd start = f.start();
        char number[8];
        std::snprintf(number, sizeof number, "%02d ", f.number());
        const std::string name =
            number + std::string(f.name()) + " n=" + std::to_string(start.size());
        works.push_back(work(name, f, start));
        const Eigen::VectorXd far = 10 * start;
        if (far != start) works.push_back(work(name + " 10x", f, far));
    }
    return works;
}
