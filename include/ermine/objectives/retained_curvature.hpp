// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/losses/reconstruction.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// The Hessian of the risk of a network at one point: the passes forward and backward over all
/// examples, at inference, are kept, so that a product costs the two tangent passes alone, about
/// half; threads take pieces of the examples, with the same bits on any number of them. Made by
/// `risk.curvature_at(θ)`:
///
///     const auto curvature = risk.curvature_at(theta);
///     curvature.hessian_product(v, Hv);
///
/// It holds a copy of the risk, and memory of up to about `bytes(risk)`; usable by one thread at a
/// time.
template <class Risk>
class RetainedCurvature {
    using T = typename Risk::Scalar;
    using Point = typename Risk::Point;
    using Loss = std::remove_cvref_t<decltype(std::declval<const Risk&>().loss())>;

public:
    /// What the passes of a risk take.
    static double bytes(const Risk& risk) {
        Index numbers = risk.model().features;
        risk.model().layers().each_shape(
            risk.model().features,
            [&](const auto& layer, const std::string&, Index width, Index units, Index) {
                Index inside = 0;  // of a residual block, of maxout
                layer.list(width, [&](const auto&, Index rows, Index, bool weights, Index = 1) {
                    if (weights) inside += 2 * rows;
                });
                numbers += 4 * std::max(units, inside);
            });
        return static_cast<double>(numbers) * static_cast<double>(risk.examples()) *
               static_cast<double>(sizeof(T));
    }

    RetainedCurvature(const Risk& risk, const Eigen::Ref<const Point>& theta)
        : risk_(risk), theta_(theta) {
        const Index all = risk_.examples();
        Point gradient(theta_.size());
        Pass pass{.curvature = true};
        const Index piece = risk_.columns_.piece();
        pieces_.reserve(
            static_cast<std::size_t>((all + piece - 1) / piece));  // wires point into them
        for (Index first = 0; first < all;) {
            const Index size = std::min(piece, all - first);
            pieces_.emplace_back();
            auto& [memory, its_pass] = pieces_.back();
            risk_.columns_.template load<reconstructs<Loss>>(
                {}, first, size, pass, memory.network.in.value, memory.columns);
            its_pass = pass;
            risk_.model_.forward(pass, theta_.data(), memory.network);
            risk_.loss_.template sum<true>(*memory.network.out, memory.columns.targets,
                                           memory.columns.weights, memory.losses, Risk::share(all));
            risk_.model_.backward(pass, theta_.data(), gradient.data(), memory.network);
            pass.add = true;
            ++pass.draw;
            first += size;
        }
    }

    RetainedCurvature(RetainedCurvature&&) = default;
    RetainedCurvature& operator=(RetainedCurvature&&) = default;
    RetainedCurvature(const RetainedCurvature&) = delete;
    RetainedCurvature& operator=(const RetainedCurvature&) = delete;
    ~RetainedCurvature() = default;

    /// ∇²F(θ) v into Hv.
    template <class W, class G>
    void hessian_product(const Eigen::MatrixBase<W>& v, Eigen::PlainObjectBase<G>& product) const {
        const Eigen::Ref<const Point> along = risk_.checked(v);
        const Chunks chunks = chunks_for(static_cast<Index>(pieces_.size()), 1, 8);
        sums_.resize(theta_.size(), chunks.count());
        for_each_chunk(chunks.count(), [&](Index chunk) {
            for (Index k = chunks.begin(chunk); k < chunks.end(chunk); ++k) {
                auto& [memory, pass] = pieces_[static_cast<std::size_t>(k)];
                auto& out = *memory.network.out;
                pass.add = k > chunks.begin(chunk);
                risk_.model_.tangent(pass, theta_.data(), along.data(), memory.network);
                risk_.loss_.curvature_product(out, memory.columns.targets, memory.columns.weights,
                                              out.slope_tangent, Risk::share(risk_.examples()));
                risk_.model_.tangent_backward(pass, theta_.data(), along.data(),
                                              sums_.col(chunk).data(), memory.network);
            }
        });
        product = sums_.col(0);
        for (Index chunk = 1; chunk < chunks.count(); ++chunk) product += sums_.col(chunk);
    }

private:
    struct Piece {
        typename Risk::Memory memory;
        Pass pass;
    };

    Risk risk_;
    Point theta_;
    mutable std::vector<Piece> pieces_;  // where products leave their tangents
    mutable Activations<T> sums_;        // a column a chunk
};

}  // namespace ermine
