// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>

#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/mapped_store.hpp>
#include <ermine/data/store_manifest.hpp>

namespace ermine {

/// How to map a store.
struct MapOptions {
    /// Compares the checksums and looks at each column number, which reads all files once. Without
    /// it only sizes, headers, row positions, targets and weights are checked.
    bool verify = true;
};

/// Maps the dense or sparse, float or double examples of a folder that shuffle_to_npy has written:
///
///     const auto data = map_npy<DenseRows<float>>("mnist");
///     … minimize(risk, x0, minibatch(Sequential{}, {.size = 128}) | Cosine{…}, …)
///
/// Nothing is copied; the system reads what is looked at. All passes give the same bits as over the
/// same examples in memory. The dataset keeps the mapping, and its files even if they are replaced.
///
/// Throws DataError for a folder that is no store or not a complete one, for a file that is missing
/// or was altered, and for other Rows than the store holds.
template <class Rows>
Dataset<Rows> map_npy(const std::string& folder, const MapOptions& options = {}) {
    using T = typename Rows::Scalar;
    constexpr bool sparse = std::same_as<Rows, SparseRows<T>>;
    const auto store = std::make_shared<MappedStore>(folder, options.verify);
    const StoreManifest& manifest = store->manifest();
    const std::int64_t n = manifest.examples;
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (n < 1 || n > most) {
        throw DataError(StoreManifest::path_in(folder),
                        std::to_string(n) + " examples; a store has 1 to 2147483647");
    }
    if (manifest.sparse != sparse || manifest.element != (sizeof(T) == 4 ? "f4" : "f8")) {
        throw DataError(folder, std::string("the store holds ") +
                                    (manifest.sparse ? "sparse" : "dense") + " rows of " +
                                    (manifest.element == "f4" ? "float" : "double") +
                                    "; map them as they are, or with map_npy(folder) as any");
    }
    Rows rows;
    rows.examples = n;
    rows.features = manifest.features;
    if constexpr (sparse) {
        const auto refuse = [&](const char* name, const std::string& sentence) {
            throw DataError(folder, std::string(name) + ": " + sentence);
        };
        rows.offsets = store->template array<std::int64_t>("indptr.npy", {n + 1});
        bool increase = rows.offsets[0] == 0;
        for (Index i = 0; i < n; ++i) {
            increase = increase && rows.offsets[i] <= rows.offsets[i + 1];
        }
        if (!increase) {
            refuse("indptr.npy", "the positions of the rows must begin with 0 and not decrease");
        }
        rows.columns = store->template array<std::int32_t>("indices.npy", {rows.nonzeros()});
        rows.values = store->template array<T>("data.npy", {rows.nonzeros()});
        for (Index k = 0; options.verify && k < rows.nonzeros(); ++k) {
            if (rows.columns[k] < 0 || rows.columns[k] >= rows.features) {
                refuse("indices.npy", "entry " + std::to_string(k) + " is column " +
                                          std::to_string(rows.columns[k]) + ", there are " +
                                          std::to_string(rows.features));
            }
        }
    } else {
        rows.values = store->template array<T>("X.npy", {n, manifest.features});
        rows.stride = manifest.features;
    }
    const double* const targets = store->template array<double>("y.npy", {n});
    const double* const weights = manifest.find("weights.npy") == nullptr
                                      ? nullptr
                                      : store->template array<double>("weights.npy", {n});
    try {
        Dataset<Rows> data = Dataset<Rows>::view(rows, targets, weights, store);
        if (!manifest.class_names.empty()) {
            data = data.with_class_names(manifest.class_names);
        }
        if (!manifest.feature_names.empty()) {
            data = data.with_feature_names(manifest.feature_names);
        }
        return data;
    } catch (const std::invalid_argument& error) {
        throw DataError(folder, error.what());
    }
}

/// What map_npy gives for a folder of any kind.
using MappedData = std::variant<Dataset<DenseRows<float>>, Dataset<DenseRows<double>>,
                                Dataset<SparseRows<float>>, Dataset<SparseRows<double>>>;

/// The same, whatever rows the store holds: `std::visit([](const auto& data) { … }, map_npy(f))`.
inline MappedData map_npy(const std::string& folder, const MapOptions& options = {}) {
    const StoreManifest manifest = StoreManifest::read(folder);
    if (manifest.sparse) {
        if (manifest.element == "f4") return map_npy<SparseRows<float>>(folder, options);
        return map_npy<SparseRows<double>>(folder, options);
    }
    if (manifest.element == "f4") return map_npy<DenseRows<float>>(folder, options);
    return map_npy<DenseRows<double>>(folder, options);
}

}  // namespace ermine
