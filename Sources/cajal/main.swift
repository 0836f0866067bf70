import NeuronStudies

print(NeuronStudies.all.count)
