import JSON

/// Reads XAPI's database for work that goes step by step and must know what each step has changed: the whole at first,
/// only what has changed since afterwards.
public struct DatabaseReader: Sendable {
  /// What the configuration of networks is made of. VMs and their VIFs, most of a large database, are left out.
  public static let networking = [
    "pool", "host", "pif", "pif_metrics", "network", "bond", "vlan", "tunnel", "network_sriov", "pci",
  ]

  private let client: XenClient
  private let classes: [String]
  private var token = ""
  private var database = XenDatabase()

  /// - Parameter classes: by their event names.
  public init(_ client: XenClient, classes: [String] = networking) {
    self.client = client
    self.classes = classes
  }

  /// Begins with what somebody else has read: only what has changed since then is asked for.
  /// - Parameters:
  ///   - classes: those that are kept up to date; `known` must hold all of them.
  ///   - known: what XAPI told, with the token it told it with.
  public init(_ client: XenClient, classes: [String], known: LiveState) {
    self.init(client, classes: classes)
    guard case .live = known.connection, let database = known.database, !known.token.isEmpty else { return }
    (self.database, token) = (database, known.token)
  }

  /// The database as it is now: all that was changed by calls that have been answered is in it.
  public mutating func read(limit: Duration = .seconds(30)) async throws(XenError) -> XenDatabase {
    let (batch, news) = try await events(limit: limit)
    // XAPI forgets deletions when there are many, and everything when it restarts: the counts tell.
    if !token.isEmpty, batch.token < token || !gaps(news, batch).isEmpty {
      token = ""
      let (batch, whole) = try await events(limit: limit)
      return keep(whole, batch)
    }
    return keep(news, batch)
  }

  private mutating func keep(_ new: XenDatabase, _ batch: EventBatch) -> XenDatabase {
    database = new
    token = batch.token
    return new
  }

  private func gaps(_ database: XenDatabase, _ batch: EventBatch) -> [String: Int] {
    database.gaps(to: batch.counts).filter { classes.contains($0.key) }
  }

  private func events(limit: Duration) async throws(XenError) -> (EventBatch, XenDatabase) {
    let base = token.isEmpty ? XenDatabase() : database
    return try await client.call(
      "event.from", [.array(classes.map { .string($0) }), .string(token), .double(0)], limit: limit
    ) { (scanner) throws(JSONError) in
      var database = base
      let batch = try EventBatch(&scanner, into: &database)
      return (batch, database)
    }
  }
}
