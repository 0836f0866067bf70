// Populations against populations: network and network, network and brain.
