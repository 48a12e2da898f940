// SPDX-License-Identifier: MIT
#include "make_problem.hpp"

template Problem make_problem(Parts<ermine::DenseRows<double>>, Task, ermine::Index,
                              const std::string&, const TrainOptions&);
