// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ermine {

/// The CRC-32 of gzip, PNG and Python's `zlib.crc32` (ITU-T V.42; polynomial 0xEDB88320, reflected)
/// of the bytes given so far. It finds every change of up to 32 bits that lie together, and of two
/// bits up to 512 MB apart. Eight bytes a step by tables (Kounavis & Berry, "A systematic approach
/// to building high performance software-based CRC generators", ISCC 2005).
class Crc32 {
public:
    void add(std::string_view bytes) {
        const Tables& t = tables();
        std::uint32_t c = ~value_;
        const char* at = bytes.data();
        std::size_t left = bytes.size();
        for (; left >= 8; left -= 8, at += 8) {
            const std::uint32_t low = c ^ word(at);
            const std::uint32_t high = word(at + 4);
            c = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^
                t[4][low >> 24] ^ t[3][high & 0xff] ^ t[2][high >> 8 & 0xff] ^
                t[1][high >> 16 & 0xff] ^ t[0][high >> 24];
        }
        for (; left > 0; --left, ++at) {
            c = t[0][(c ^ static_cast<unsigned char>(*at)) & 0xff] ^ c >> 8;
        }
        value_ = ~c;
    }

    std::uint32_t value() const { return value_; }

    /// Of all bytes at once.
    static std::uint32_t of(std::string_view bytes) {
        Crc32 crc;
        crc.add(bytes);
        return crc.value();
    }

private:
    using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

    std::uint32_t value_ = 0;

    static std::uint32_t word(const char* at) {
        std::array<unsigned char, 4> b;
        std::memcpy(b.data(), at, 4);
        if constexpr (std::endian::native == std::endian::little) {
            return std::bit_cast<std::uint32_t>(b);
        }
        return std::uint32_t{b[0]} | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 |
               std::uint32_t{b[3]} << 24;
    }

    // At run time: as constants they would cost each file that includes this a while to compile.
    static const Tables& tables() {
        static const Tables made = [] {
            Tables t{};
            for (std::uint32_t byte = 0; byte < 256; ++byte) {
                std::uint32_t c = byte;
                for (int bit = 0; bit < 8; ++bit) {
                    c = c >> 1 ^ ((c & 1U) != 0 ? 0xEDB88320U : 0U);
                }
                t[0][byte] = c;
            }
            for (std::size_t step = 1; step < 8; ++step) {
                for (std::size_t byte = 0; byte < 256; ++byte) {
                    const std::uint32_t c = t[step - 1][byte];
                    t[step][byte] = c >> 8 ^ t[0][c & 0xff];
                }
            }
            return t;
        }();
        return made;
    }
};

}  // namespace ermine
