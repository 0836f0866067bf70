import Support
import Tensors

/// A two-dimensional convolution without bias: `[B, C, H, W]` -> `[B, out, H', W']`, weight `[out, C, k, k]`.
///
/// Its presynaptic vectors are the patches of C k² numbers under the kernel; subspaces are of these.
public final class ProjectedConvolution: ProjectedLayer {
  public let kernel: Int
  public let stride: Int
  public let padding: Int

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1,
    feedback: Feedback = .backpropagation, _ initialisation: Initialisation = .uniformFanIn,
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    precondition(kernel > 0 && stride > 0 && padding >= 0, "kernel \(kernel), stride \(stride)")
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    super.init([outputs, inputs, kernel, kernel], feedback, initialisation, type, using: &generator)
  }

  private var shape: ConvolutionShape { ConvolutionShape(stride: stride, padding: padding) }

  /// The patches `[B, H', W', C k²]` under the kernel at every position.
  public func patches(_ x: Tensor) -> Tensor {
    let padded = padding == 0 ? x : x.padded([padding, padding, padding, padding])
    let windows = padded.windows(kernel, step: stride, axis: 2).windows(kernel, step: stride, axis: 3)
    return windows.permuted(0, 2, 3, 1, 4, 5).flattened(from: 3)
  }

  public override func presynaptic(_ x: Tensor) -> Tensor { patches(x.detached()).reshaped(-1, inputs) }

  public override func currents(_ x: Tensor, trace: Tensor? = nil) -> Tensor {
    if let subspace, !subspace.isLinear, subspace.protected != nil { return unfolded(x, trace, subspace) }
    let weight = protectedWeight
    if trace == nil, feedback == .backpropagation { return x.convolution(weight, nil, shape) }
    // The value is the convolution of x; the two terms that cancel carry the gradients of weights and inputs apart.
    let forward = weight.detached()
    let learning = (trace ?? x).detached().convolution(weight, nil, shape)
    guard x.requiresGradient else {
      return trace == nil ? learning : x.convolution(forward, nil, shape) + (learning - learning.detached())
    }
    let returning = x.convolution(returningWeight ?? forward, nil, shape)
    if trace == nil { return learning + (returning - returning.detached()) }
    if feedback == .backpropagation { return returning + (learning - learning.detached()) }
    return x.detached().convolution(forward, nil, shape) + (learning - learning.detached())
      + (returning - returning.detached())
  }

  /// As a linear map of patches, whose projection need not be linear.
  private func unfolded(_ x: Tensor, _ trace: Tensor?, _ subspace: any ActivitySubspace) -> Tensor {
    let seen = patches((trace ?? x).detached())
    let credited = withoutGradients { seen - subspace.projection(of: seen) }
    let outputs = weight.value.size(0)
    return patches(x).linear(
      weight.value.reshaped(outputs, inputs), crediting: credited,
      returningThrough: returningWeight?.reshaped(outputs, inputs)
    ).permuted(0, 3, 1, 2)
  }
}
