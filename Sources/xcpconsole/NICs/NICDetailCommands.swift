import ArgumentParser
import HostNetworking

extension NICCommand {
  /// Looking at NICs: list, show, watch, blink.
  static let details: [any ParsableCommand.Type] = [List.self, Details.self, Watch.self, Blink.self]

  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "List this host's NICs: link, speed, MAC, and what they are used as.",
      discussion: """
        Also those that XAPI does not know, and those that a half-done renaming has left aside. Works with XAPI down. link is up, \
        down, off (nobody has set it up, so that the kernel sees no cable), or unknown.

        Exit code 0: told; 1: nothing could be read; 2: wrong usage.
        """)

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON object.")
    var json = false
  }

  struct Details: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show all about one NIC: link, switch port, driver, offloads, rings, counters, and who uses it.",
      discussion: """
        Works with XAPI down. What cannot be had says why; with --json the reasons are below "problems".

        Exit code 0: told; 1: there is no such NIC; 2: wrong usage.
        """)

    @OptionGroup var host: HostOptions

    @Argument(help: ArgumentHelp("The NIC, for instance eth0.", valueName: "device"))
    var device: String

    @Flag(help: "Answer with a JSON object.")
    var json = false
  }

  struct Watch: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell each time a link comes or goes: a line each, until Ctrl-C.",
      discussion: """
        First how all links are, then what changes. With --json a JSON object a line.

        Exit code 0: the time given with --seconds is over; 1: this host has no NICs; 2: wrong usage; Ctrl-C ends it like any program.
        """)

    @OptionGroup var host: HostOptions

    @Option(help: ArgumentHelp("End after so many seconds.", valueName: "count"))
    var seconds: Int?

    @Flag(help: "Answer with JSON, an object a line.")
    var json = false

    /// Devices that are no NICs as well: for trying it out where there are none.
    @Flag(help: .hidden)
    var anyDevice = false

    mutating func validate() throws {
      if let seconds, seconds < 1 { throw ValidationError("--seconds takes a whole number from 1") }
    }
  }

  struct Blink: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Let the light of a NIC's port blink, to find it at the back of the machine.",
      discussion: """
        Ctrl-C stops the light. Some cards have none that can be told to blink; the answer says so.

        Exit code 0: it has blinked, or was stopped; 1: it cannot; 2: wrong usage.
        """)

    @OptionGroup var host: HostOptions

    @Argument(help: ArgumentHelp("The NIC, for instance eth0.", valueName: "device"))
    var device: String

    @Option(help: ArgumentHelp("How long, at the most \(Blinking.longest).", valueName: "count"))
    var seconds = Blinking.standard

    mutating func validate() throws {
      if !(1...Blinking.longest).contains(seconds) { throw ValidationError("--seconds takes 1 to \(Blinking.longest)") }
    }
  }
}
