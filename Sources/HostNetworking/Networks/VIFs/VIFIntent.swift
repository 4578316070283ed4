import Dom0
import JSON
import XenAPI

/// A new VIF.
public struct VIFDraft: Hashable, Sendable {
  /// The VM and the network, by uuid.
  public var vm: String
  public var network: String
  /// Its position in the VM, a number; empty for the first that is free.
  public var device: String
  /// Empty: one is made up.
  public var mac: String

  public init(vm: String, network: String, device: String = "", mac: String = "") {
    self.vm = vm
    self.network = network
    self.device = device
    self.mac = mac
  }

  /// Six bytes with colons; whether XAPI takes it says the plan.
  public static func isMAC(_ text: String) -> Bool {
    let bytes = text.split(separator: ":", omittingEmptySubsequences: false)
    return bytes.count == 6 && bytes.allSatisfy { $0.utf8.count == 2 && !$0.hasPrefix("+") && UInt8($0, radix: 16) != nil }
  }
}

/// What a VIF may send.
public struct VIFLock: Hashable, Sendable {
  /// By its uuid.
  public var vif: String
  public var mode: LockingMode
  /// Addresses that it may send from while it is locked.
  public var ipv4: [String]
  public var ipv6: [String]

  public init(vif: String, mode: LockingMode, ipv4: [String] = [], ipv6: [String] = []) {
    self.vif = vif
    self.mode = mode
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }
}

/// The address that the guest tools give a VIF inside its VM.
public struct VIFAddress: Hashable, Sendable {
  /// By its uuid.
  public var vif: String
  public var isIPv6: Bool
  /// With its prefix length; nil leaves the address to the VM.
  public var address: String?
  /// Empty for none.
  public var gateway: String

  public init(vif: String, isIPv6: Bool = false, address: String?, gateway: String = "") {
    self.vif = vif
    self.isIPv6 = isIPv6
    self.address = address
    self.gateway = gateway
  }
}

/// VIFs and networks are named by their uuids.
public enum VIFIntent: IntentGroup {
  /// A new VIF, plugged when the VM runs.
  case create(VIFDraft)
  case move(vif: String, network: String)
  case plug(vif: String)
  case unplug(vif: String)
  case destroy(vif: String)
  case lock(VIFLock)
  case address(VIFAddress)

  var name: String {
    switch self {
    case .create: "create a VIF"
    case .move: "move a VIF"
    case .plug: "plug a VIF"
    case .unplug: "unplug a VIF"
    case .destroy: "destroy a VIF"
    case .lock: "lock a VIF"
    case .address: "address of a VIF"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    try VIFPlanner(self, try await VIFLook(client, system).facts(self)).plan()
  }

}

public enum VIFErrand: ErrandGroup {
  /// VIFs of all networks, or of one, by its uuid.
  case look(network: String?)

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {
    switch self {
    case .look(let network):
      do throws(ChangeProblem) {
        report(.vifs(.list(.success(VIFList(try await ChangeLook(client, system).facts(), network: network)))))
      } catch {
        report(.vifs(.list(.failure(error))))
      }
    }
  }
}

public enum VIFReport: Sendable {
  case list(Result<VIFList, ChangeProblem>)
}

