/// Something about one answer of a form, or one option of a command line: a rule it breaks, or a thing to know.
public struct AnswerProblem<Field: Hashable & Sendable>: Hashable, Sendable {
  public var field: Field
  /// One plain sentence without a full stop.
  public var text: String
  /// False for what is only to be known.
  public var isRefused: Bool

  public init(_ field: Field, _ text: String, isRefused: Bool = true) {
    self.field = field
    self.text = text
    self.isRefused = isRefused
  }
}

/// What became of checking all answers at once.
public struct AnswerCheck<Request: Hashable & Sendable, Field: Hashable & Sendable>: Hashable, Sendable {
  /// nil while an answer is refused.
  public var request: Request?
  public var problems: [AnswerProblem<Field>]

  public init(request: Request?, problems: [AnswerProblem<Field>]) {
    self.request = request
    self.problems = problems
  }

  /// What is refused in one field; the first thing only.
  public func refusal(of field: Field) -> String? {
    problems.first { $0.field == field && $0.isRefused }?.text
  }
}
