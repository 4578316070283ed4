import JSON

/// What a call is told besides its arguments.
struct CallContext: Sendable {
  /// The caller's session; the null ref for logins.
  let session: String
  /// The request came over TCP, where passwords count.
  let overTCP: Bool
}

/// A call's arguments, already of the types that its schema declares. Optional ones that were left out are missing.
struct Arguments: Sendable {
  let values: [JSONValue]

  func string(_ index: Int) -> String { index < values.count ? values[index].string ?? "" : "" }
  func int(_ index: Int) -> Int64 { index < values.count ? values[index].int ?? 0 : 0 }
  func bool(_ index: Int) -> Bool { index < values.count ? values[index].bool ?? false : false }
  func object(_ index: Int) -> JSONObject { index < values.count ? values[index].object ?? JSONObject() : JSONObject() }
  func strings(_ index: Int) -> [String] {
    index < values.count ? (values[index].array ?? []).compactMap(\.string) : []
  }
  func double(_ index: Int) -> Double {
    guard index < values.count, case .double(let number) = values[index] else { return 0 }
    return number
  }
}

/// Does a call's work on the world. `.string("")` is XAPI's "nothing".
typealias CallHandler = @Sendable (inout World, CallContext, Arguments) throws(APIError) -> JSONValue

/// The calls that are simulated, by `Class.name`: one file of this folder per class.
struct CallTable: Sendable {
  let handlers: [String: CallHandler]
  /// Those that take time of their own, asynchronous or not.
  let long: [String: LongCall] = VMShutdownCalls.long

  init() {
    var all: [String: CallHandler] = [:]
    for part in [
      SessionCalls.handlers, TaskCalls.handlers, EventCalls.handlers, NetworkCalls.handlers, PIFCalls.handlers,
      PIFAddressCalls.handlers, PIFPropertyCalls.handlers, VLANCalls.handlers, BondCalls.handlers, TunnelCalls.handlers,
      SRIOVCalls.handlers, HostCalls.handlers, HostManagementCalls.handlers, PoolCalls.handlers, MessageCalls.handlers,
      HostPowerCalls.handlers, HACalls.handlers, PoolRoleCalls.handlers, ClusterCalls.handlers,
      VMShutdownCalls.handlers, VIFCalls.handlers, VIFCreationCalls.handlers, VIFLockingCalls.handlers, HostTimeCalls.handlers, HostSSHCalls.handlers,
      PIFRowCalls.handlers,
    ] {
      all.merge(part) { first, _ in first }
    }
    handlers = all
  }

  /// Calls that XAPI has and this answers with `INTERNAL_ERROR "not simulated: …"`, in order.
  func missing(from schema: Schema) -> [String] {
    schema.classes.flatMap { owner in owner.callNames.map { "\(owner.name).\($0)" } }
      .filter { handlers[$0] == nil && $0 != "event.from" && $0 != "event.next" }.sorted()
  }
}

extension JSONValue {
  /// What calls without a result answer.
  static var nothing: JSONValue { .string("") }
}
