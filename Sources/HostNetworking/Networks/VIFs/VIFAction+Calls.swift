import JSON
import XenAPI

extension VIFAction {
  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    let book = VIFBook(calls.client)
    switch self {
    case .create(let setup): try await setup.create(calls, book)
    case .destroy(let vm, let device, let mac):
      guard let owner = try await book.found("VM", vm, "the VM"), let there = try await book.vif(device, of: owner) else { return }
      // What somebody else has put there in the meantime is left.
      guard there.record["MAC"]?.string?.lowercased() == mac.lowercased() else { return }
      try await calls.task("VIF.destroy", [there.ref])
    case .move(let uuid, let network):
      let vif = try await book.ref("VIF", uuid, "the VIF")
      let place = try await book.ref("network", network, "the network")
      if try await book.record("VIF", vif)["network"] == place { return }
      try await calls.task("VIF.move", [vif, place])
    case .plugged(let vm, let device, let mac, let isOn):
      guard let owner = try await book.found("VM", vm, "the VM"), let there = try await book.vif(device, of: owner),
        there.record["MAC"]?.string?.lowercased() == mac.lowercased()
      else {
        if !isOn { return }
        throw ChangeFailure("the VM has no such VIF \(device) any more")
      }
      if there.record["currently_attached"]?.bool == isOn { return }
      // A VM that has stopped since has nothing plugged, and plugs what it has when it starts.
      if try await book.record("VM", owner)["power_state"]?.string == "Halted" { return }
      try await calls.task(isOn ? "VIF.plug" : "VIF.unplug", [there.ref])
    case .locking(let uuid, let mode):
      let vif = try await book.ref("VIF", uuid, "the VIF")
      try await calls.call("VIF.set_locking_mode", [vif, .string(mode.rawValue)])
    case .allowed(let uuid, let ipv4, let ipv6):
      let vif = try await book.ref("VIF", uuid, "the VIF")
      let before = try await book.record("VIF", vif)
      if before["ipv4_allowed"].list != ipv4 { try await calls.call("VIF.set_ipv4_allowed", [vif, .of(ipv4)]) }
      if before["ipv6_allowed"].list != ipv6 { try await calls.call("VIF.set_ipv6_allowed", [vif, .of(ipv6)]) }
    case .address(let request):
      let vif = try await book.ref("VIF", request.vif, "the VIF")
      try await calls.configure(vif, isIPv6: request.isIPv6, request.address.map { VIFSetup.Fixed(address: $0, gateway: request.gateway) })
    }
  }
}

extension ChangeCalls {
  fileprivate func configure(_ vif: JSONValue, isIPv6: Bool, _ fixed: VIFSetup.Fixed?) async throws(ChangeFailure) {
    try await call(
      isIPv6 ? "VIF.configure_ipv6" : "VIF.configure_ipv4",
      [vif, fixed == nil ? "None" : "Static", .string(fixed?.address ?? ""), .string(fixed?.gateway ?? "")])
  }
}

extension VIFSetup {
  fileprivate func create(_ calls: ChangeCalls, _ book: VIFBook) async throws(ChangeFailure) {
    let owner = try await book.ref("VM", vm, "the VM")
    let place = try await book.ref("network", network, "the network")
    let there = try await book.vif(device, of: owner)
    if let there, there.record["network"] != place || there.record["MAC"]?.string?.lowercased() != mac.lowercased() {
      throw ChangeFailure("the VM has another VIF \(device) by now (MAC \(there.record["MAC"]?.string ?? "unknown"))")
    }
    if there == nil { try await calls.task("VIF.create", [record(vm: owner, network: place)]) }
    guard ipv4 != nil || ipv6 != nil, let made = try await book.vif(device, of: owner)?.ref else { return }
    if let ipv4 { try await calls.configure(made, isIPv6: false, ipv4) }
    if let ipv6 { try await calls.configure(made, isIPv6: true, ipv6) }
  }
}

/// Asks XAPI about single VIFs.
fileprivate struct VIFBook {
  private let client: XenClient

  init(_ client: XenClient) { self.client = client }

  func ref(_ owner: String, _ uuid: String, _ name: String) async throws(ChangeFailure) -> JSONValue {
    guard let ref = try await found(owner, uuid, name) else { throw ChangeFailure("\(name) is not there any more") }
    return ref
  }

  /// nil when it is not there any more.
  func found(_ owner: String, _ uuid: String, _ name: String) async throws(ChangeFailure) -> JSONValue? {
    do throws(XenError) {
      return try await client.call("\(owner).get_by_uuid", [.string(uuid)], limit: .seconds(10))
    } catch .failure(let failure) where failure.code == "UUID_INVALID" {
      return nil
    } catch {
      throw ChangeFailure("XAPI could not be asked about \(name): \(error)", isUnknown: true)
    }
  }

  func record(_ owner: String, _ ref: JSONValue) async throws(ChangeFailure) -> JSONValue {
    do throws(XenError) {
      return try await client.call("\(owner).get_record", [ref], limit: .seconds(10))
    } catch {
      throw ChangeFailure("XAPI could not be asked how it is: \(error)", isUnknown: true)
    }
  }

  func vif(_ device: String, of vm: JSONValue) async throws(ChangeFailure) -> (ref: JSONValue, record: JSONValue)? {
    for ref in try await record("VM", vm)["VIFs"]?.array ?? [] {
      let record = try await record("VIF", ref)
      if record["device"]?.string == device { return (ref, record) }
    }
    return nil
  }
}

extension ChangeScene {
  func vm(uuid: String) -> Ref<VM>? { database.vms.all.first { $0.record.uuid == uuid }?.ref }

  func vif(uuid: String) -> (ref: Ref<VIF>, record: VIF)? { database.vifs.all.first { $0.record.uuid == uuid } }

  func vif(_ device: String, of uuid: String) -> (ref: Ref<VIF>, record: VIF)? {
    guard let vm = vm(uuid: uuid) else { return nil }
    return database.vifs.all.first { $0.record.vm == vm && $0.record.device == device }
  }
}
