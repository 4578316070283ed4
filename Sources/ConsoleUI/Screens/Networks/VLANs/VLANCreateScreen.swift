import HostNetworking
import TerminalUI

/// New VLANs on a NIC or a bond: one tag or many, on this host or on all.
struct VLANCreateScreen: Screen {
  private static let base = "base"
  private static let tags = "tags"
  private static let hosts = "hosts"
  private static let network = "network"
  private static let name = "name"
  private static let mtu = "mtu"

  /// Something that VLANs can lie on.
  private struct Base: Equatable {
    let name: String
    /// Networks by the tags that lead to them.
    let taken: [Int: String]
    /// Tags that every host has which has this interface's network.
    let complete: Set<Int>
    let mtu: Int
  }

  private let wanted: String?
  private let wantedNetwork: String?
  private var bases: [Base] = []
  /// Networks without an interface here, in the order of the form's choices.
  private var networks: [Free] = []
  private var form = Form([])

  private struct Free: Equatable {
    let uuid: String
    let name: String
    /// It was chosen, and cannot be any more.
    var isGone = false
  }

  /// - Parameters:
  ///   - base: what they shall lie on, as a beginning.
  ///   - network: the uuid of the network that shall get one.
  init(_ base: String?, network: String? = nil) {
    wanted = base
    wantedNetwork = network
  }

  let title = "New VLANs"

  let help = [
    "A VLAN carries one network more over the same cable: its frames have a tag, and the switch port must carry that tag.",
    "Several tags in one go: 100-110,200. Each gets a network of its own; {tag} in the name stands for the tag.",
    "On all hosts of the pool: on every host that is switched on and has an interface on the same network. Hosts that are off get it when they start.",
    "A network that is there already takes the VLAN when no interface of these hosts is on it: VMs on a private network reach the outside then.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if bases.isEmpty { return WithoutXAPI.keys }
    return [("Enter", "next, at the end review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back"), ("F1", "help")]
  }

  // MARK: What there is

  mutating func settle(_ context: Context, room: Size) {
    guard let host = context.host else { return }
    var found = Self.bases(host)
    var free = host.networks.filter { $0.interface == nil && $0.kind != .hostInternal && $0.isManaged && !$0.uuid.isEmpty }
      .map { Free(uuid: $0.uuid, name: $0.name) }
    if bases.isEmpty {
      guard !found.isEmpty else { return }
      (bases, networks) = (found, free)
      form = form(host)
      return look()
    }
    // What somebody has chosen stays chosen, whatever comes and goes around it; when it goes itself, that is said.
    if let base = chosen, !found.contains(where: { $0.name == base.name }) { found.append(base) }
    if var network = existing, !free.contains(where: { $0.uuid == network.uuid }) {
      network.isGone = true
      free.append(network)
    }
    guard found != bases || free != networks else { return }
    let (base, network) = (chosen?.name, existing?.uuid)
    (bases, networks) = (found, free)
    form.update(Self.base) { $0.kind = .choice(options: bases.map(\.name), selected: bases.firstIndex { $0.name == base } ?? 0) }
    form.update(Self.network) {
      $0.kind = .choice(options: Self.options(networks), selected: (networks.firstIndex { $0.uuid == network } ?? -1) + 1)
    }
    look()
  }

  private static func options(_ networks: [Free]) -> [String] { ["a new one for each"] + networks.map(\.name) }

  private static func bases(_ host: HostView) -> [Base] {
    let names = Dictionary(host.networks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var taken: [String: [Int: (name: String, hosts: Int)]] = [:]
    for interface in host.interfaces {
      guard case .vlan(let tag, let base) = interface.kind else { continue }
      taken[base, default: [:]][tag] = (interface.networkName, interface.network.flatMap { names[$0]?.hosts } ?? 1)
    }
    return host.interfaces.filter { $0.kind.isVLANBase && $0.memberOf == nil && $0.isManaged && $0.ref != nil }.map { interface in
      let below = interface.network.flatMap { names[$0] }
      let tags = taken[interface.name] ?? [:]
      return Base(
        name: interface.name, taken: tags.mapValues(\.name), complete: Set(tags.filter { $0.value.hosts >= below?.hosts ?? 1 }.keys),
        mtu: below?.mtu ?? 1500)
    }
  }

  private func form(_ host: HostView) -> Form {
    let isPool = (host.facts?.poolHosts ?? 1) > 1
    var hosts = FormField.choice(id: Self.hosts, label: "Hosts", ["all hosts of the pool", "this host only"], selected: isPool ? 0 : 1)
    hosts.isHidden = !isPool
    let first = bases.firstIndex { $0.name == wanted } ?? bases.firstIndex { base in
      host.interfaces.contains { $0.name == base.name && !$0.vlans.isEmpty }
    }
    return Form([
      .choice(id: Self.base, label: "On", bases.map(\.name), selected: first ?? 0),
      .text(id: Self.tags, label: "Tags", limit: 200, required: true, placeholder: "42, or 100-110,200"),
      hosts,
      .choice(
        id: Self.network, label: "Network", Self.options(networks), selected: (networks.firstIndex { $0.uuid == wantedNetwork } ?? -1) + 1),
      .text(id: Self.name, label: "Name", "VLAN \(VLANRequest.placeholder)", limit: 120, required: true),
      NetworkFields.description(""),
      .text(id: Self.mtu, label: "MTU", limit: 5, placeholder: "1500", check: { NetworkFields.problem(ofMTU: $0) }),
    ])
  }

  private var chosen: Base? { bases.first { $0.name == form.value(Self.base) } }
  private var existing: Free? {
    guard let index = form.choice(Self.network), index > 0, networks.indices.contains(index - 1) else { return nil }
    return networks[index - 1]
  }

  /// What depends on other fields.
  private mutating func look() {
    let base = chosen
    let isExisting = existing != nil
    let isPoolWide = form.choice(Self.hosts) == 0
    form.update(Self.tags) { $0.check = { Self.problem($0, base, isExisting: isExisting, isPoolWide: isPoolWide) } }
    let (tags, isOne) = (form.value(Self.tags), (try? TagList(parsing: form.value(Self.tags)))?.tags.count ?? 1 <= 1)
    form.update(Self.name) { field in
      field.isHidden = isExisting
      field.check = { name in
        isOne || tags.isEmpty || name.contains(VLANRequest.placeholder) ? nil : "put \(VLANRequest.placeholder) where the tag shall stand"
      }
    }
    form.setHidden(isExisting, NetworkFields.description)
    form.update(Self.mtu) { $0.placeholder = isExisting ? "as it is" : "1500" }
  }

  /// On all hosts a VLAN that is here already may be wanted for the others.
  private static func problem(_ text: String, _ base: Base?, isExisting: Bool, isPoolWide: Bool) -> String? {
    if text.isEmpty { return nil }
    do throws(TagListError) {
      let tags = try TagList(parsing: text).tags
      if isExisting, tags.count > 1 { return "one network takes one VLAN" }
      guard let base, let tag = tags.first(where: { isPoolWide ? base.complete.contains($0) : base.taken[$0] != nil }) else { return nil }
      return "VLAN \(tag) is on \(base.name) already: network \"\(base.taken[tag] ?? "")\""
    } catch {
      return error.description
    }
  }

  // MARK: Keys

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    if bases.isEmpty { return WithoutXAPI.handle(key) }
    let outcome = form.handle(key)
    look()
    switch outcome {
    case .open: return .done
    case .cancelled: return .back
    case .submitted: return request.map { .open(ChangeReviewScreen(.vlans(.create($0)))) } ?? .done
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  private var request: VLANRequest? {
    guard let base = chosen, let tags = try? TagList(parsing: form.value(Self.tags)) else { return nil }
    let target: VLANRequest.Target =
      existing.map { .existing($0.uuid) } ?? .new(name: form.value(Self.name), description: form.value(NetworkFields.description))
    return VLANRequest(
      base: base.name, tags: tags, target: target, isPoolWide: form.choice(Self.hosts) == 0, mtu: Int(form.value(Self.mtu)))
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    if bases.isEmpty {
      let facts = WithoutXAPI.facts(
        "XAPI has not told of any NIC or bond that could carry a VLAN.", otherwise: "This host has no NIC or bond that could carry a VLAN.", context)
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
      return
    }
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = notes
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }

  private var notes: [Fact] {
    guard let base = chosen else { return [] }
    let taken = base.taken.keys.sorted()
    var facts: [Fact] = []
    if let existing, existing.isGone {
      facts.append(Fact("", "\(existing.name) is not free any more: choose another network.", style: .warning, mark: "!  "))
    }
    facts += [Fact("", "\(base.name) now", style: .heading), Fact("VLANs", taken.isEmpty ? "none" : Units.ranges(taken))]
    facts.append(Fact("MTU", "\(base.mtu)"))
    if let mtu = Int(form.value(Self.mtu)), mtu > base.mtu {
      facts.append(Fact("", "\(base.name) carries \(base.mtu) bytes: longer packets of the VLAN are lost.", style: .warning, mark: "!  "))
    }
    if let tags = try? TagList(parsing: form.value(Self.tags)), !tags.tags.isEmpty, existing == nil {
      let names = tags.tags.prefix(3).map { VLANRequest.name(form.value(Self.name), tag: $0) }
      facts.append(Fact("New", names.joined(separator: ", ") + (tags.tags.count > 3 ? " and \(tags.tags.count - 3) more" : "")))
    }
    return facts
  }
}
