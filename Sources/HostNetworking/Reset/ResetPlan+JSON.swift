import JSON

extension ResetPlan {
  /// The plan as `--json` shows it: every step, and each changed file before and after.
  /// - Parameter hazards: what was found beforehand.
  public func json(hazards: [Hazard], problems: [ResetProblem] = []) -> JSONValue {
    [
      "format": "xcpconsole reset plan", "version": 1, "request": request.json,
      "hazards": .array(hazards.map(\.json)),
      "remarks": .array(problems.map { ["option": .string($0.field.option), "text": .string($0.text)] }),
      "steps": .array(
        steps.map { step in
          [
            "step": .string(step.kind.rawValue), "sentence": .string(step.sentence),
            "equivalent": .array(step.equivalent.map { .string($0) }),
            "path": step.edit.map { .string($0.path) } ?? .null,
          ]
        }),
      "files": .array(
        edits.map { edit in
          ["path": .string(edit.path), "before": Self.text(edit.old), "after": Self.text(edit.new)]
        }),
    ]
  }

  /// Bytes that are not UTF-8 become replacement characters: this is for people and programs to read, not to write back.
  private static func text(_ bytes: [UInt8]?) -> JSONValue {
    bytes.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null
  }
}

extension Hazard {
  var json: JSONValue {
    let word =
      switch weight {
      case .notice: "notice"
      case .warning: "warning"
      case .blocking: "blocking"
      }
    return ["weight": .string(word), "text": .string(text), "remedy": remedy.map { .string($0) } ?? .null]
  }
}

extension FileEdit {
  /// One line of a comparison.
  public enum Line: Hashable, Sendable {
    case kept(String)
    case removed(String)
    case added(String)
  }

  /// The file's lines, old and new between each other. Meant for the short files a reset writes.
  public var lines: [Line] {
    let (old, new) = (Self.lines(old), Self.lines(new))
    // The longest common subsequence, from the back.
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
    for left in old.indices.reversed() {
      for right in new.indices.reversed() {
        lengths[left][right] =
          old[left] == new[right]
          ? lengths[left + 1][right + 1] + 1 : max(lengths[left + 1][right], lengths[left][right + 1])
      }
    }
    var (left, right) = (0, 0)
    var lines: [Line] = []
    while left < old.count || right < new.count {
      if left < old.count, right < new.count, old[left] == new[right] {
        lines.append(.kept(old[left]))
        left += 1
        right += 1
      } else if left < old.count, right == new.count || lengths[left + 1][right] >= lengths[left][right + 1] {
        lines.append(.removed(old[left]))
        left += 1
      } else {
        lines.append(.added(new[right]))
        right += 1
      }
    }
    return lines
  }

  private static func lines(_ bytes: [UInt8]?) -> [String] {
    guard let bytes, !bytes.isEmpty else { return [] }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
