import EndToEndSupport
import Testing

/// What people live through with the real program in a real terminal. One after the other: each has the machine's few
/// processors to itself, and what is printed of response times means something.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct Stories {}

/// A simulated host, and somebody at its console.
struct Scene {
  let host: HostProcess
  let console: Session
  private let folder: ScratchFolder

  /// The console has been started; nothing has been waited for.
  init(_ scenario: String, _ screen: Screen = Screen(), options: [String] = []) throws {
    folder = try ScratchFolder()
    host = try HostProcess(scenario, options: options, folder: folder)
    console = try Console.start(screen, Console.arguments(socket: host.socket, root: folder))
  }
}

/// The console where there is no host to talk to: its socket does not exist.
struct LonelyConsole {
  let console: Session
  let socket: String
  let folder: ScratchFolder

  init(_ screen: Screen = Screen()) throws {
    folder = try ScratchFolder()
    socket = folder.path + "/xapi"
    console = try Console.start(screen, Console.arguments(socket: socket, root: folder))
  }
}
