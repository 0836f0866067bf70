// A population taken apart: factors, communities, clusters of neurons and of time.
