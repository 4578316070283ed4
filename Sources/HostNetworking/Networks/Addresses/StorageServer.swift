import XenAPI

/// A server that storage of this host is on.
struct StorageServer: Hashable, Sendable {
  /// The storage's name.
  var name: String
  var address: IPv4Address
}

extension ChangeFacts {
  /// With the servers of this host's storage, those that are named by an address.
  func withStorage(_ client: XenClient) async -> ChangeFacts {
    var facts = self
    facts.storage = await MTUStorage.all(of: host, client, limit: .seconds(5)).compactMap { storage in
      IPv4Address(storage.server).map { StorageServer(name: storage.name, address: $0) }
    }
    return facts
  }
}
