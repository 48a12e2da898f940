#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peer of compare_linear, which talks to it over its standard streams.

    scikit_learn.py FOLDER

Says the versions of scikit-learn, NumPy and its BLAS, or nothing where there is no scikit-learn. Then for each line,
a JSON object:

- {"load": true}: reads from FOLDER y.npy, X.npy (rows of float64) if it is there and data.npy, indices.npy,
  indptr.npy (CSR) if they are there, and answers "loaded".
- {"solver": …, "form": "dense" | "csr", "rounds": …, "tol": …, "lambda": …, "l1": …, "classes": …}: fits and answers
  with the seconds that `fit` took alone and the rounds it did; the coefficients are written to FOLDER/coef-PID.bin.

All objectives are the mean loss plus λ/2 ‖w‖² or λ ‖w‖₁, without intercept.
"""

import json
import os
import sys
import time
import warnings

try:
    import numpy as np
    import scipy.sparse as sp
    import sklearn
    from sklearn.linear_model import Lasso, LogisticRegression
except ImportError:
    sys.exit(0)


class Data:
    """The rows in each form that is asked for, made once and outside the timing."""

    def __init__(self, folder):
        def load(name):
            path = os.path.join(folder, name + ".npy")
            return np.load(path) if os.path.exists(path) else None

        self.y = load("y")
        self.dense = load("X")
        self.by_columns = None
        values = load("data")
        self.csr = None
        if values is not None:
            shape = tuple(int(x) for x in load("shape"))
            self.csr = sp.csr_matrix((values, load("indices"), load("indptr")), shape=shape)
            self.csr.has_sorted_indices = True

    def rows(self, form):
        if form == "csr":
            return self.csr
        if form == "columns":  # what Lasso would copy its rows to
            if self.by_columns is None:
                self.by_columns = np.asfortranarray(self.dense)
            return self.by_columns
        return self.dense


def model_of(task, n):
    solver = task["solver"]
    C = 1 / (task["lambda"] * n)
    if solver.startswith("lasso"):
        return Lasso(alpha=task["lambda"], fit_intercept=False, copy_X=False, tol=task["tol"],
                     max_iter=task["rounds"], precompute="gram" in solver, random_state=0,
                     selection="random" if "random" in solver else "cyclic")
    return LogisticRegression(C=C, penalty="l1" if task["l1"] else "l2", solver=solver, tol=task["tol"],
                              max_iter=task["rounds"], fit_intercept=False, random_state=0,
                              multi_class="multinomial" if task["classes"] > 1 else "ovr")


def main():
    warnings.filterwarnings("ignore")  # it says that it has not converged, as it was told
    folder = sys.argv[1]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whoever prints must not disturb the answers
    print("scikit-learn", sklearn.__version__, "NumPy", np.__version__, file=out, flush=True)
    data = None
    for line in sys.stdin:
        task = json.loads(line)
        if "load" in task:
            data = None
            data = Data(folder)
            print("loaded", file=out, flush=True)
            continue
        X = data.rows(task["form"])
        model = model_of(task, X.shape[0])
        begin = time.perf_counter()
        model.fit(X, data.y)
        seconds = time.perf_counter() - begin
        # ermine has the weights of a feature beside each other
        np.ascontiguousarray(np.atleast_2d(model.coef_).T, dtype=np.float64).tofile(
            os.path.join(folder, "coef-%d.bin" % os.getpid()))
        print(seconds, int(np.max(model.n_iter_)), file=out, flush=True)


if __name__ == "__main__":
    main()
