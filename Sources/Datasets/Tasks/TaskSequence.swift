import Support

/// One task: images with a class each, to learn from and to be tested on.
public struct ImageTask: Sendable {
  public let name: String
  public let train: LabelledImages
  public let test: LabelledImages

  /// - Throws: `CajalError` naming the task when the two parts differ in size or number of classes, or one is empty.
  public init(_ name: String, train: LabelledImages, test: LabelledImages) throws {
    guard train.count > 0, test.count > 0 else {
      throw CajalError("task \(name) has \(train.count) training and \(test.count) test images")
    }
    guard Self.shape(train) == Self.shape(test), train.classCount == test.classCount else {
      throw CajalError(
        "task \(name): training images \(Self.shape(train)) of \(train.classCount) classes, test images \(Self.shape(test)) of \(test.classCount)"
      )
    }
    self.name = name
    self.train = train
    self.test = test
  }

  static func shape(_ images: LabelledImages) -> [Int] { [images.channels, images.height, images.width] }

  /// Both parts changed alike.
  func changed(_ name: String, _ change: (LabelledImages) -> LabelledImages) -> ImageTask {
    do { return try ImageTask(name, train: change(train), test: change(test)) } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// Tasks that are to be learnt one after another, all of images of one size.
///
/// ```swift
/// var sequence = TaskSequence.permuted(try ImageTask("clothes", train: train, test: test), count: 5, using: &generator)
/// try sequence.append(ImageTask("mine", train: mine.train, test: mine.test))
/// ```
public struct TaskSequence: Sendable {
  public private(set) var tasks: [ImageTask]

  /// - Throws: `CajalError` naming the first task whose images have another size.
  public init(_ tasks: [ImageTask]) throws {
    self.tasks = []
    for task in tasks { try append(task) }
  }

  /// - Throws: `CajalError` when the task's images have another size than those before.
  public mutating func append(_ task: ImageTask) throws {
    if let first = tasks.first, ImageTask.shape(first.train) != ImageTask.shape(task.train) {
      throw CajalError(
        "task \(task.name) has images \(ImageTask.shape(task.train)), task \(first.name) \(ImageTask.shape(first.train)): resize them"
      )
    }
    tasks.append(task)
  }

  private init(fitting tasks: [ImageTask]) { self.tasks = tasks }

  /// `count` tasks, each with its own fixed order of the pixels, training and test images alike.
  public static func permuted(_ base: ImageTask, count: Int, using generator: inout RandomGenerator)
    -> TaskSequence
  {
    TaskSequence(
      fitting: (0..<count).map { index in
        let order = generator.permutation(base.train.imageSize)
        return base.changed("permutation \(index + 1)") { $0.permutingPixels(order) }
      })
  }

  /// The classes in groups, one task a group; in each task they are numbered from 0.
  ///
  /// - Parameter order: The order in which classes are taken; ascending if nil.
  /// - Throws: `CajalError` when there are fewer than `classesPerTask` classes, or a task would be empty.
  public static func split(_ base: ImageTask, classesPerTask: Int, order: [Int]? = nil) throws
    -> TaskSequence
  {
    let classes = order ?? Array(base.train.classNames.indices)
    guard classesPerTask > 0, classes.count >= classesPerTask else {
      throw CajalError("\(classes.count) classes do not give a task of \(classesPerTask)")
    }
    let groups = stride(from: 0, through: classes.count - classesPerTask, by: classesPerTask).map {
      Array(classes[$0..<$0 + classesPerTask])
    }
    return try TaskSequence(
      groups.map { group in
        let name = group.map { base.train.classNames[$0] }.joined(separator: ", ")
        return try ImageTask(name, train: base.train.ofClasses(group), test: base.test.ofClasses(group))
      })
  }

  /// The images turned by each of the angles, in degrees counter-clockwise.
  public static func rotated(_ base: ImageTask, degrees: [Double]) -> TaskSequence {
    TaskSequence(
      fitting: degrees.map { angle in
        base.changed("rotated by \(angle)°") { $0.rotated(degrees: angle) }
      })
  }

  /// The images as they are, then dark for bright.
  public static func inverted(_ base: ImageTask) -> TaskSequence {
    TaskSequence(fitting: [base, base.changed("\(base.name), inverted") { $0.inverted() }])
  }
}
