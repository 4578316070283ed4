import ArgumentParser
import Dom0
import HostNetworking
import XenAPI

/// Saving, showing and putting back the network layout.
struct LayoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Save this host's network layout, look at saved ones, and put one back.",
    discussion: """
      Layouts are kept in \(LayoutStore.folder), one readable JSON file each. A network reset saves one by itself.
      """,
    subcommands: [Save.self, List.self, Show.self, Restore.self])
}

/// A subcommand that answers with an exit code.
protocol LayoutSubcommand {
  func run(on standard: Standard) throws -> Int32
}

/// Which host.
struct HostOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The socket XAPI listens on.", valueName: "path"))
  var socket: String?

  @Option(
    help: ArgumentHelp("The folder that stands for /; nothing outside of it is read or written.", valueName: "dir"))
  var root = "/"

  @Option(help: .hidden)
  var tools: String?

  /// The host's files and commands.
  func system() throws -> HostSystem { try ToolsOption.system(root: root, tools: tools) }

  /// With another root, the socket is looked for below that.
  func client() throws -> XenClient {
    if let path = try SocketPath.checked(socket) { return XenClient(.unixSocket(path: path)) }
    let system = try system()
    guard !system.isThisMachine else { return XenClient(.dom0) }
    let path = try SocketPath.checked(try system.resolved("/var/lib/xcp/xapi"), named: "XAPI's socket below --root")
    return XenClient(path.map { .unixSocket(path: $0) } ?? .dom0)
  }

  func checked() throws -> HostSystem {
    guard (try? HostSystem().status(root))?.isFolder == true else {
      throw Failure(text: "--root: \(root) is not a folder", code: 2)
    }
    return try system()
  }
}

extension LayoutCommand {
  struct Save: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Save the network layout as it is now.",
      discussion: "With XAPI silent, from its database on disk and the network daemon's file; the layout says so.")

    @OptionGroup var host: HostOptions

    @Option(help: ArgumentHelp("Why it is saved, for the list.", valueName: "text"))
    var why = "asked for"

    @Flag(help: "Answer with a JSON object.")
    var json = false
  }

  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "List the saved layouts, the newest first.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON array.")
    var json = false
  }

  struct Show: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Show a saved layout.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Print the file as it is, for example to copy it to another host.")
    var json = false

    @Argument(help: ArgumentHelp("A name from the list, a path, or latest.", valueName: "file"))
    var file = "latest"
  }

  struct Restore: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a saved layout back.",
      discussion: """
        Shows what is missing and how it would be made again, asks, and does it. What is there already is left alone, so \
        it can be run again. NICs are recognised by their MAC; --map tells which NIC stands for one that is gone.

        Exit code 0: all was done that could be; 1: something failed or was refused; 2: wrong usage.
        """)

    @OptionGroup var host: HostOptions

    @Flag(help: "Show the plan and change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(help: ArgumentHelp("Leave out steps, by their numbers in the plan.", valueName: "n,m"))
    var skip: [String] = []

    @Flag(help: "Move management even to NICs that have no link now.")
    var evenWithoutLink = false

    @Option(
      help: ArgumentHelp("Put what was on one NIC on another: eth0=eth2, eth0=00:24:81:7f:cf:8b.", valueName: "old=new")
    )
    var map: [String] = []

    @Flag(help: "Answer with a JSON object; needs --dry-run or --yes.")
    var json = false

    @Argument(help: ArgumentHelp("A name from the list, a path, or latest.", valueName: "file"))
    var file: String

    mutating func validate() throws {
      if json, !dryRun, !yes { throw ValidationError("--json asks nothing: add --dry-run or --yes") }
    }
  }
}
