import JSON

/// Changes behind XAPI's back: what cables, hosts and other people do.
extension SimulatedHost {
  /// Plugs or pulls the cable of one of this host's cards. Bonds follow.
  public func setCarrier(device: String, up: Bool) {
    world.setCarrier(host: world.thisHost, device: device, up: up)
    retryCoordinator()
    wakeAll()
  }

  /// Puts a card into this host that XAPI does not know before `PIF.scan`.
  public func addCard(device: String, mac: String, position: Int) {
    var card = NIC(host: world.thisHost, device: device, mac: mac, position: position)
    card.pciPath = world.freeSlot(position)
    world.change(CardChange(device: device, card: card))
    try? writeFollowingFiles()
    wakeAll()
  }

  /// Sets a field of a row, as XAPI itself would: events tell of it.
  public func mutate(class name: String, ref: String, field: String, value: JSONValue) {
    world.database.set(name, ref, field, value)
    wakeAll()
  }

  /// Removes a row without an event, as when a client was away while more than 512 rows of the class went:
  /// only `valid_ref_counts` tells.
  public func destroyRowSilently(class name: String, ref: String) {
    world.database.remove(name, ref, silently: true)
    wakeAll()
  }

  /// Removes a row, with its event.
  public func destroyRow(class name: String, ref: String) {
    world.database.remove(name, ref)
    wakeAll()
  }

  /// Adds a row; fields not given get their defaults.
  /// - Returns: its ref.
  @discardableResult
  public func createRow(class name: String, _ fields: JSONObject) -> String {
    let ref = world.create(name, fields)
    wakeAll()
    return ref
  }

  /// The refs of a class's rows that have all these values.
  public func refs(class name: String, where match: JSONObject = JSONObject()) -> [String] {
    world.database.refs(name).filter { ref in
      match.allSatisfy { field, value in world.database.get(name, ref, field) == value }
    }
  }

  /// A row as XAPI shows it.
  public func record(class name: String, ref: String) -> JSONObject? {
    guard let table = world.database.table(name), let row = table.rows[ref] else { return nil }
    return table.record(row)
  }

  /// The refs of a class's rows, the last made first.
  func newestRefs(class name: String) -> [String] {
    (world.database.table(name)?.rows.values.sorted { $0.created > $1.created } ?? []).map(\.ref)
  }

  /// The token of everything up to now.
  var currentToken: String { EventToken(database: world.database.generation).text }

  /// The types of a call's parameters after the session.
  func parameterTypes(_ method: String) -> [FieldType] {
    let method = Method(method, world.schema)
    guard let owner = method.owner, let operation = Operation(method.call, of: owner) else { return [] }
    return operation.parameters(of: owner).types
  }

  /// Cuts this member off from its coordinator with XAPI's error, or (nil) heals it.
  public func setEmergency(_ code: String?) {
    world.emergency = code.map { APIError(code: $0, parameters: []) }
    dom0.isEmergencyForced = code != nil
    wakeAll()
  }
}
