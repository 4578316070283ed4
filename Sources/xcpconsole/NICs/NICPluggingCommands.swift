import ArgumentParser
import HostNetworking

extension NICCommand {
  /// What XAPI knows of NICs: scan, introduce, plug, unplug, forget.
  static let plugging: [any ParsableCommand.Type] = [Scan.self, Introduce.self, Plug.self, Unplug.self, Forget.self]

  struct Scan: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Have XAPI look for NICs that it does not know, after a card was put in.",
      discussion: """
        Tells first which NICs will appear, and on which network. Records of NICs that are gone are never removed: see forget. \
        A NIC that appears is not attached before it is plugged.

        \(PlanOptions.exitCodes)
        """)

    @Flag(help: "Plug what appears.")
    var plug = false

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.scanNICs(plugs: plug))
    }
  }

  struct Introduce: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Have XAPI know one NIC that the kernel has.", discussion: PlanOptions.exitCodes)

    @Argument(help: "The kernel's name of it: eth4.")
    var device: String

    @Flag(help: "Plug it as well.")
    var plug = false

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.introduceNIC(device, plugs: plug))
    }
  }

  struct Plug: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Set up the bridge of an interface, so that VMs and addresses can use it.", discussion: PlanOptions.exitCodes)

    @Argument(help: ArgumentHelp("eth4, bond0, tunnel0, \"VLAN 20 on bond0\", \"SR-IOV on eth1\".", valueName: "name"))
    var name: String

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.plug(name))
    }
  }

  struct Unplug: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Take the bridge of an interface down. What stands in the way is told first.", discussion: PlanOptions.exitCodes)

    @Argument(help: ArgumentHelp("eth4, bond0, tunnel0, \"VLAN 20 on bond0\", \"SR-IOV on eth1\".", valueName: "name"))
    var name: String

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.unplug(name))
    }
  }

  struct Forget: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Drop XAPI's record of a NIC, above all of one that is not in the machine any more.",
      discussion: """
        Its network stays. A NIC that is still in the machine comes back with the next scan or boot, without its settings.

        \(PlanOptions.exitCodes)
        """)

    @Argument(help: "eth3")
    var device: String

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.forgetNIC(device))
    }
  }
}
