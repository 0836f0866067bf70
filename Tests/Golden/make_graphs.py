"""Graph measures of NetworkX for Tests/StatisticsTests/GraphTests.swift: python make_graphs.py prints graphs.json."""
import json

import networkx as nx
import numpy as np

random = np.random.default_rng(5)
matrix = np.where(random.uniform(size=(12, 12)) < 0.3, np.round(random.exponential(2, (12, 12)) + 0.1, 3), 0)
np.fill_diagonal(matrix, 0)
symmetric = np.triu(matrix, 1) + np.triu(matrix, 1).T
labels = [i % 3 for i in range(12)]


def measures(matrix, kind):
    graph = nx.from_numpy_array(matrix, create_using=kind)
    for _, _, data in graph.edges(data=True):
        data["length"] = 1 / data["weight"]
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    n = range(len(matrix))
    groups = [{i for i in n if labels[i] == g} for g in range(3)]
    return {
        "matrix": matrix.tolist(),
        "clustering": [nx.clustering(graph)[i] for i in n],
        "weightedClustering": [nx.clustering(graph, weight="weight")[i] for i in n],
        "hops": [[hops[i].get(j, -1) for j in n] for i in n],
        "distances": [[lengths[i].get(j, -1) for j in n] for i in n],
        "modularity": nx.community.modularity(graph, groups, weight="weight"),
        "reciprocity": nx.reciprocity(graph) if graph.is_directed() else 1.0,
        "efficiency": float(np.mean([1 / hops[i][j] if j in hops[i] else 0 for i in n for j in n if i != j])),
        "richClub": {} if graph.is_directed() else nx.rich_club_coefficient(graph, normalized=False),
    }


print(json.dumps({"labels": labels, "directed": measures(matrix, nx.DiGraph), "undirected": measures(symmetric, nx.Graph)}))
