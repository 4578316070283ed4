import JSON

extension HostSystem {
  /// Runs a command of which only a good end counts.
  /// - Returns: what it wrote on standard output, whole.
  func answer(
    of arguments: [String], timeLimit: Duration = .seconds(5), outputLimit: Int = 4 << 20
  ) async throws(LiveFailure) -> [UInt8] {
    let output: ToolOutput
    let command = Command(arguments, timeLimit: timeLimit, outputLimit: outputLimit)
    do {
      output = try await tools.run(command)
    } catch {
      throw .tool(error)
    }
    guard output.succeeded else {
      throw .refused(tool: command.name, exit: output.exit, message: Self.complaint(output))
    }
    guard !output.isCut else { throw .garbage(tool: command.name, reason: "more than \(outputLimit) bytes") }
    return output.output
  }

  /// The same as text; bytes that are not UTF-8 become replacement characters.
  func answerText(of arguments: [String], timeLimit: Duration = .seconds(5)) async throws(LiveFailure) -> String {
    String(decoding: try await answer(of: arguments, timeLimit: timeLimit), as: UTF8.self)
  }

  /// The last line that says something, on standard error or, failing that, on standard output.
  private static func complaint(_ output: ToolOutput) -> String {
    for text in [output.errorText, output.text] {
      let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }
      if let last = lines.last(where: { !$0.isEmpty }) { return String(last) }
    }
    return ""
  }
}

extension JSONValue {
  /// The JSON a tool wrote; nothing at all counts as an empty array (iproute2 4.19 prints none when there are no rows).
  init(answer bytes: [UInt8], of tool: String) throws(LiveFailure) {
    guard bytes.contains(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) else {
      self = .array([])
      return
    }
    do {
      try self.init(parsing: bytes)
    } catch {
      throw .garbage(tool: tool, reason: "\(error)")
    }
  }
}
