import ArgumentParser
import Glibc
import TerminalUI

@main
enum Main {
  static func main() {
    // Before any thread exists: signals are read by the console's loop, nowhere else.
    SignalGate.block()
    QuietExecutor.install()
    exit(run(Array(Swift.CommandLine.arguments.dropFirst())))
  }

  private static func run(_ arguments: [String]) -> Int32 {
    do {
      switch try XCPConsole.parseAsRoot(DemoOption.spelledOut(arguments)) {
      case let show as Show: return try show.run(on: Standard())
      case let simulate as Simulate: return try simulate.run(on: Standard())
      case let layout as any LayoutSubcommand: return try layout.run(on: Standard())
      case let other:
        // `help` and its like print by themselves.
        var other = other
        try other.run()
        return 0
      }
    } catch let failure as Failure {
      Standard().complain(failure.text)
      return failure.code
    } catch {
      return usage(error, arguments)
    }
  }

  /// Help and version are asked for; everything else that the parser throws is a usage error: one line, exit code 2.
  private static func usage(_ error: any Error, _ arguments: [String]) -> Int32 {
    if XCPConsole.exitCode(for: error).isSuccess {
      // Who asks for help without a subcommand wants to know of the console.
      let isPlainHelp = arguments == ["--help"] || arguments == ["-h"] || arguments == ["help"]
      Standard().say(isPlainHelp ? XCPConsole.helpMessage(for: Show.self) : XCPConsole.fullMessage(for: error))
      return 0
    }
    // The parser lists what may be given below each other.
    let lines = XCPConsole.message(for: error).split(whereSeparator: \.isNewline)
    let choices = lines.dropFirst().map { $0.drop { $0 == " " || $0 == "-" } }.joined(separator: ", ")
    let message = [lines.first.map { String($0) } ?? "", choices].filter { !$0.isEmpty }.joined(separator: " ")
    Standard().complain("\(message) (xcpconsole --help tells more)")
    return 2
  }
}

/// Why the program ends before its work is done: a line for the person who started it, and the exit code.
struct Failure: Error {
  let text: String
  var code: Int32 = 1
}

/// Standard output and standard error.
struct Standard {
  func say(_ line: String) { write(line, to: STDOUT_FILENO) }
  func complain(_ line: String) { write("xcpconsole: " + line, to: STDERR_FILENO) }

  private func write(_ line: String, to descriptor: Int32) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
