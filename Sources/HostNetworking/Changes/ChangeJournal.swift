/// Who is told of every step that is done or taken back, to keep it (`ChangeLog`).
public struct ChangeJournal: Sendable {
  /// One step that is over.
  public struct Line: Hashable, Sendable {
    /// The plan's title, and `Intent.name`.
    public var plan: String
    public var intent: String
    public var sentence: String
    public var commands: [String]
    /// `done`, `failed: why`, `taken back`.
    public var result: String
  }

  let write: @Sendable (Line) -> Void

  public init(_ write: @escaping @Sendable (Line) -> Void) { self.write = write }

  /// Keeps nothing.
  public static let none = ChangeJournal { _ in }

  func step(_ step: ChangeStep, of plan: ChangePlan, _ result: String) {
    write(
      Line(
        plan: plan.title, intent: plan.intent.name, sentence: step.sentence, commands: step.commands, result: result))
  }

  func reverted(_ sentence: String, _ commands: [String], _ change: PendingChange) {
    write(
      Line(
        plan: change.title, intent: change.intent, sentence: sentence, commands: commands,
        result: "taken back: \(change.remark)"))
  }

  func ended(_ change: PendingChange, _ result: String) {
    write(Line(plan: change.title, intent: change.intent, sentence: change.title, commands: [], result: result))
  }
}
