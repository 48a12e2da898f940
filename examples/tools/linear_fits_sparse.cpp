// SPDX-License-Identifier: MIT
#include "make_linear_fits.hpp"

using Data = ermine::Dataset<ermine::SparseRows<double>>;

template LinearFit fit_linear(const Data&, const LinearRequest&, Watchers&);
template std::vector<ermine::PathPoint> path_of(const Data&, const LinearRequest&, int);
template ermine::CrossValidated cross_validate_linear(const Data&, const LinearRequest&,
                                                      std::vector<double>,
                                                      const ermine::FoldOptions&);
