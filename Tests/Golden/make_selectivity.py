"""Reference values for statistics of neurons, by SciPy and scikit-learn. Writes selectivity.json beside this file."""

import itertools
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from sklearn.metrics import mutual_info_score

rng = np.random.default_rng(7)


def two_groups():
    rows = []
    for n1, n2, shift, scale in [(12, 9, 0.8, 1.5), (5, 40, -0.3, 0.7), (30, 30, 0.0, 1.0)]:
        a, b = rng.normal(shift, 1, n1).round(4), rng.normal(0, scale, n2).round(4)
        pooled = np.sqrt(((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / (n1 + n2 - 2))
        welch = stats.ttest_ind(a, b, equal_var=False)
        d = (a.mean() - b.mean()) / pooled
        m = n1 + n2 - 2
        rows.append({
            "first": a.tolist(), "second": b.tolist(), "cohens_d": d,
            "hedges_g": d * special.gamma(m / 2) / (np.sqrt(m / 2) * special.gamma((m - 1) / 2)),
            "margin": (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2),
            "welch_t": welch.statistic, "welch_df": welch.df, "welch_p": welch.pvalue,
        })
    return rows


def correlations():
    rows = []
    for n, slope in [(15, 0.5), (40, -0.1), (4, 1.0)]:
        x = rng.normal(size=n).round(1)
        y = (slope * x + rng.normal(size=n)).round(1)
        p, s = stats.pearsonr(x, y), stats.spearmanr(x, y)
        interval = p.confidence_interval(0.95)
        rows.append({
            "x": x.tolist(), "y": y.tolist(), "pearson": p.statistic, "pearson_p": p.pvalue,
            "low": interval.low, "high": interval.high, "spearman": s.statistic, "spearman_p": s.pvalue,
            "ranks": stats.rankdata(x).tolist(),
        })
    return rows


def adjusted():
    p = np.array([0.001, 0.04, 0.03, 0.2, 0.03, 0.9, 0.0004, 0.5])
    order = np.argsort(p)
    m = len(p)
    holm = np.empty(m)
    holm[order] = np.minimum(1, np.maximum.accumulate((m - np.arange(m)) * p[order]))
    return {
        "p": p.tolist(), "bonferroni": np.minimum(1, m * p).tolist(), "holm": holm.tolist(),
        "benjamini_hochberg": stats.false_discovery_control(p, method="bh").tolist(),
        "benjamini_yekutieli": stats.false_discovery_control(p, method="by").tolist(),
    }


def distributions():
    x, a, b = rng.uniform(size=12).round(3), rng.uniform(0.1, 60, 12).round(2), rng.uniform(0.1, 60, 12).round(2)
    t, df = rng.normal(0, 4, 12).round(3), rng.uniform(1, 90, 12).round(2)
    q = [1e-12, 1e-5, 0.02, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9]
    return {
        "beta": {"x": x.tolist(), "a": a.tolist(), "b": b.tolist(), "value": special.betainc(a, b, x).tolist()},
        "student": {"t": t.tolist(), "df": df.tolist(), "p": (2 * stats.t.sf(np.abs(t), df)).tolist()},
        "quantile": {"p": q, "z": stats.norm.ppf(q).tolist()},
        "sign": [{
            "positive": k, "negative": n - k,
            "greater": stats.binomtest(k, n, alternative="greater").pvalue,
            "two_sided": stats.binomtest(k, n).pvalue,
        } for k, n in [(6, 6), (5, 6), (2, 11), (5, 10), (40, 61)]],
    }


def information():
    label = rng.integers(0, 3, 60)
    activity = (rng.normal(size=(60, 4)) + label[:, None] * np.array([0, 0.5, 1.5, 3])).astype(np.float32).round(3)
    activity[:, 0] = 2
    edges = lambda x: np.linspace(x.min(), x.max(), 6)[1:-1]
    wide = [0.0] + [mutual_info_score(label, np.digitize(activity[:, n], edges(activity[:, n]))) / np.log(2) for n in range(1, 4)]
    quantile = []
    for n in range(4):
        ordered = np.sort(activity[:, n])
        cuts = ordered[[k * 60 // 4 for k in range(1, 4)]]
        bins = (activity[:, n][:, None] >= cuts).sum(1)
        quantile.append(mutual_info_score(label, bins) / np.log(2))
    return {
        "label": label.tolist(), "activity": activity.astype(float).tolist(), "threshold": 1.0,
        "by_threshold": [mutual_info_score(label, activity[:, n] > 1) / np.log(2) for n in range(4)],
        "equal_width_5": wide, "quantiles_4": quantile,
    }


def permutations():
    """All exchanges of a small set: the exact p-values that random ones approach."""
    x = np.array([[1.2, 0.1], [0.9, -0.4], [1.5, 0.3], [0.2, 0.2], [-0.3, -0.1], [0.4, 0.6], [-0.8, 0.0], [0.1, -0.5]])
    member = np.array([1, 1, 1, 0, 0, 0, 0, 0], bool)
    r = lambda group: np.array([stats.pearsonr(x[:, n], group).statistic for n in range(2)])
    observed = r(member)
    groups = [np.isin(np.arange(8), chosen) for chosen in itertools.combinations(range(8), 3)]
    every = np.array([r(group) for group in groups])
    close = 1e-9
    exact = {
        "two_sided": (np.abs(every) >= np.abs(observed) - close).mean(0).tolist(),
        "greater": (every >= observed - close).mean(0).tolist(),
        "less": (every <= observed + close).mean(0).tolist(),
        "family": [(np.abs(every).max(1) >= abs(o) - close).mean() for o in observed],
    }
    return {
        "activity": x.tolist(), "member": member.astype(int).tolist(), "exact": exact,
        "statistic": observed.tolist(),
    }


def bootstrap():
    values = rng.exponential(2, 30).round(3)
    result = stats.bootstrap((values,), np.mean, n_resamples=200_000, method="BCa", rng=rng).confidence_interval
    plain = stats.bootstrap((values,), np.mean, n_resamples=200_000, method="percentile", rng=rng).confidence_interval
    return {"values": values.tolist(), "bca": [result.low, result.high], "percentile": [plain.low, plain.high]}


content = {
    "readme": f"make_selectivity.py with SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "two_groups": two_groups(), "correlations": correlations(), "adjusted": adjusted(),
    "distributions": distributions(), "information": information(), "permutations": permutations(),
    "bootstrap": bootstrap(),
}
path = pathlib.Path(__file__).with_name("selectivity.json")
path.write_text(json.dumps(content) + "\n")
