// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/npy_writer.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/store_manifest.hpp>

namespace ermine {

/// How shuffle_to_npy orders the examples.
struct ShuffleOptions {
    std::uint64_t seed = 7;
};

/// Writes the examples in random order into a folder, once, so that a run may read them from the
/// first to the last, minibatch by minibatch, and still see them in random order: the order is
/// that of `ShuffledOnce{seed}`, over `map_npy(folder)` that of `Sequential{}`.
///
/// NumPy opens the arrays: dense rows are `X.npy` (n × d), sparse rows `data.npy`, `indices.npy`
/// and `indptr.npy` (`scipy.sparse.csr_matrix((data, indices, indptr), (n, d))`), of float or
/// double as they are; targets `y.npy` and weights, if there are any, `weights.npy`, of double.
/// `store.txt` holds the sizes, checksums and names, see StoreManifest.
///
/// A store in the folder is replaced. Its files are exchanged only after the new ones are written
/// out, and datasets that have it mapped keep the old one. Killed at any moment, this leaves the
/// old store, the new one, or a folder that map_npy refuses as unfinished, to be written again.
///
/// Throws DataError if the folder cannot be written, or has array files and no store.txt, because
/// they would be lost; std::invalid_argument for a feature that is not finite.
template <class Rows>
void shuffle_to_npy(const Dataset<Rows>& data, const std::string& folder,
                    const ShuffleOptions& options = {}) {
    namespace fs = std::filesystem;
    using T = typename Rows::Scalar;
    constexpr bool sparse = requires(const Rows& r) { r.columns; };
    constexpr std::array<const char*, 6> arrays{"X.npy",      "data.npy", "indices.npy",
                                                "indptr.npy", "y.npy",    "weights.npy"};
    const Rows& rows = data.rows();
    const std::int64_t n = data.examples();
    const ShuffledOnce::State order = ShuffledOnce{options.seed}.start(n);

    std::error_code error;
    fs::create_directories(folder, error);
    if (!fs::is_directory(folder, error)) {
        throw DataError(folder, "is no folder and cannot be made one");
    }
    const auto path = [&](const std::string& name) { return (fs::path(folder) / name).string(); };
    const bool replaces = fs::exists(StoreManifest::path_in(folder), error);
    for (const char* const name : arrays) {
        if (!replaces && fs::exists(path(name), error)) {
            throw DataError(path(name),
                            "would be replaced, and belongs to no store of shuffled "
                            "examples; give another folder");
        }
    }
    StoreManifest::remove_left_over(folder);

    StoreManifest manifest{.complete = false,
                           .sparse = sparse,
                           .element = sizeof(T) == 4 ? "f4" : "f8",
                           .examples = n,
                           .features = data.features(),
                           .seed = options.seed,
                           .files = {},
                           .class_names = data.class_names(),
                           .feature_names = data.feature_names()};
    const auto note = [&](const char* name, const auto& file) {
        manifest.files.push_back({name, file.size(), file.crc32()});
    };
    const auto check = [](Index i, std::span<const T> values) {
        for (const T value : values) {
            if (!std::isfinite(value)) {
                throw std::invalid_argument("shuffle_to_npy: a feature of example " +
                                            std::to_string(i + 1) + " is " + std::to_string(value) +
                                            "; a store holds finite numbers");
            }
        }
        return values;
    };
    const auto gather = [&](NpyWriter<double>& file, const auto& numbers) {
        for (const std::int32_t i : order.epoch.rows) {
            file.write(std::span<const double>(numbers.data() + i, 1));
        }
    };
    NpyWriter<double> targets(path("y.npy"), {n});
    gather(targets, data.targets());
    note("y.npy", targets);
    std::optional<NpyWriter<double>> weights;
    if (data.weighted()) {
        weights.emplace(path("weights.npy"), std::vector<std::int64_t>{n});
        gather(*weights, data.weights());
        note("weights.npy", *weights);
    }

    // From the first manifest on the old store is gone.
    const auto publish = [&](auto&... files) {
        (files.flush(), ...);
        if (weights) {
            weights->flush();
        }
        manifest.write(folder);
        for (const char* const name : arrays) {
            if (manifest.find(name) == nullptr) {
                fs::remove(path(name), error);
            }
        }
        (files.commit(), ...);
        if (weights) {
            weights->commit();
        }
        manifest.complete = true;
        manifest.write(folder);
    };
    if constexpr (sparse) {
        const std::int64_t count = rows.nonzeros();
        NpyWriter<T> values(path("data.npy"), {count});
        NpyWriter<std::int32_t> columns(path("indices.npy"), {count});
        NpyWriter<std::int64_t> offsets(path("indptr.npy"), {n + 1});
        std::int64_t end = 0;
        offsets.write({&end, 1});
        for (const std::int32_t i : order.epoch.rows) {
            values.write(check(i, rows.row_values(i)));
            columns.write(rows.row_columns(i));
            end += rows.nonzeros(i);
            offsets.write({&end, 1});
        }
        note("data.npy", values);
        note("indices.npy", columns);
        note("indptr.npy", offsets);
        publish(values, columns, offsets, targets);
    } else {
        NpyWriter<T> values(path("X.npy"), {n, rows.features});
        for (const std::int32_t i : order.epoch.rows) {
            values.write(check(i, {rows.row(i), static_cast<std::size_t>(rows.features)}));
        }
        note("X.npy", values);
        publish(values, targets);
    }
}

}  // namespace ermine
