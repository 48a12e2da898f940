// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace ermine {

/// What to do with a missing cell: one that is empty, ?, NA, N/A, NaN or null, in any case.
enum class Missing {
    refuse,  ///< An error that names the cell.
    drop,    ///< Leave out the example.
    mean,    ///< The mean of the column (of a one-hot column, its most frequent category).
    median,  ///< The median of the column (of a one-hot column, its most frequent category).
};

/// Whether the first line names the columns.
enum class Header {
    automatic,  ///< If some column is text there and a number below, or a name of CsvFormat is
                ///< there.
    present,
    absent,
};

/// How to read a CSV file. A column is given by its name in the header, or else by its position:
/// "1" is the first, "-1" the last.
struct CsvFormat {
    char separator = 0;  ///< 0: the one of , ; tab | that cuts the first lines into most fields.
    Header header = Header::automatic;
    std::string target = "-1";           ///< The column to be predicted.
    std::vector<std::string> drop = {};  ///< Columns to leave out.
    /// Text columns: each category becomes a 0/1 feature. Listing the target makes it classes.
    std::vector<std::string> categorical = {};
    Missing missing = Missing::refuse;  ///< A missing target is never imputed.
};

}  // namespace ermine
