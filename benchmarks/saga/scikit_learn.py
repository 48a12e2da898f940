#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peer of compare_saga, which talks to it over its standard streams.

    scikit_learn.py LIBSVM-FILE

Says the version of scikit-learn, or nothing where there is none. Then for each line "EPOCHS SEED" it fits a
logistic regression by the solver saga, C = 1 and no intercept, in so many epochs, and answers with the seconds that
`fit` took and the weights.
"""

import sys
import time
import warnings

try:
    import sklearn
    from sklearn.datasets import load_svmlight_file
    from sklearn.linear_model import LogisticRegression
except ImportError:
    sys.exit(0)


def main():
    warnings.filterwarnings("ignore")  # it says that it has not converged, as it was told
    X, y = load_svmlight_file(sys.argv[1])
    print(sklearn.__version__, flush=True)
    for line in sys.stdin:
        epochs, seed = map(int, line.split())
        model = LogisticRegression(C=1.0, solver="saga", tol=0, max_iter=epochs, fit_intercept=False,
                                   random_state=seed)
        begin = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - begin
        print(seconds, *(repr(float(w)) for w in model.coef_.ravel()), flush=True)


if __name__ == "__main__":
    main()
