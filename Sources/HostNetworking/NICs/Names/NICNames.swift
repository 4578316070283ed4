import Dom0

/// What NICs are called on this host, and why: a value, made once from the host's files, its tools and XAPI.
public struct NICNames: Hashable, Sendable {
  /// Who names NICs on this release.
  public enum Scheme: Hashable, Sendable {
    /// `interface-rename`, by its rules: 8.2 and 8.3.
    case rules
    /// networkd, by an order of its own; NICs keep the names of systemd (`reference/dom0.md` §1.10).
    case order
    /// Neither is there.
    case none
  }

  /// A NIC that is in the machine.
  public struct NIC: Hashable, Sendable, Identifiable {
    public var card: RenameLogic.Card
    public var driver = ""
    public var link = LinkState.unknown
    /// Mbit/s; nil without a link.
    public var speed: Int?
    public var use = NICUse()
    /// What it will be called at the next boot, with the rules as they are; nil when that cannot be told.
    public var nextName: String?
    /// The bond of the kernel that it is a member of at the moment: then it has the bond's MAC in the place of its own.
    public var kernelBond: String?
    /// The rules of the last boot know it.
    public var isRemembered = true
    /// Several NICs sit behind its PCI function: its place among them, by MAC.
    public var index: Int?

    public init(_ card: RenameLogic.Card) { self.card = card }

    public var id: String { mac }
    public var mac: String { card.mac }
    public var name: String { card.name }
    /// `0000:04:00.0`, with `[1]` where NICs share the function; empty when it is not known.
    public var pci: String { card.function + (index.map { "[\($0)]" } ?? "") }
    /// The name that it had before a renaming that failed half-way; nil when it is not put aside.
    public var nameBeforeAside: String? { RenameLogic.nameBeforeAside(name) }
    /// The name it has now differs from that of the next boot.
    public var waits: Bool { nextName.map { $0 != name } ?? false }
  }

  public var scheme = Scheme.none
  /// Those in the machine, by name.
  public var nics: [NIC] = []
  public var staticRules: LocalFiles.Part<StaticRules>?
  public var dynamicRules: LocalFiles.Part<DynamicRules>?
  /// Why the names of the next boot cannot be told.
  public var problem: String?
  /// Static rules of these methods cannot be followed: biosdevname did not tell what they go by.
  public var untoldMethods: Set<StaticRules.Method> = []
  /// What is odd about the files and tools: sentences without a full stop.
  public var remarks: [String] = []
  /// networkd's order; empty where `interface-rename` names NICs.
  public var order: [NetworkdDB.OrderedInterface] = []
  /// What the installer said of that order, for networkd's first start; nil where it said nothing.
  public var initialRules: LocalFiles.Part<InitialDeviceRules>?
  /// What XAPI tells; nil while it is silent.
  public var xapi: NamesInXAPI?
  /// Why XAPI told nothing.
  public var silence: String?
  /// What is still to be done after a renaming.
  public var leftovers: [NamesLeftover] = []

  public init() {}

  public subscript(mac mac: String) -> NIC? { nics.first { $0.mac == mac } }

  public var cards: [RenameLogic.Card] { nics.map(\.card) }

  /// NICs that the rules know and the machine does not have, with the name they get back when they return.
  public var absent: [DynamicRules.Entry] {
    guard let rules = try? dynamicRules?.get() else { return [] }
    var seen = Set(nics.map(\.mac))
    return (rules.lastBoot + rules.old).filter { seen.insert($0.mac).inserted }
  }

  /// The static rule for a NIC; nil when there is none.
  public func rule(of mac: String) -> StaticRules.Rule? {
    (try? staticRules?.get())?.rules.first { RenameLogic.card(of: $0, in: cards)?.mac == mac }
  }

  /// Why the names under some rules cannot be told; nil when they can.
  func untold(by fixed: StaticRules) -> String? {
    guard let rule = fixed.rules.first(where: { untoldMethods.contains($0.method) }) else { return nil }
    let what = rule.method == .label ? "label" : "position"
    return "biosdevname does not answer, and the static rule for \(rule.name) goes by its \(what), \(rule.value)"
  }

  /// Names of the next boot, by MAC.
  public var nextNames: [String: String] {
    Dictionary(nics.compactMap { nic in nic.nextName.map { (nic.mac, $0) } }, uniquingKeysWith: { first, _ in first })
  }
}

/// XAPI's part in it.
public struct NamesInXAPI: Hashable, Sendable {
  public struct Interface: Hashable, Sendable {
    public var uuid: String
    public var mac: String
    public var network: String
    public var networkUUID: String
    /// Nothing else is on its network: no other interface, no VIF.
    public var isAlone: Bool
  }

  public var hostUUID = ""
  public var hosts = 1
  public var isMember = false
  public var isHAOn = false
  /// This host's NICs, by device.
  public var interfaces: [String: Interface] = [:]
  /// VMs that run here, by name.
  public var runningVMs: [String] = []

  public init() {}
}

/// Something that is to be done in XAPI after NICs have got other names.
public enum NamesLeftover: Hashable, Sendable {
  /// XAPI has a NIC under a name that no NIC has any more; that card is called otherwise now.
  case forget(String, now: String)
  /// XAPI expects another card under this name.
  case refresh(String, has: String, expects: String)
  /// XAPI has no interface for this NIC.
  case scan(String)
  /// XAPI knows it, and it is not plugged.
  case plug(String)

  /// What finishes it.
  public var intent: Intent {
    switch self {
    case .forget(let device, _): .forgetNIC(device)
    case .refresh: .scanNICs(plugs: false)
    case .scan: .scanNICs(plugs: true)
    case .plug(let device): .plug(device)
    }
  }

  /// A sentence without a full stop.
  public var text: String {
    switch self {
    case .forget(let device, let now): "XAPI still knows \(device), but that NIC is called \(now) now: let XAPI forget \(device)"
    case .refresh(let device, let has, let expects): "\(device) is \(has), but XAPI expects \(expects): let XAPI look for NICs"
    case .scan(let device): "XAPI does not know \(device): let it look for NICs"
    case .plug(let device): "\(device) is not plugged"
    }
  }
}
