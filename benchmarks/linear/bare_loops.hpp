// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/parallel_sum.hpp>

namespace linear {

using ermine::Index;

/// Loops that do nothing but one thing that a pass over the data cannot do without, as fast as the
/// machine does it: what passes are measured by. They know of no rows.
class BareLoops {
public:
    /// The sum of all numbers: the speed at which memory is read.
    template <class T>
    static double read(const T* from, Index size) {
        using Chunk = Eigen::Array<T, 512 / Index{sizeof(T)}, 1>;
        constexpr Index width = Chunk::RowsAtCompileTime;
        return ermine::parallel_sum(
            size / width,
            [from](Index begin, Index end) {
                Chunk sum = Chunk::Zero();
                for (Index i = begin; i < end; ++i)
                    sum += Eigen::Map<const Chunk>(from + i * width);
                return static_cast<double>(sum.sum());
            },
            1024);
    }

    /// a = b + 3 c.
    static void triad(Eigen::ArrayXd& a, const Eigen::ArrayXd& b, const Eigen::ArrayXd& c) {
        const ermine::Chunks chunks = ermine::chunks_for(a.size(), 4096);
        ermine::for_each_chunk(chunks.count(), [&](Index chunk) {
            const Index first = chunks.begin(chunk);
            const Index count = chunks.end(chunk) - first;
            a.segment(first, count) = b.segment(first, count) + 3 * c.segment(first, count);
        });
    }

    /// `count` multiply-adds of floats that become doubles first, from the first-level cache.
    static double convert_and_add(Index count) {
        constexpr Index size = 2048;
        Eigen::ArrayXf numbers = Eigen::ArrayXf::Ones(size);
        return ermine::parallel_sum(
            count / size,
            [&](Index begin, Index end) {
                Doubles sum[8] = {};
                const Doubles factor = Doubles{} + 0.5;
                for (Index k = begin; k < end; ++k)
                    for (Index i = 0; i < size; i += 8 * width)
                        for (int r = 0; r < 8; ++r)
                            sum[r] += load(numbers.data() + i + r * width) * factor;
                double total = 0;
                for (const Doubles& part : sum) total += part[0];
                return total;
            },
            16);
    }

    /// `operations` multiply-adds and `quotients` for each of `count` doubles from the first-level
    /// cache, with a result each: none waits for another of its own number.
    template <std::size_t operations, std::size_t quotients>
    static double calculate(Index count) {
        namespace packet = Eigen::internal;
        using Packet = packet::packet_traits<double>::type;
        constexpr Index size = 512;
        return ermine::parallel_sum(
            count / size,
            [&](Index begin, Index end) {
                Eigen::Array<double, size, 1> numbers = Eigen::Array<double, size, 1>::Ones();
                Packet factor = packet::pset1<Packet>(1e-3);
                for (Index k = begin; k < end; ++k)
                    for (Index i = 0; i < size; i += packet::packet_traits<double>::size) {
                        double* const at = numbers.data() + i;
                        const Packet number = packet::ploadu<Packet>(at);
                        Packet sum[8];
                        for (int r = 0; r < 8; ++r) sum[r] = packet::pset1<Packet>(1e-3 * (r + 1));
                        [&]<std::size_t... r>(std::index_sequence<r...>) {
                            ((sum[r % 8] = packet::pmadd(sum[r % 8], factor, number)), ...);
                        }(std::make_index_sequence<operations>{});
                        [&]<std::size_t... r>(std::index_sequence<r...>) {
                            ((sum[r] = packet::pdiv(number, sum[r])), ...);
                        }(std::make_index_sequence<quotients>{});
                        for (int r = 1; r < 8; ++r) sum[0] = packet::pmax(sum[0], sum[r]);
                        packet::pstoreu(at, sum[0]);
                    }
                return numbers.sum();
            },
            16);
    }

    /// C = AᵀA, a plain product, for as many parts as there are matrices C.
    template <class A, class C>
    static void multiply(const A& a, std::vector<C>& parts) {
        ermine::for_each_chunk(static_cast<Index>(parts.size()), [&](Index part) {
            parts[static_cast<std::size_t>(part)].noalias() = a.transpose() * a;
        });
    }

    /// Σₑ vₑ w[columnₑ] over all entries.
    static double gather(const ermine::SparseRows<float>& rows, const double* w) {
        return ermine::parallel_sum(
            rows.examples,
            [&](Index begin, Index end) {
                return gather(rows.values, rows.columns, rows.offsets[begin], rows.offsets[end], w);
            },
            block);
    }

    /// g[columnₑ] += s vₑ, each half of the rows into a vector of its own, zeroed before.
    static void scatter(const ermine::SparseRows<float>& rows, std::vector<Eigen::VectorXd>& g) {
        each_half(rows, g, [&](Index begin, Index end, double* out) {
            scatter(rows.values, rows.columns, rows.offsets[begin], rows.offsets[end], 1e-9, out);
        });
    }

    /// One after the other for a few rows at a time, whose entries stay in cache.
    static void gather_and_scatter(const ermine::SparseRows<float>& rows, const double* w,
                                   std::vector<Eigen::VectorXd>& g) {
        each_half(rows, g, [&](Index begin, Index end, double* out) {
            for (Index i = begin; i < end; i += block) {
                const Index first = rows.offsets[i];
                const Index last = rows.offsets[std::min(i + block, end)];
                const double sum = gather(rows.values, rows.columns, first, last, w);
                scatter(rows.values, rows.columns, first, last, 1e-9 * sum, out);
            }
        });
    }

private:
    static constexpr Index block = 16;
    static constexpr int width =
        std::max(2, static_cast<int>(Eigen::internal::packet_traits<double>::size));
    typedef double Doubles __attribute__((vector_size(width * sizeof(double))));
    typedef double Four __attribute__((vector_size(4 * sizeof(double))));

    static Doubles load(const float* from) {
        return converted(from, std::make_index_sequence<width>{});
    }

    /// A list becomes one instruction.
    template <std::size_t... i>
    static Doubles converted(const float* from, std::index_sequence<i...>) {
        return Doubles{static_cast<double>(from[i])...};
    }

    static double gather(const float* values, const std::int32_t* columns, Index begin, Index end,
                         const double* w) {
        Four sum[2] = {};
        Index e = begin;
        for (; e + 8 <= end; e += 8) {
            for (Index half = 0; half < 2; ++half) {
                const Index at = e + 4 * half;
                const float* const v = values + at;
                sum[half] += Four{double{v[0]}, double{v[1]}, double{v[2]}, double{v[3]}} *
                             Four{w[columns[at]], w[columns[at + 1]], w[columns[at + 2]],
                                  w[columns[at + 3]]};
            }
        }
        double total = 0;
        for (; e < end; ++e) total += static_cast<double>(values[e]) * w[columns[e]];
        sum[0] += sum[1];
        return total + (sum[0][0] + sum[0][1]) + (sum[0][2] + sum[0][3]);
    }

    static void scatter(const float* values, const std::int32_t* columns, Index begin, Index end,
                        double s, double* g) {
        for (Index e = begin; e < end; ++e) g[columns[e]] += s * static_cast<double>(values[e]);
    }

    template <class F>
    static void each_half(const ermine::SparseRows<float>& rows, std::vector<Eigen::VectorXd>& g,
                          const F& f) {
        g.resize(2);
        const ermine::Chunks halves{rows.examples, (rows.examples + 1) / 2};
        for (Eigen::VectorXd& part : g) part.setZero(rows.features);
        ermine::for_each_chunk(halves.count(), [&](Index half) {
            f(halves.begin(half), halves.end(half), g[static_cast<std::size_t>(half)].data());
        });
    }
};

}  // namespace linear
