import Dom0
import JSON
import XenAPI

/// What a plan about one VIF is made from: the database, and the whole rows of what it is about.
struct VIFFacts: Sendable {
  var change: ChangeFacts
  /// `VM.get_record`; nil when XAPI did not tell.
  var vm: JSONValue?
  /// `VIF.get_record`; nil for a new one.
  var row: JSONValue?
  /// `VM_guest_metrics.get_record`; nil when the VM has none.
  var guest: JSONValue?
  /// `pool.get_record`
  var pool: JSONValue?
  /// Refs of VIFs with a PVS proxy.
  var proxied: Set<String> = []
  /// The address of what rules the pool's switches; nil when nobody does.
  var controller: String?

  init(_ change: ChangeFacts) { self.change = change }

  /// Addresses that the VM's tools tell of one of its VIFs, or of all.
  func addresses(device: String? = nil) -> [String] {
    let told = guest?["networks"].texts ?? [:]
    let own = told.filter { key, _ in device.map { key.hasPrefix("\($0)/") } ?? true }
    return Set(own.values).filter { InternetAddress($0) != nil }.sorted()
  }

  /// The VM takes and gives no VIF while it runs: its system says so, or has no drivers for it.
  var refusesHotplug: Bool {
    switch guest?["can_use_hotplug_vif"]?.string {
    case "no": true
    case "yes": false
    default: vm?["domain_type"]?.string == "hvm" && guest?["PV_drivers_detected"]?.bool != true
    }
  }

  /// A licence that is not there.
  func isRestricted(_ feature: String) -> Bool { change.database.pools.first?.record.restrictions["restrict_\(feature)"] == "true" }
}

struct VIFLook: Sendable {
  private static let limit = Duration.seconds(10)

  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func facts(_ intent: VIFIntent) async throws(ChangeProblem) -> VIFFacts {
    var facts = VIFFacts(try await ChangeLook(client, system).facts())
    let scene = ChangeScene(facts.change.database, host: facts.change.host)
    let found = intent.vif.flatMap { scene.vif(uuid: $0) }
    let owner: Ref<VM>?
    if case .create(let draft) = intent { owner = scene.vm(uuid: draft.vm) } else { owner = found?.record.vm }
    if let found { facts.row = await record("VIF", found.ref.json) }
    if let owner { facts.vm = await record("VM", owner.json) }
    if let guest = facts.vm?["guest_metrics"], guest.string != "OpaqueRef:NULL" { facts.guest = await record("VM_guest_metrics", guest) }
    if let pool = facts.change.database.pools.first?.ref { facts.pool = await record("pool", pool.json) }
    // Hosts without PVS do not know the class.
    let proxies = try? await client.call("PVS_proxy.get_all_records", limit: Self.limit).object
    facts.proxied = Set((proxies ?? JSONObject()).values.compactMap { $0["VIF"]?.string })
    // With bridges in place of switches it rules nothing.
    if (try? NetworkBackend.read(from: system))?.usesOpenVSwitch != false {
      let controllers = try? await client.call("SDN_controller.get_all_records", limit: Self.limit).object
      facts.controller = (controllers ?? JSONObject()).values.first.map { $0["address"]?.string ?? "" }
    }
    return facts
  }

  private func record(_ owner: String, _ ref: JSONValue) async -> JSONValue? {
    try? await client.call("\(owner).get_record", [ref], limit: Self.limit)
  }
}

extension VIFIntent {
  /// The VIF that it is about, by its uuid; nil for a new one.
  var vif: String? {
    switch self {
    case .create: nil
    case .move(let vif, _), .plug(let vif), .unplug(let vif), .destroy(let vif): vif
    case .lock(let lock): lock.vif
    case .address(let request): request.vif
    }
  }
}
