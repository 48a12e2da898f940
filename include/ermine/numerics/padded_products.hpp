// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Sums and products of stretches of numbers that are padded to whole SIMD packets, the widest that
/// Eigen has for stretches of that size (Dynamic: any): for methods that make many of them of a
/// length known only at run time, where an Eigen expression would spend more time on its ends than
/// on its middle.
template <class Number, int Size = Eigen::Dynamic>
struct PaddedProducts {
    using Scalar = Number;
    using P = typename Eigen::internal::find_best_packet<Scalar, Size>::type;
    static constexpr Index width = Eigen::internal::unpacket_traits<P>::size;

    /// Σᵢ aᵢ bᵢ over n numbers, n a multiple of `width`.
    static Scalar dot(const Scalar* a, const Scalar* b, Index n) {
        using namespace Eigen::internal;
        P sum = pmul(load(a), load(b));
        Index i = width;
        if (n >= 8 * width) {
            // four sums hide the latency of the additions
            P s1 = pset1<P>(0), s2 = s1, s3 = s1;
            for (; i + 4 * width <= n; i += 4 * width) {
                sum = pmadd(load(a + i), load(b + i), sum);
                s1 = pmadd(load(a + i + width), load(b + i + width), s1);
                s2 = pmadd(load(a + i + 2 * width), load(b + i + 2 * width), s2);
                s3 = pmadd(load(a + i + 3 * width), load(b + i + 3 * width), s3);
            }
            sum = padd(padd(sum, s1), padd(s2, s3));
        }
        for (; i < n; i += width) sum = pmadd(load(a + i), load(b + i), sum);
        return predux(sum);
    }

    /// y += α x.
    static void add(Scalar alpha, const Scalar* x, Scalar* y, Index n) {
        using namespace Eigen::internal;
        const P factor = pset1<P>(alpha);
        for (Index i = 0; i < n; i += width)
            pstoreu(y + i, pmadd(factor, load(x + i), load(y + i)));
    }

    /// y = α y.
    static void scale(Scalar alpha, Scalar* y, Index n) {
        using namespace Eigen::internal;
        const P factor = pset1<P>(alpha);
        for (Index i = 0; i < n; i += width) pstoreu(y + i, pmul(factor, load(y + i)));
    }

private:
    static P load(const Scalar* from) { return Eigen::internal::ploadu<P>(from); }
};

/// A padded vector q in memory, to which multiples of others are added and with which they are
/// multiplied, ...
template <class Scalar>
struct PaddedInMemory {
    using Products = PaddedProducts<Scalar>;

    Scalar* q;
    Index size;

    Scalar dot(const Scalar* a) const { return Products::dot(a, q, size); }
    void add(Scalar alpha, const Scalar* x) { Products::add(alpha, x, q, size); }
    void scale(Scalar alpha) { Products::scale(alpha, q, size); }
    void finish() {}
};

/// ... and one of few packets, which stays in registers from its making until `finish`: the way
/// through memory would be most of what an operation costs.
template <class Scalar, int Size>
struct PaddedInRegisters {
    using P = typename PaddedProducts<Scalar, Size>::P;
    static constexpr Index width = PaddedProducts<Scalar, Size>::width;
    static constexpr Index packets = Size / width;

    Scalar* memory;
    P q[packets];

    explicit PaddedInRegisters(Scalar* from) : memory(from) {
        for (Index k = 0; k < packets; ++k) q[k] = load(from, k);
    }

    Scalar dot(const Scalar* a) const {
        using namespace Eigen::internal;
        P sum = pmul(load(a, 0), q[0]);
        for (Index k = 1; k < packets; ++k) sum = pmadd(load(a, k), q[k], sum);
        return predux(sum);
    }
    void add(Scalar alpha, const Scalar* x) {
        using namespace Eigen::internal;
        const P factor = pset1<P>(alpha);
        for (Index k = 0; k < packets; ++k) q[k] = pmadd(factor, load(x, k), q[k]);
    }
    void scale(Scalar alpha) {
        using namespace Eigen::internal;
        const P factor = pset1<P>(alpha);
        for (Index k = 0; k < packets; ++k) q[k] = pmul(factor, q[k]);
    }
    void finish() {
        for (Index k = 0; k < packets; ++k) Eigen::internal::pstoreu(memory + k * width, q[k]);
    }

private:
    static P load(const Scalar* from, Index k) {
        return Eigen::internal::ploadu<P>(from + k * width);
    }
};

}  // namespace ermine
