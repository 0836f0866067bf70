import Neurons
import Testing
