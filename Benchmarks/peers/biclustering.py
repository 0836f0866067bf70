"""The work of DecompositionBenchmarks.swift in NumPy: python biclustering.py NAME prints one line of JSON.

A port of the bicluster sweep, step by step, vectorised over neurons and bins where the step allows it. It leaves out the moves of
changes of state with trajectories integrated out, which the Swift sampler makes besides.
"""
import numpy as np

from timing import report, timed

random = np.random.default_rng(1)
N, GROUPS, T, P, L, SWEEPS = 30, 3, 500, 2, 10, 20
Q = P + 1
ALPHA, GAMMA, KAPPA = 5.0, 5.0, 10.0


def population():
    """Counts with planted groups and states."""
    labels = np.repeat(np.arange(GROUPS), N // GROUPS)
    states, state = [], 0
    while len(states) < 2 * T:
        states += [state] * random.poisson(50)
        state = 1 - state
    states = np.array(states[: 2 * T])
    size = GROUPS * Q
    moving = np.zeros((size, size))
    for g in range(GROUPS):
        basis = np.linalg.qr(random.normal(size=(Q, Q)))[0]
        turn = np.eye(Q)
        c, s = np.cos(np.pi / 20), np.sin(np.pi / 20)
        turn[:2, :2] = [[c, -s], [s, c]]
        moving[g * Q:(g + 1) * Q, g * Q:(g + 1) * Q] = 1.01 * basis @ turn @ basis.T
    dynamics = [0.01 * np.eye(size), moving]
    x, path = 0.1 * random.normal(size=size), []
    for state in states:
        path.append(x)
        x = dynamics[state] @ x + 0.1 * random.normal(size=size)
    x = np.array(path[T:]).T
    x -= x.mean(1, keepdims=True)
    d, c = 0.5 * random.normal(size=N), 0.5 * random.normal(size=(N, P))
    mean = np.exp(predictor(x, d, c, labels))
    return random.poisson(random.gamma(10, mean / 10)), labels, states[T:]


def predictor(x, d, c, labels):
    blocks = x.reshape(-1, Q, T)[labels]
    return d[:, None] + blocks[:, 0] + np.einsum("np,npt->nt", c, blocks[:, 1:])


def polya_gamma(b, c):
    c = np.maximum(np.abs(c), 1e-2)
    e = np.exp(-c)
    mean = (1 - e) / (2 * c * (1 + e))
    variance = (0.5 - 0.5 * e * e - c * e) / ((1 + e) ** 2 * c ** 3)
    scale = 1 / (2 * np.pi ** 2)
    z = c * c * 0.5 * scale
    total = 0
    for shift in (0.25, 2.25, 6.25):
        weight = scale / (z + shift)
        total = total + weight * random.standard_gamma(b)
        mean, variance = mean - weight, variance - weight * weight
    rest = variance / mean
    return total + rest * random.standard_gamma(b * mean / rest)


def draw_trajectories(y, s, clusters):
    """Information filter forward, sampling backward."""
    psi = predictor(s["x"], s["d"], s["c"], s["z"]) - np.log(s["r"])[:, None]
    omega = polya_gamma(y + s["r"][:, None], psi)
    kappa = (y - s["r"][:, None]) / 2 + omega * (np.log(s["r"]) - s["d"])[:, None]
    size = clusters * Q
    u = np.column_stack([np.ones(N), s["c"]])
    precision, information = np.zeros((T, size, size)), np.zeros((T, size))
    for g in range(clusters):
        own = s["z"] == g
        block = slice(g * Q, (g + 1) * Q)
        outer = (u[own][:, :, None] * u[own][:, None, :]).reshape(-1, Q * Q)
        precision[:, block, block] = (omega[own].T @ outer).reshape(T, Q, Q)
        information[:, block] = kappa[own].T @ u[own]
    inverse = np.linalg.inv(s["Q"])
    pulled = np.swapaxes(s["A"], 1, 2) @ inverse
    crossed = pulled @ s["A"]
    shift = np.einsum("kij,kj->ki", inverse, s["b"])
    pulled_shift = np.einsum("kij,kj->ki", pulled, s["b"])
    into = np.concatenate([s["s"][:1], s["s"][:-1]])
    f, h = np.eye(size), np.zeros(size)
    kept = []
    for t in range(T):
        k = into[t]
        root = np.linalg.cholesky(f + crossed[k])
        w = np.linalg.solve(root, np.column_stack([pulled[k], h - pulled_shift[k]]))
        kept.append((root, w))
        f = inverse[k] - w[:, :-1].T @ w[:, :-1] + precision[t]
        h = shift[k] + w[:, :-1].T @ w[:, -1] + information[t]
    z = random.normal(size=(T + 1, size))
    x = np.empty((size, T))
    root = np.linalg.cholesky(f)
    now = np.linalg.solve(root.T, np.linalg.solve(root, h) + z[T])
    for t in range(T - 1, -1, -1):
        x[:, t] = now
        root, w = kept[t]
        now = np.linalg.solve(root.T, w[:, -1] + w[:, :-1] @ now + z[t])
    s["x"] = x


def draw_states(s):
    """States, transitions and dynamics, five times."""
    x = s["x"]
    size = len(x)
    u = np.vstack([x[:, :-1], np.ones(T - 1)])
    prior_mean = np.hstack([np.eye(size), np.zeros((size, 1))])
    for _ in range(5):
        logs = np.empty((T - 1, L))
        for k in range(L):
            root = np.linalg.cholesky(s["Q"][k])
            residual = np.linalg.solve(root, x[:, 1:] - s["A"][k] @ x[:, :-1] - s["b"][k][:, None])
            logs[:, k] = -0.5 * (residual ** 2).sum(0) - np.log(np.diag(root)).sum()
        messages = np.exp(logs - logs.max(1, keepdims=True))
        now = np.full(L, 1 / L)
        for t in range(T - 1):
            now = now * messages[t]
            now /= now.sum()
            messages[t] = now
            now = now @ s["pi"]
        uniform = random.random(T - 1)
        states = np.empty(T, int)
        states[T - 2] = (messages[-1].cumsum() < uniform[-1]).sum()
        for t in range(T - 3, -1, -1):
            weights = (messages[t] * s["pi"][:, states[t + 1]]).cumsum()
            states[t] = (weights < uniform[t] * weights[-1]).sum()
        states[T - 1] = states[T - 2]
        s["s"] = states
        moves = np.zeros((L, L), int)
        np.add.at(moves, (states[:-2], states[1:-1]), 1)
        tables = np.zeros(L)
        rho = KAPPA / (ALPHA + KAPPA)
        for j, k in zip(*np.nonzero(moves)):
            weight = ALPHA * s["beta"][k] + KAPPA * (j == k)
            opened = (random.random(moves[j, k]) * (weight + np.arange(moves[j, k])) < weight).sum()
            if j == k:
                opened -= random.binomial(opened, rho / (rho + s["beta"][k] * (1 - rho)))
            tables[k] += opened
        s["beta"] = random.dirichlet(GAMMA / L + tables)
        weights = np.maximum(ALPHA * s["beta"], 1e-9) + KAPPA * np.eye(L) + moves
        draws = random.standard_gamma(weights)
        s["pi"] = draws / draws.sum(1, keepdims=True)
        for k in range(L):
            own = states[:-1] == k
            uk, xk = u[:, own], x[:, 1:][:, own]
            precision = np.eye(size + 1) + uk @ uk.T
            weighted = prior_mean + xk @ uk.T
            mean = np.linalg.solve(precision, weighted.T).T
            scale = 0.01 * np.eye(size) + xk @ xk.T + prior_mean @ prior_mean.T - mean @ weighted.T
            root = np.linalg.cholesky((scale + scale.T) / 2)
            bartlett = np.tril(random.normal(size=(size, size)), -1)
            freedom = size + 2 + own.sum() - np.arange(size)
            bartlett[np.diag_indices(size)] = np.sqrt(random.chisquare(freedom))
            half = root @ np.linalg.inv(bartlett).T
            spread = np.linalg.inv(np.linalg.cholesky(precision))
            w = mean + half @ random.normal(size=mean.shape) @ spread
            s["A"][k], s["b"][k], s["Q"][k] = w[:, :-1], w[:, -1], half @ half.T


def draw_loadings(y, s):
    blocks = s["x"].reshape(-1, Q, T)[s["z"]]
    psi = predictor(s["x"], s["d"], s["c"], s["z"]) - np.log(s["r"])[:, None]
    omega = polya_gamma(y + s["r"][:, None], psi)
    kappa = (y - s["r"][:, None]) / 2 + omega * (np.log(s["r"])[:, None] - blocks[:, 0])
    u = np.concatenate([np.ones((N, 1, T)), blocks[:, 1:]], axis=1)
    precision = np.einsum("nt,nit,njt->nij", omega, u, u, optimize=True) + np.eye(Q)
    covariance = np.linalg.inv(precision)
    mean = np.einsum("nij,nj->ni", covariance, np.einsum("nt,nit->ni", kappa, u))
    drawn = mean + np.einsum("nij,nj->ni", np.linalg.cholesky(covariance), random.normal(size=(N, Q)))
    s["d"], s["c"] = drawn[:, 0], drawn[:, 1:]


def draw_dispersions(y, s, above):
    """Slice sampling of log r, all neurons at once."""
    mean = np.exp(predictor(s["x"], s["d"], s["c"], s["z"]))
    steps = np.arange(above.shape[1])

    def score(log_r):
        r = np.exp(log_r)[:, None]
        value = log_r - r[:, 0] + T * r[:, 0] * log_r + (above * np.log(r + steps)).sum(1)
        return value - ((y + r) * np.log(r + mean)).sum(1)

    now = np.log(s["r"])
    height = score(now) + np.log1p(-random.random(N))
    low = now - random.random(N)
    high = low + 1
    for bound, step in ((low, -1), (high, 1)):
        for _ in range(8):
            outside = score(bound) <= height
            if outside.all():
                break
            bound += np.where(outside, 0, step)
    pending = np.ones(N, bool)
    for _ in range(60):
        trial = low + random.random(N) * (high - low)
        accepted = pending & (score(trial) > height)
        now = np.where(accepted, trial, now)
        pending &= ~accepted
        if not pending.any():
            break
        low = np.where(pending & (trial < now), trial, low)
        high = np.where(pending & (trial >= now), trial, high)
    s["r"] = np.exp(now)


def constrain(s):
    clusters = len(s["x"]) // Q
    forward, centre = np.zeros((len(s["x"]),) * 2), s["x"].mean(1)
    s["x"] = s["x"] - centre[:, None]
    for g in range(clusters):
        own, start = s["z"] == g, g * Q
        factors = s["x"][start + 1:start + Q]
        axes = np.linalg.eigh(factors @ factors.T)[1][:, ::-1].T
        s["d"][own] += centre[start] + s["c"][own] @ centre[start + 1:start + Q]
        s["x"][start + 1:start + Q] = axes @ factors
        s["c"][own] = s["c"][own] @ axes.T
        forward[start, start] = 1
        forward[start + 1:start + Q, start + 1:start + Q] = axes
    size = len(centre)
    s["b"] = (s["b"] + (s["A"] - np.eye(size)) @ centre) @ forward.T
    s["A"], s["Q"] = forward @ s["A"] @ forward.T, forward @ s["Q"] @ forward.T


def laplace(y, r, offset, x):
    """Log marginal likelihoods of neurons under one trajectory, (c, d) integrated out, with their modes and precisions."""
    u = np.vstack([x, np.ones(T)])
    mode = np.zeros((len(y), len(u)))
    for step in range(7):
        mean = np.exp(offset + mode @ u)
        scale = r[:, None] / (r[:, None] + mean)
        outer = (u[:, None, :] * u[None, :, :]).reshape(-1, T)
        precision = ((scale * mean) @ outer.T).reshape(-1, len(u), len(u)) + np.eye(len(u))
        if step == 6:
            break
        gradient = (scale * (y - mean)) @ u.T - mode
        mode = mode + np.linalg.solve(precision, gradient[..., None])[..., 0]
    linear = offset + mode @ u - np.log(r)[:, None]
    value = (y * linear - (y + r[:, None]) * np.log1p(np.exp(linear))).sum(1)
    value -= 0.5 * (mode ** 2).sum(1) + 0.5 * np.linalg.slogdet(precision)[1]
    return value, mode, precision


def whiten(x):
    root = np.linalg.cholesky(x @ x.T / T + 1e-12 * np.eye(len(x)))
    return np.linalg.solve(root, x), root


def draw_labels(y, s, log_v):
    """Gibbs sampling with one auxiliary group; groups that are born or die are beyond what is timed and are refused."""
    clusters = len(s["x"]) // Q
    blocks = s["x"].reshape(clusters, Q, T)
    white = [whiten(block[1:]) for block in blocks]
    marginals = np.array([laplace(y, s["r"], block[0], w[0])[0] for block, w in zip(blocks, white)])
    for i in range(N):
        noise = 0.1 * random.normal(size=(T, Q))
        path = np.empty((T, Q))
        now = np.zeros(Q)
        for t in range(T):
            now = 0.95 * now + noise[t]
            path[t] = now
        path = (path - path.mean(0)).T
        new = laplace(y[i:i + 1], s["r"][i:i + 1], path[0], whiten(path[1:])[0])[0][0]
        sizes = np.bincount(np.delete(s["z"], i), minlength=clusters)
        logs = np.append(np.log(sizes + 1.0) + marginals[:, i], log_v[clusters] - log_v[clusters - 1] + new)
        logs[:-1][sizes == 0] = -np.inf
        weights = np.exp(logs - logs.max()).cumsum()
        chosen = int((weights < random.random() * weights[-1]).sum())
        if chosen == clusters or chosen == s["z"][i] or sizes[s["z"][i]] == 0:
            continue
        s["z"][i] = chosen
        _, mode, precision = laplace(y[i:i + 1], s["r"][i:i + 1], blocks[chosen][0], white[chosen][0])
        drawn = mode[0] + np.linalg.solve(np.linalg.cholesky(precision[0]).T, random.normal(size=P + 1))
        s["d"][i], s["c"][i] = drawn[-1], np.linalg.solve(white[chosen][1].T, drawn[:-1])


def sweeps():
    y, labels, states = population()
    above = np.array([[(row > v).sum() for v in range(y.max())] for row in y], float)
    # The logarithms of the mixture's coefficients, up to a constant; only their differences count here.
    log_v = -np.log(np.arange(1.0, N + 1))

    def body():
        size = GROUPS * Q
        s = {
            "z": labels.copy(), "s": states.copy(), "d": np.log(y.mean(1) + 0.01), "r": np.full(N, 5.0),
            "c": 0.5 * random.normal(size=(N, P)), "x": np.zeros((size, T)), "beta": np.full(L, 1 / L),
            "pi": (ALPHA / L + KAPPA * np.eye(L)) / (ALPHA + KAPPA), "A": np.tile(np.eye(size), (L, 1, 1)),
            "b": np.zeros((L, size)), "Q": np.tile(0.01 * np.eye(size), (L, 1, 1)),
        }
        for _ in range(SWEEPS):
            draw_trajectories(y, s, GROUPS)
            draw_states(s)
            draw_loadings(y, s)
            draw_dispersions(y, s, above)
            constrain(s)
            draw_labels(y, s, log_v)

    return timed(3, body)


report({"bicluster-sweep": sweeps})
