/// What a check of packet sizes says, what it means and what to do.
extension MTUCheckReport {
  private var target: String {
    let address = way.map { "\($0.address)" }
    return switch request.place {
    case .address(let given): "\(given)"
    case .name(let name): address.map { "\(name) (\($0))" } ?? name
    }
  }

  private var network: String { way.flatMap { $0.network.isEmpty ? nil : "network \"\($0.network)\"" } ?? way.map { "the network of \($0.interface)" } ?? "the network" }

  /// One line, without a full stop.
  public var text: String {
    switch verdict {
    case .fits(let size): "packets of \(size) bytes reach \(target) whole"
    case .ownLimit(let most): "this host itself sends at most \(most) bytes on \(way?.interface ?? "this way"), not \(way?.size ?? 0)"
    case .limited(let most, let by): "only packets of up to \(most) bytes reach \(target): \(by) lets no longer ones pass, and says so"
    case .blackHole(let passes, let lost): "\(passes) bytes reach \(target), \(lost) are lost without a word"
    case .silent(true?): "\(target) is there, but answers no ping of any size"
    case .silent(false?): "\(target) does not answer, not even on the link"
    case .silent(nil): "\(target) answers no ping of any size"
    case .notTested(let why): "not tested: \(why)"
    }
  }

  public var meaning: String {
    switch verdict {
    case .fits(let size):
      size >= (way?.kernelMTU ?? size)
        ? "Everything that \(way?.interface ?? "this host") can send arrives, and so do answers of that size."
        : "Packets of this size arrive, and so do answers of that size. The interface could send \(way?.kernelMTU ?? size)."
    case .ownLimit:
      if let told = way?.networkMTU, let real = way?.kernelMTU, told >= way?.size ?? 0, real < told {
        "XAPI has MTU \(told) for \(network), but the host works with \(real): a change of MTU takes effect when the interface is plugged again."
      } else {
        "Longer packets are refused before they leave: \(narrowest ?? "the MTU of the interface is smaller")."
      }
    case .limited(_, let by):
      "Senders are told and cut their packets shorter: it works, a little slower. Behind \(by) a link has a smaller MTU, as tunnels and VPNs do."
    case .blackHole(let passes, _):
      passes <= 1500 && (way?.size ?? 0) > 1500
        ? "Jumbo frames do not pass: a switch port on the way, or the other machine, is set to less. Small packets do, so pings and logins "
          + "work, while storage and migrations hang."
        : "Something on the way drops longer packets and tells nobody: a tunnel, a firewall, or the other machine's MTU. Connections hang "
          + "as soon as much is sent."
    case .silent(true?): "It drops pings, by a firewall or a setting: sizes cannot be tested with it."
    case .silent(false?): "It is off, has another address, or is in another VLAN."
    case .silent(nil): "It is off or not to be reached, or a firewall on the way drops pings."
    case .notTested: "Nothing was sent, or nothing could be learnt of it."
    }
  }

  public var remedy: String {
    switch verdict {
    case .fits: "Nothing is to be done on this way. Other machines of \(network) may hang on other switch ports: test to those as well."
    case .ownLimit:
      if let told = way?.networkMTU, told >= way?.size ?? 0 {
        "Plug \(way?.interface ?? "it") again: xe pif-plug uuid=\(way?.interfaceUUID.nonEmpty ?? "...") (its network is gone for a moment)."
      } else {
        "If all switch ports and machines of \(network) take \(way?.size ?? 0) bytes, set its MTU (in the actions of "
          + "\(way?.interface ?? "the interface"): MTU of its network). Else leave it."
      }
    case .limited(let most, let by):
      "If a tunnel or VPN lies there, leave it. Else raise the MTU of the link behind \(by), or set \(most) for \(network) on all its machines."
    case .blackHole(let passes, _):
      "Set MTU \(way?.size ?? 0) on every switch port between and on the other machine, or \(way.map { min(passes, $0.size) } ?? passes) "
        + "on all machines of \(network). Test to others of that network to find where it is."
    case .silent(true?): "Test with another machine of the same network, or let it answer pings."
    case .silent: "Test the network from the cable up (main menu), or choose another machine."
    case .notTested: "See why above, and test again."
    }
  }

  /// The layer that is the smallest, in words.
  private var narrowest: String? {
    guard let way, let least = way.layers.compactMap(\.mtu).min(), least < way.size else { return nil }
    let names = way.layers.filter { $0.mtu == least }.map(\.name)
    return "\(names.joinedWithAnd) \(names.count == 1 ? "has" : "have") MTU \(least)"
  }
}
