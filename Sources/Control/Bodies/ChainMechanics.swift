import Foundation

/// The mechanics of a ``SwimmerBody``, in closed form for the plane: the same motion as MuJoCo's, several times as fast.
///
/// Velocities are kept as those of the head's front end and the rotation of every link against the world, in which the
/// equations of motion of a chain are short: with unit vectors `e_k` along link k and `e'_k` across it, link k's centre
/// moves with `v + Σ_{j<k} L ω_j e'_j + L/2 ω_k e'_k`. The drag is that of MuJoCo's box model, joint limits are its soft constraints
/// (reference acceleration and impedance by penetration), solved exactly; time goes by semi-implicit Euler steps.
struct ChainMechanics {
  typealias Numbers = UnsafeMutablePointer<Double>
  private let links, size: Int
  private let mass, length, half, inertia, armature, step: Double
  private let across, along, turning, jointLimit: Double
  /// x, y, the head's angle, joint angles; velocities of x, y and the links' rotations.
  private let positions, velocities: Numbers
  private let inverseWeights: [Double]
  private let sine, cosine, force, matrix, forceX, forceY: Numbers
  /// For limits: a column of M⁻¹ Jᵀ for each, and a small matrix.
  private let columns, small, reference, regularisation, push: Numbers

  private static func room(_ links: Int) -> Int {
    let (n, joints) = (links + 2, links - 1)
    return 4 * links + n + n * n + joints * n + joints * joints + 4 * joints
  }

  /// Lends the mechanics of a body for a while, on memory of the stack.
  static func lend<Result>(
    _ body: SwimmerBody, _ inverseWeights: [Double], _ positions: inout [Double],
    _ velocities: inout [Double],
    _ use: (ChainMechanics) -> Result
  ) -> Result {
    positions.withUnsafeMutableBufferPointer { p in
      velocities.withUnsafeMutableBufferPointer { v in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: room(body.links)) { scratch in
          use(ChainMechanics(body, inverseWeights, p.baseAddress!, v.baseAddress!, scratch.baseAddress!))
        }
      }
    }
  }

  private init(
    _ body: SwimmerBody, _ inverseWeights: [Double], _ positions: Numbers, _ velocities: Numbers,
    _ scratch: Numbers
  ) {
    (links, size, self.inverseWeights) = (body.links, body.links + 2, inverseWeights)
    (self.positions, self.velocities) = (positions, velocities)
    let (r, density) = (body.halfSizes, body.fluidDensity)
    (mass, length, half, armature) = (body.linkMass, body.linkLength, r.y, body.armature)
    (step, jointLimit) = (body.physicsStep, body.jointLimit)
    inertia = mass / 3 * (r.x * r.x + r.y * r.y)
    across = 2 * density * r.y * r.z
    along = 2 * density * r.x * r.z
    let (x2, y2) = (r.x * r.x, r.y * r.y)
    turning = density * r.z * (x2 * x2 + y2 * y2) / 2
    var next = scratch
    func take(_ count: Int) -> Numbers {
      defer { next += count }
      return next
    }
    let joints = links - 1
    (sine, cosine, forceX, forceY) = (take(links), take(links), take(links), take(links))
    (force, matrix) = (take(size), take(size * size))
    (columns, small) = (take(joints * size), take(joints * joints))
    (reference, regularisation, push) = (take(joints), take(joints), take(2 * joints))
  }

  /// One step of physics with torques at the joints.
  func step(_ torques: UnsafePointer<Double>) {
    turn()
    assemble()
    factorise()
    drag()
    addRotation()
    for joint in 0..<links - 1 {
      force[joint + 3] += torques[joint]
      force[joint + 2] -= torques[joint]
    }
    solve(force)
    limit()
    for k in 0..<size { velocities[k] += step * force[k] }
    for k in 0..<3 { positions[k] += step * velocities[k] }
    for k in 3..<size { positions[k] += step * (velocities[k] - velocities[k - 1]) }
  }

  /// `(M⁻¹)_ii` of each joint.
  func straightInverses() -> [Double] {
    turn()
    assemble()
    factorise()
    return (0..<links - 1).map { joint in
      for k in 0..<size { force[k] = 0 }
      (force[joint + 3], force[joint + 2]) = (1, -1)
      solve(force)
      return force[joint + 3] - force[joint + 2]
    }
  }

  /// Sines and cosines of the links' angles.
  private func turn() {
    var angle = 0.0
    for link in 0..<links {
      angle += positions[link + 2]
      (sine[link], cosine[link]) = (sin(angle), cos(angle))
    }
  }

  /// The lower half of the mass matrix over (x, y, rotations), row by row.
  private func assemble() {
    let n = size
    matrix[0] = mass * Double(links)
    matrix[n] = 0
    matrix[n + 1] = mass * Double(links)
    for j in 0..<links {
      let behind = Double(links - 1 - j)
      let lever = mass * (half + length * behind)
      let row = matrix + (j + 2) * n
      // e'_j = (-cos, -sin).
      row[0] = -cosine[j] * lever
      row[1] = -sine[j] * lever
      for i in 0..<j { row[i + 2] = (cosine[i] * cosine[j] + sine[i] * sine[j]) * length * lever }
      row[j + 2] = mass * (half * half + length * length * behind) + inertia
    }
    // Rotors turn with the difference of two links.
    for j in 1..<links {
      matrix[(j + 2) * n + j + 2] += armature
      matrix[(j + 1) * n + j + 1] += armature
      matrix[(j + 2) * n + j + 1] -= armature
    }
  }

  /// Cholesky's factor in place; the diagonal holds reciprocals.
  private func factorise() {
    let n = size
    for i in 0..<n {
      let row = matrix + i * n
      for j in 0...i {
        let other = matrix + j * n
        var sum = row[j]
        for k in 0..<j { sum -= row[k] * other[k] }
        row[j] = i == j ? 1 / sum.squareRoot() : sum * other[j]
      }
    }
  }

  private func solve(_ x: Numbers) {
    let n = size
    for i in 0..<n {
      let row = matrix + i * n
      var sum = x[i]
      for k in 0..<i { sum -= row[k] * x[k] }
      x[i] = sum * row[i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      let row = matrix + i * n
      x[i] *= row[i]
      let value = x[i]
      for k in 0..<i { x[k] -= row[k] * value }
    }
  }

  /// What the fluid does (MuJoCo's model of boxes of equal inertia, without viscosity), over (x, y, rotations).
  private func drag() {
    var (frontX, frontY) = (velocities[0], velocities[1])
    for link in 0..<links {
      let (s, c, w) = (sine[link], cosine[link], velocities[link + 2])
      let (x, y) = (frontX - half * w * c, frontY - half * w * s)
      let (u, v) = (x * c + y * s, y * c - x * s)
      let (fu, fv) = (-across * abs(u) * u, -along * abs(v) * v)
      (forceX[link], forceY[link]) = (fu * c - fv * s, fu * s + fv * c)
      force[link + 2] = -turning * abs(w) * w
      (frontX, frontY) = (frontX - length * w * c, frontY - length * w * s)
    }
    // From the tail on: a link also feels what acts on all behind it.
    var (sumX, sumY) = (0.0, 0.0)
    for link in stride(from: links - 1, through: 0, by: -1) {
      let (s, c) = (sine[link], cosine[link])
      force[link + 2] -=
        c * (half * forceX[link] + length * sumX) + s * (half * forceY[link] + length * sumY)
      sumX += forceX[link]
      sumY += forceY[link]
    }
    (force[0], force[1]) = (sumX, sumY)
  }

  /// What rotation does by itself: e_i = (-sin, cos) changes by -ω² e_i.
  private func addRotation() {
    for i in 0..<links {
      let square = velocities[i + 2] * velocities[i + 2]
      let lever = mass * (half + length * Double(links - 1 - i))
      force[0] -= lever * square * sine[i]
      force[1] += lever * square * cosine[i]
      // e'_j · e_i = sin(angle_i - angle_j).
      for j in 0..<i {
        force[j + 2] += square * length * lever * (cosine[j] * sine[i] - sine[j] * cosine[i])
      }
      for j in i + 1..<max(links, i + 1) {
        let other = mass * length * (half + length * Double(links - 1 - j))
        force[j + 2] += square * other * (cosine[j] * sine[i] - sine[j] * cosine[i])
      }
    }
  }
}

// Joint limits: forces f >= 0 with J a + R f = reference where f > 0 (MuJoCo's soft constraints).
extension ChainMechanics {
  /// Adds what the limits do to the accelerations that stand in `force`.
  private func limit() {
    var count = 0
    withUnsafeTemporaryAllocation(of: (joint: Int, sign: Double).self, capacity: links) { limits in
      for joint in 0..<links - 1 {
        let angle = positions[joint + 3]
        guard abs(angle) > jointLimit else { continue }
        // +1 at the lower limit, -1 at the upper.
        let sign = angle < 0 ? 1.0 : -1.0
        limits[count] = (joint, sign)
        prepare(count, joint, sign, distance: jointLimit - abs(angle))
        count += 1
      }
      guard count > 0 else { return }
      balance(limits.baseAddress!, count)
      for i in 0..<count where push[i] != 0 {
        let column = columns + i * size
        for k in 0..<size { force[k] += push[i] * column[k] }
      }
    }
  }

  /// Impedance from 0.0001 to 0.8 over 0.1 rad, smoothly; a spring and damper of 50 ms, critically damped.
  private func prepare(_ i: Int, _ joint: Int, _ sign: Double, distance: Double) {
    let x = min(1, -distance / 0.1)
    let y = x < 0.5 ? 2 * x * x : 1 - 2 * (1 - x) * (1 - x)
    let least = 1e-4
    let impedance = least + y * (0.8 - least)
    let stiffness = 1 / (0.8 * 0.8 * 0.05 * 0.05)
    let damping = 2 / (0.8 * 0.05)
    let speed = sign * (velocities[joint + 3] - velocities[joint + 2])
    reference[i] = -damping * speed - stiffness * impedance * distance
    regularisation[i] = (1 - impedance) / impedance * inverseWeights[joint]
    let column = columns + i * size
    for k in 0..<size { column[k] = 0 }
    (column[joint + 3], column[joint + 2]) = (sign, -sign)
    solve(column)
  }

  /// Finds which limits push, and how strongly: at most as many rounds as make sense for a body.
  private func balance(_ limits: UnsafeMutablePointer<(joint: Int, sign: Double)>, _ count: Int) {
    func along(_ i: Int, _ x: Numbers) -> Double {
      limits[i].sign * (x[limits[i].joint + 3] - x[limits[i].joint + 2])
    }
    // A bit for each limit that pushes.
    var pushing = 0
    for i in 0..<count where along(i, force) < reference[i] { pushing |= 1 << i }
    for _ in 0..<20 {
      solveSmall(pushing, count, along)
      var next = 0
      for i in 0..<count {
        if pushing & 1 << i != 0 {
          if push[i] > 0 { next |= 1 << i }
        } else {
          var result = along(i, force)
          for j in 0..<count { result += push[j] * along(i, columns + j * size) }
          if result < reference[i] { next |= 1 << i }
        }
      }
      if next == pushing { return }
      pushing = next
    }
  }

  /// The forces of the limits that push; zero for the others.
  private func solveSmall(_ pushing: Int, _ count: Int, _ along: (Int, Numbers) -> Double) {
    let order = push + (links - 1)
    var n = 0
    for i in 0..<count {
      push[i] = 0
      if pushing & 1 << i != 0 {
        order[n] = Double(i)
        n += 1
      }
    }
    for a in 0..<n {
      let i = Int(order[a])
      for b in 0..<n { small[a * n + b] = along(i, columns + Int(order[b]) * size) }
      small[a * n + a] += regularisation[i]
      push[i] = reference[i] - along(i, force)
    }
    // Elimination; the matrix is symmetric and positive.
    for a in 0..<n {
      for c in a + 1..<max(n, a + 1) {
        let factor = small[c * n + a] / small[a * n + a]
        for b in a..<n { small[c * n + b] -= factor * small[a * n + b] }
        push[Int(order[c])] -= factor * push[Int(order[a])]
      }
    }
    for a in stride(from: n - 1, through: 0, by: -1) {
      for b in a + 1..<max(n, a + 1) { push[Int(order[a])] -= small[a * n + b] * push[Int(order[b])] }
      push[Int(order[a])] /= small[a * n + a]
    }
  }
}
