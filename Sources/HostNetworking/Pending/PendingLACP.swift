import Dom0

/// Whether the switch at the other end speaks LACP with the bond below management: a link that is up does not tell.
struct PendingLACP: Sendable {
  typealias Verdict = LayoutVerify.Verdict

  private let cards: Set<String>
  private let system: HostSystem

  /// - Parameter cards: below management.
  init(_ cards: [String], _ system: HostSystem) {
    self.cards = Set(cards)
    self.system = system
  }

  /// - Returns: nil where no bond with LACP is.
  func verdict() async -> Verdict? {
    guard cards.count > 1 else { return nil }
    // XAPI may give a bond another number than was foreseen: its members are what is known.
    let name: String?
    if (try? NetworkBackend.read(from: system)) == .linuxBridge {
      name = try? KernelBondStatus.all(on: system).first { Set($0.members.map(\.name)) == cards }?.name
    } else {
      do throws(LiveFailure) {
        name = try await SwitchBond.all(on: system).first { Set($0.members.map(\.name)) == cards }?.name
      } catch {
        return .none("the switch of this host does not tell: \(error)")
      }
    }
    guard let name else { return nil }
    return Self.verdict(of: await BondWatch(name, system).look().live)
  }

  static func verdict(of live: BondLive) -> Verdict? {
    guard let lacp = live.lacp else { return nil }
    guard live.linksUp > 0 else { return .bad("not negotiated: no NIC of \(live.bond) has a link") }
    if let advice = lacp.advice {
      let fallback = !lacp.isNegotiated && lacp.fallsBack == true ? " Meanwhile one link works alone (fallback)." : ""
      let text = "\(advice)\(fallback)"
      return .bad((lacp.isNegotiated ? "not on every link: " : "not negotiated: ") + (text.hasSuffix(".") ? String(text.dropLast()) : text))
    }
    guard lacp.isNegotiated else {
      return .bad("not negotiated" + (lacp.fallsBack == true ? ": one link works alone (fallback)" : "") + ". Look at the switch ports of \(live.bond)")
    }
    let partners = lacp.partners.isEmpty ? "the switch" : lacp.partners.joined(separator: " and ")
    return .good("negotiated with \(partners) on \(live.linksUp == 1 ? "1 link" : "\(live.linksUp) links")")
  }
}
