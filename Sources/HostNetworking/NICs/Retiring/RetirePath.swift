/// The way to take a NIC out of the machine, as far as it has been gone: made of how the host is now, so that it can be left
/// and found again, also after the reboot in its midst.
public struct RetirePath: Hashable, Sendable {
  public enum Stage: Int, Hashable, Sendable, CaseIterable {
    /// What uses the NIC lets go of it.
    case free
    case unplug
    /// The machine is switched off and the card pulled.
    case takeOut
    /// XAPI's record of it is dropped.
    case forget
    /// What becomes of its network.
    case network
  }

  public enum State: Hashable, Sendable {
    case done
    case now
    case later
  }

  /// What can be done from here.
  public enum Way: Hashable, Sendable {
    case change(Intent)
    /// Management is moved elsewhere, which has pages of its own.
    case moveManagement
    /// The host is switched off.
    case powerOff
    /// Nothing from here: what is to be typed by hand.
    case byHand(String)
  }

  public struct Choice: Hashable, Sendable {
    /// What it does, without a full stop: `Move VLANs 20 and 30 to bond0`.
    public var text: String
    public var way: Way

    public init(_ text: String, _ way: Way) {
      self.text = text
      self.way = way
    }
  }

  /// Something that still has the NIC, or a stage's only business.
  public struct Need: Hashable, Sendable {
    /// A sentence without a full stop.
    public var text: String
    /// The NIC cannot be unplugged or forgotten while it holds; what does not is only better done.
    public var isRequired: Bool
    public var choices: [Choice]
    /// What all of them do, where they are too many to be listed: `Move the VIFs to another network`.
    public var summary: String

    public init(_ text: String, isRequired: Bool = true, _ choices: [Choice] = [], summary: String = "Choose what to do") {
      self.text = text
      self.isRequired = isRequired
      self.choices = choices
      self.summary = summary
    }
  }

  public struct Step: Hashable, Sendable {
    public var stage: Stage
    public var state: State
    /// How it stands: a sentence without a full stop.
    public var text: String
    public var needs: [Need]

    public init(_ stage: Stage, _ state: State, _ text: String, _ needs: [Need] = []) {
      self.stage = stage
      self.state = state
      self.text = text
      self.needs = needs
    }
  }

  public var device: String
  /// What card it is: `a0:36:9f:01:02:03, 0000:19:00.1, Intel Corporation X550T`; empty when nobody knows any more.
  public var card: String
  /// One of each, in the order of the way.
  public var steps: [Step]
  /// Tags of the VLANs on it.
  public var vlanTags: [Int] = []
  /// There is something of this name: a NIC, XAPI's record of one, or the network that it had. Without any, it is either out for
  /// good or was never there: nothing that is left tells which.
  public var isKnown = true
  /// VMs that the host's end would end: name and what XAPI calls them.
  public var runningVMs: [ResetFacts.VM]

  public init(device: String, card: String, steps: [Step], runningVMs: [ResetFacts.VM] = []) {
    self.device = device
    self.card = card
    self.steps = steps
    self.runningVMs = runningVMs
  }

  /// Something stands in the way that has to be undone first.
  public var isObstructed: Bool { steps.contains { $0.stage == .free && $0.state == .now && $0.needs.contains(where: \.isRequired) } }
  /// What is to be done now; nil when the way is gone to its end.
  public var present: Step? { steps.first { $0.state == .now } }
  public var isOver: Bool { present == nil }
}

extension RetirePath.Stage {
  public var title: String {
    switch self {
    case .free: "Free it"
    case .unplug: "Unplug it"
    case .takeOut: "Take it out"
    case .forget: "Forget it"
    case .network: "Its network"
    }
  }
}
