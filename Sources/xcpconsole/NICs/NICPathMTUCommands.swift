import ArgumentParser
import HostNetworking

extension NICCommand {
  /// How long packets may be on their way: path.
  static let pathMTU: [any ParsableCommand.Type] = [Path.self]

  struct Path: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Test how long packets may be on their way to an address (MTU).",
      discussion: """
        Packets that nobody on the way may cut are sent to the address: first as long as the interface sends them, then shorter ones until \
        they arrive. Jumbo frames fail silently where one switch port is set to less: that is told apart from a router that says so. What \
        XAPI's network, the interface, the bridge and the NICs are set to is shown beside it. Nothing is changed. Works with XAPI down.

        Exit code 0: packets of that size arrive; 1: they do not; 2: wrong usage; 3: it could not be tested.
        """)

    @OptionGroup var host: HostOptions

    @Argument(help: ArgumentHelp("An address or a name: 10.0.20.12, fd00::12, nas.example.", valueName: "address"))
    var address: String

    @Option(help: ArgumentHelp("Bytes of a whole packet; as many as the interface sends if left out.", valueName: "bytes"))
    var size: Int?

    @Option(help: ArgumentHelp("The interface to send from: eth2, \"VLAN 90 on bond0\", or its bridge.", valueName: "interface"))
    var from: String?

    @Flag(help: "Answer with a JSON object.")
    var json = false

    mutating func validate() throws {
      if let size, !MTUCheckRequest.sizes.contains(size) {
        throw ValidationError("--size takes \(MTUCheckRequest.sizes.lowerBound) to \(MTUCheckRequest.sizes.upperBound) bytes")
      }
    }
  }
}

extension NICCommand.Path {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let request: MTUCheckRequest
    do throws(AddressError) {
      request = MTUCheckRequest(try DoctorTarget(address, port: "").place, size: size, interface: from)
    } catch {
      throw Failure(text: "\(address): \(error)", code: 2)
    }
    let system = try host.checked()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    let probes: any NetworkProbes = system.isThisMachine ? SocketProbes(system) : ToolProbes(system)
    let check = MTUCheck(request, system, client: client, probes: probes)
    let isQuiet = json
    let report = try waiting {
      await check.run { news in if !isQuiet { Self.tell(news, standard) } }
    }
    if json {
      standard.say(report.json.description)
    } else {
      standard.say(report.text)
      standard.say("  " + report.meaning)
      standard.say("  -> " + report.remedy)
    }
    return report.fits ? 0 : report.isKnown ? 1 : 3
  }

  private static func tell(_ news: MTUCheckNews, _ standard: Standard) {
    switch news {
    case .way(let way):
      standard.say("To \(way.address) by \(way.interface) (\(way.device))" + (way.gateway.map { " and the gateway \($0)" } ?? ""))
      for layer in way.layers {
        standard.say((layer.mtu.map { $0 < way.size } == true ? "! " : "  ") + "\(layer.name): \(layer.mtu.map { "\($0)" } ?? "not known")")
      }
    case .tried(let tried): standard.say("  \(tried.size) bytes: \(tried.words)")
    case .over: break
    }
  }
}
