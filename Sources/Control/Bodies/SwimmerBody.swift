import Foundation

/// A chain of equal links that swims in the plane: the swimmer of the DeepMind control suite (Tassa et al., 2018; after
/// Coulom, 2002), of any length.
///
/// Links are thin plates of 10 cm in a dense fluid, which resists them sideways fifty times as much as lengthways. The
/// head is link 0 and points to -y of its own frame; joint i lies between links i and i + 1, at the far end of link i.
public struct SwimmerBody: Sendable, Equatable {
  public let links: Int
  /// Metres: half the thickness, length and width of a link.
  public let halfSizes = SIMD3(0.001, 0.05, 0.01)
  /// Kilograms.
  public let linkMass = 0.01
  /// Of the rotor of a joint, kg m².
  public let armature = 1e-6
  /// kg/m³.
  public let fluidDensity = 3000.0
  /// Newton metres at a control of one.
  public let torque = 5e-4
  /// Seconds of a step of physics, and how many a control is held for.
  public let physicsStep = 0.002
  public let substeps = 15

  public var joints: Int { links - 1 }
  /// How far a joint bends to either side before it is pushed back, radians.
  public var jointLimit: Double { 2 * .pi / Double(links) }
  public var linkLength: Double { 2 * halfSizes.y }
  /// Seconds between two controls.
  public var controlStep: Double { physicsStep * Double(substeps) }

  /// - Parameter links: Two or more.
  public init(links: Int = 6) {
    precondition(links >= 2, "a swimmer of \(links) links")
    self.links = links
  }

  /// The model for MuJoCo.
  public var mjcf: String {
    let degrees = 360 / Double(links)
    var bodies = ""
    for link in 0..<links {
      let joint =
        link > 0
        ? "<joint name=\"joint_\(link - 1)\" range=\"\(-degrees) \(degrees)\"/>"
        : """
        <joint name="root_x" class="free" type="slide" axis="1 0 0"/><joint name="root_y" class="free" type="slide" axis="0 1 0"/>\
        <joint name="root_angle" class="free"/>
        """
      bodies += """
        <body name="link_\(link)" pos="0 \(link == 0 ? 0 : linkLength) 0">\(joint)\
        <geom type="box" size="\(halfSizes.x) \(halfSizes.y) \(halfSizes.z)" mass="\(linkMass)"/><site name="link_\(link)"/>
        """
    }
    let motors = (0..<joints).map { "<motor name=\"motor_\($0)\" joint=\"joint_\($0)\"/>" }.joined()
    return """
      <mujoco model="swimmer">
      <option timestep="\(physicsStep)" density="\(fluidDensity)"><flag contact="disable"/></option>
      <default>
      <joint type="hinge" pos="0 \(-halfSizes.y) 0" axis="0 0 1" limited="true" solreflimit=".05 1" solimplimit="0 .8 .1" armature="\(armature)"/>
      <default class="free"><joint limited="false" stiffness="0" armature="0"/></default>
      <motor gear="\(torque)" ctrllimited="true" ctrlrange="-1 1"/>
      </default>
      <worldbody>\(bodies)\(String(repeating: "</body>", count: links))</worldbody>
      <actuator>\(motors)</actuator>
      </mujoco>
      """
  }
}
