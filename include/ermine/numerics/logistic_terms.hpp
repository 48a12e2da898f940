// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/sigmoid.hpp>
#include <ermine/numerics/softplus.hpp>

namespace ermine {

/// For n numbers z: `value` = softplus(z) = log(1 + e^z), `first` = sigmoid(z), its derivative, and
/// `second` = sigmoid(z) sigmoid(−z), its second, all from one exponential and with one quotient.
/// The three may not overlap z.
template <std::floating_point T>
void logistic_terms(const T* z, Index n, T* value, T* first, T* second) {
    namespace packet = Eigen::internal;
    using Packet = typename packet::packet_traits<T>::type;
    constexpr Index size = packet::packet_traits<T>::size;
    Index i = 0;
    if constexpr (packet::functor_traits<Softplus<T>>::PacketAccess) {
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet zero = packet::pset1<Packet>(T(0));
        const auto finish = [&](Index k, const Packet& at, const Packet& e) {
            const Packet share = packet::pdiv(one, packet::padd(one, e));
            const Packet other = packet::pmul(e, share);
            const Packet negative = packet::pcmp_lt(at, zero);
            packet::pstoreu(first + k, packet::pselect(negative, other, share));
            packet::pstoreu(second + k, packet::pmul(share, other));
            packet::pstoreu(value + k, Softplus<T>::of_exponential(at, e));
        };
        // Two at once: a chain of multiply-adds waits for itself.
        for (; i + 2 * size <= n; i += 2 * size) {
            const Packet a = packet::ploadu<Packet>(z + i);
            const Packet b = packet::ploadu<Packet>(z + i + size);
            const Packet ea = ExpMinusAbs<T>{}.packetOp(a);
            const Packet eb = ExpMinusAbs<T>{}.packetOp(b);
            finish(i, a, ea);
            finish(i + size, b, eb);
        }
        for (; i + size <= n; i += size) {
            const Packet at = packet::ploadu<Packet>(z + i);
            finish(i, at, ExpMinusAbs<T>{}.packetOp(at));
        }
    }
    for (; i < n; ++i) {
        value[i] = softplus(z[i]);
        first[i] = sigmoid(z[i]);
        second[i] = first[i] * sigmoid(-z[i]);
    }
}

}  // namespace ermine
