"""Reference numbers for Tests/AlignmentTests, by NumPy, SciPy and scikit-learn: python make_alignment.py > alignment.json"""
import json

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import laplacian
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kendalltau, pearsonr, rankdata, spearmanr
from sklearn.linear_model import Lasso, RidgeCV

random = np.random.default_rng(5)
S, N, M = 40, 6, 5
latent = random.normal(size=(S, 3))
A = latent @ random.normal(size=(3, N)) + 0.6 * random.normal(size=(S, N))
A = np.where(A > 0, A, 0.1 * A) + 100
B = latent @ random.normal(size=(3, M)) + 0.8 * random.normal(size=(S, M))
A, B = np.round(A, 4), np.round(B, 4)
z = lambda x: (x - x.mean(0)) / x.std(0)
C = np.corrcoef(A.T, B.T)
AC = A - A.mean(0)  # the large offset would cost the plain formulas digits


def hsic(k, l, unbiased):
    n = len(k)
    if not unbiased:
        h = np.eye(n) - 1 / n
        return np.trace(k @ h @ l @ h)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    return (np.trace(k @ l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * one @ k @ l @ one) / (n * (n - 3))


def cka(k, l, unbiased):
    return hsic(k, l, unbiased) / np.sqrt(hsic(k, k, unbiased) * hsic(l, l, unbiased))


def gaussian(x):
    d = pdist(x, "sqeuclidean")
    return np.exp(-squareform(d) / (2 * np.median(d)))


def canonical(x, y, share=1.0):
    def basis(x):
        u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
        kept = np.searchsorted(np.cumsum(s**2), share * (s**2).sum() * (1 - 1e-12)) + 1 if share < 1 else len(s)
        return u[:, :kept]
    qx, qy = basis(x), basis(y)
    u, s, _ = np.linalg.svd(qx.T @ qy, full_matrices=False)
    return s, qx @ u


def pwcca(x, y):
    s, h = canonical(x, y)
    weights = np.abs(h.T @ (x - x.mean(0))).sum(1)
    return (weights * s).sum() / weights.sum()


def information(x, y, bins):
    def codes(v):
        s = np.sort(v[v != 0])
        edges = [s[k * len(s) // bins] for k in range(1, bins)]
        return np.where(v == 0, 0, 1 + np.searchsorted(edges, v, side="right"))
    a, b = codes(x), codes(y)
    table = np.zeros((bins + 1, bins + 1))
    np.add.at(table, (a, b), 1)
    h = lambda c: -(c[c > 0] / len(x) * np.log2(c[c > 0] / len(x))).sum()
    used = lambda c: (c > 0).sum()
    p, q = table.sum(1), table.sum(0)
    return h(p) + h(q) - h(table.ravel()) + (used(p) + used(q) - used(table.ravel()) - 1) / (2 * len(x) * np.log(2))


def crossnobis(runs):
    count, conditions, units = runs.shape
    e = (runs - runs.mean(0)).reshape(-1, units)
    n = len(e)
    products = e[:, :, None] * e[:, None, :]
    s = products.sum(0)
    off = ~np.eye(units, dtype=bool)
    noise = (((products - products.mean(0)) ** 2).sum(0) * n / (n - 1))[off].sum()
    weight = np.clip(noise / (s[off] ** 2).sum(), 0, 1)
    covariance = ((1 - weight) * s + weight * np.diag(np.diag(s))) / (conditions * (count - 1))
    precision = np.linalg.inv(covariance)
    distances = np.zeros((conditions, conditions))
    for i in range(conditions):
        for j in range(conditions):
            d = runs[:, i] - runs[:, j]
            distances[i, j] = np.mean([d[r] @ precision @ d[t] for r in range(count) for t in range(count) if r != t])
    return weight, squareform(distances / units, checks=False)


lasso = {
    str(alpha): [Lasso(alpha=alpha, fit_intercept=False, tol=1e-14, max_iter=1000000).fit(z(A), z(B)[:, j]).coef_.tolist() for j in range(M)]
    for alpha in (0.3, 0.05, 0.005)
}
alphas = 10.0 ** np.arange(-4, 5)
train, test = np.arange(30), np.arange(30, 40)
unit = ((A[train] - A[train].mean(0)) ** 2).sum() / N
ridge = RidgeCV(alphas=alphas * unit, alpha_per_target=True).fit(A[train], B[train])
ties = random.integers(0, 6, size=60).astype(float)
ties2 = ties + random.integers(0, 4, size=60)
square = np.round(random.normal(size=(12, 12)), 3)
wide = np.round(random.normal(size=(7, 11)), 3)
assignments = []
for matrix in (square, wide, wide.T, np.zeros((4, 4)), random.integers(0, 3, size=(9, 9)).astype(float)):
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    assignments.append({"matrix": matrix.tolist(), "total": float(matrix[rows, columns].sum())})
W = np.abs(C) - np.eye(N + M)
runs = np.round(random.normal(size=(3, 5, 4)) + 1.5 * random.normal(size=(5, 4)), 4)
many = np.round(random.normal(size=3000), 2)
rdm = {name: (pdist(A, name), pdist(B, name)) for name in ("correlation", "euclidean", "sqeuclidean", "cosine")}
weight, distances = crossnobis(runs)
print(json.dumps({
    "firstRows": A.tolist(), "secondRows": B.tolist(), "correlations": C.tolist(), "lasso": lasso,
    "ridge": {"alphas": (ridge.alpha_ / unit).tolist(), "predicted": ridge.predict(A[test]).tolist()},
    "dissimilarities": {k: [v[0].tolist(), v[1].tolist()] for k, v in rdm.items()},
    "agreement": {"spearman": spearmanr(*rdm["correlation"])[0], "kendall": kendalltau(*rdm["correlation"])[0],
                  "pearson": pearsonr(*rdm["correlation"])[0]},
    "ties": {"x": ties.tolist(), "y": ties2.tolist(), "kendall": kendalltau(ties, ties2)[0]},
    "ranks": {"values": many.tolist(), "ranks": rankdata(many).tolist()},
    "cka": {"linear": cka(AC @ AC.T, B @ B.T, False), "unbiased": cka(AC @ AC.T, B @ B.T, True),
            "gaussian": cka(gaussian(A), gaussian(B), False)},
    "canonical": canonical(A, B)[0].tolist(), "svcca": float(canonical(A, B, 0.9)[0].mean()), "pwcca": pwcca(A, B),
    "procrustesDisparity": procrustes(A, np.hstack([B, np.zeros((S, 1))]))[2],
    "information": [[information(np.maximum(0, A[:, i] - 100), B[:, j], 4) for j in range(M)] for i in range(N)],
    "laplacian": np.linalg.eigvalsh(laplacian(W, normed=True)).tolist(),
    "assignments": assignments,
    "crossnobis": {"runs": runs.tolist(), "shrinkage": weight, "distances": distances.tolist()},
}))
