/// A change, thought through before anything is touched. What is shown, done, verified, undone and logged all comes from
/// this one value.
public struct ChangePlan: Hashable, Sendable {
  /// What differs afterwards.
  public struct Difference: Hashable, Sendable {
    public var name: String
    public var now: String
    public var after: String

    public init(_ name: String, now: String, after: String) {
      self.name = name
      self.now = now
      self.after = after
    }

    public var isChange: Bool { now != after }
  }

  public var intent: Intent
  /// One line without a full stop: `Management on VLAN 42 on eth1, 10.0.4.12/24`.
  public var title: String
  /// Now and after, line by line; what stays may be listed as well.
  public var differences: [Difference]
  /// What follows from it for VMs, sessions and other hosts: sentences without a full stop.
  public var consequences: [String]
  public var hazards: [Hazard]
  public var steps: [ChangeStep]
  /// It can cut the host off: it is applied under a guard that puts everything back unless it is confirmed in time.
  public var isProvisional: Bool
  /// What must be seen once the steps are done; nil when there is nothing to look at.
  public var expectation: Expectation?

  public init(
    intent: Intent, title: String, differences: [Difference] = [], consequences: [String] = [], hazards: [Hazard] = [],
    steps: [ChangeStep], isProvisional: Bool = false, expectation: Expectation? = nil
  ) {
    self.intent = intent
    self.title = title
    self.differences = differences
    self.consequences = consequences
    self.hazards = hazards
    self.steps = steps
    self.isProvisional = isProvisional
    self.expectation = expectation
  }

  /// Nothing would be changed.
  public var isEmpty: Bool { steps.isEmpty }
  /// Tells the network that it makes from others; nil when it makes none.
  var mark: String? {
    steps.lazy.compactMap { step in if case .createNetwork(_, let mark) = step.action { mark } else { nil } }.first
  }
  /// There is something that could be taken back.
  public var takesBack: Bool { steps.contains { !$0.undo.isEmpty } }
  /// All marks that its steps and what undoes them set.
  var marks: Set<String> { steps.flatMap { [$0.action] + $0.undo }.marks }
  public var isBlocked: Bool { hazards.contains { $0.weight == .blocking } }
}

extension Sequence<ChangeAction> {
  /// Those of the networks that they make, or take away again.
  var marks: Set<String> {
    Set(compactMap { action in
      switch action {
      case .createNetwork(_, let mark), .destroyNetwork(let mark), .bonds(.createNetwork(_, _, _, let mark)),
        .networks(.create(_, let mark)), .networks(.restore(_, let mark)), .networks(.discard(let mark, _)): mark
      default: nil
      }
    })
  }
}

/// One step of a plan.
public struct ChangeStep: Hashable, Sendable, Identifiable {
  /// The step's place in the plan, from 0.
  public var id: Int
  /// One plain sentence without a full stop: `Create VLAN 42 on eth1`.
  public var sentence: String
  /// The same by hand: `xe` or shell lines, exact.
  public var commands: [String]
  public var action: ChangeAction
  /// What takes it back, in the order in which it is done. Each is left out when it is so already.
  public var undo: [ChangeAction]

  public init(_ id: Int = 0, _ sentence: String, commands: [String], action: ChangeAction, undo: [ChangeAction] = []) {
    self.id = id
    self.sentence = sentence
    self.commands = commands
    self.action = action
    self.undo = undo
  }
}

extension [ChangeStep] {
  /// With their places as ids.
  public var numbered: [ChangeStep] {
    enumerated().map { place, step in
      var step = step
      step.id = place
      return step
    }
  }
}

/// How the host should be found once a change of its management is done.
public struct Expectation: Hashable, Sendable {
  /// The interface that carries management, by its name: `eth0`, `VLAN 42 on bond0`. nil when none shall.
  public var interface: String?
  /// The NICs below it.
  public var cards: [String]
  public var isIPv6: Bool
  /// Without prefix length; nil when any address will do (DHCP).
  public var address: String?
  /// nil when none is set, or DHCP brings it.
  public var gateway: String?
  /// Those set by hand.
  public var servers: [String]
  /// nil on the coordinator itself.
  public var coordinator: String?

  public init(
    interface: String?, cards: [String] = [], isIPv6: Bool = false, address: String? = nil, gateway: String? = nil, servers: [String] = [],
    coordinator: String? = nil
  ) {
    self.interface = interface
    self.cards = cards
    self.isIPv6 = isIPv6
    self.address = address
    self.gateway = gateway
    self.servers = servers
    self.coordinator = coordinator
  }
}
