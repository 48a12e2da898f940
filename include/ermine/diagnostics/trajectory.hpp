// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dense_eigen.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of Trajectory.
struct TrajectoryOptions {
    std::int64_t every = 1;  ///< iterations between two points; the last one is kept in any case
};

/// The plane that a path moves in, by its principal components about the last point.
struct TrajectoryPlane {
    Eigen::VectorXd center;      ///< the last point
    Eigen::VectorXd first = {};  ///< unit vectors
    Eigen::VectorXd second = {};
    Eigen::ArrayXd s = {};  ///< coordinates of the path's points along the first
    Eigen::ArrayXd t = {};  ///< and along the second
    double explained = 0;   ///< the share of Σ ‖xₖ − x_last‖² that lies in the plane
};

/// Keeps the iterates of a run, to look at the landscape where it went:
///
///     Trajectory path({.every = 10});
///     minimize(risk, x0, method, rule, path);
///     const auto plane = path.plane();
///     const auto values = plane_slice(risk, plane.center, plane.first, plane.second, {-2, 2});
///
/// Memory for n numbers a point. For one run.
class Trajectory {
public:
    explicit Trajectory(TrajectoryOptions options = {}) : options_(options) {
        require_count(options_.every, "TrajectoryOptions.every");
    }

    /// Called by the loop.
    void see(const auto& progress) {
        const std::int64_t now = progress.iteration();
        if (now == seen_ || (now % options_.every != 0 && !progress.stopping)) return;
        seen_ = now;
        add(progress.iterate().template cast<double>());
    }

    /// A point more, of a path from elsewhere.
    void add(Eigen::VectorXd x) {
        if (!points_.empty() && x.size() != points_.front().size())
            throw std::invalid_argument("Trajectory: a point of " + std::to_string(x.size()) +
                                        " numbers after some of " +
                                        std::to_string(points_.front().size()));
        points_.push_back(std::move(x));
    }

    [[nodiscard]] const std::vector<Eigen::VectorXd>& points() const { return points_; }

    /// The two directions in which the points spread most about the last one (Li et al. 2018,
    /// section 7.2; in high dimensions random walks, too, look smooth there: Antognini &
    /// Sohl-Dickstein, "PCA of high dimensional random walks", NeurIPS 2018). By the eigenvectors
    /// of the points' Gram matrix. Throws std::invalid_argument unless the points span a plane.
    [[nodiscard]] TrajectoryPlane plane() const {
        if (points_.size() < 3)
            throw std::invalid_argument("Trajectory: " + std::to_string(points_.size()) +
                                        " points, and a plane takes three");
        const auto m = static_cast<Index>(points_.size()) - 1;
        const Eigen::VectorXd& last = points_.back();
        Eigen::MatrixXd away(last.size(), m);
        for (Index k = 0; k < m; ++k) away.col(k) = points_[static_cast<std::size_t>(k)] - last;
        const DenseEigen gram = dense_eigen(away.transpose() * away);
        if (!(gram.values[m - 2] > 1e-24 * gram.values[m - 1]))
            throw std::invalid_argument("Trajectory: the points lie on a line: there is no plane");
        TrajectoryPlane plane{.center = last};
        plane.first = (away * gram.vectors.col(m - 1)).normalized();
        plane.second = away * gram.vectors.col(m - 2);
        plane.second -= plane.first.dot(plane.second) * plane.first;
        plane.second.normalize();
        plane.s = Eigen::ArrayXd::Zero(m + 1);
        plane.t = Eigen::ArrayXd::Zero(m + 1);
        plane.s.head(m) = (away.transpose() * plane.first).array();
        plane.t.head(m) = (away.transpose() * plane.second).array();
        plane.explained = (gram.values[m - 1] + gram.values[m - 2]) / gram.values.sum();
        return plane;
    }

private:
    TrajectoryOptions options_;
    std::vector<Eigen::VectorXd> points_;
    std::int64_t seen_ = -1;
};

}  // namespace ermine
