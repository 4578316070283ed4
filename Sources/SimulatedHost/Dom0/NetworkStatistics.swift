import JSON

/// `/dev/shm/network_stats`: magic, MD5 and length of what follows, then JSON (notes on dom0 §3.9).
enum NetworkStatistics {
  static func bytes(_ world: World, _ live: NetworkdConfig) -> [UInt8] {
    let payload = Array(JSONValue.object(interfaces(world, live)).description.utf8)
    let length = String(payload.count, radix: 16)
    let digits = String(repeating: "0", count: 8 - length.utf8.count) + length
    return Array("xapistat\(MD5.hex(payload))\(digits)".utf8) + payload
  }

  private static func interfaces(_ world: World, _ live: NetworkdConfig) -> JSONObject {
    let cards = world.nics.filter { $0.host == world.thisHost }.sorted { $0.position < $1.position }
    var all = JSONObject()
    for card in cards {
      all.append(
        card.device,
        entry(
          carrier: card.carrier, speed: card.carrier ? world.speed(of: card) : 0, links: (1, card.carrier ? 1 : 0), [card.device],
          card))
    }
    for (_, bridge) in live.bridges.sorted(by: { $0.key < $1.key }) {
      for (name, port) in bridge.ports.sorted(by: { $0.key < $1.key }) where port.isBond {
        let members = cards.filter { port.interfaces.contains($0.device) }
        let up = members.filter(\.carrier)
        all.append(
          name,
          entry(
            carrier: !up.isEmpty, speed: up.reduce(0) { $0 + $1.speed }, links: (members.count, up.count),
            port.interfaces, nil))
      }
    }
    return all
  }

  private static func entry(
    carrier: Bool, speed: Int64, links: (all: Int, up: Int), _ interfaces: [String], _ card: NIC?
  ) -> JSONValue {
    [
      "carrier": .bool(carrier), "speed": .int(speed), "duplex": carrier ? "Duplex_full" : "Duplex_unknown",
      "pci_bus_path": .string(card?.pciPath ?? ""), "vendor_id": .string(card?.vendorID ?? ""),
      "device_id": .string(card?.deviceID ?? ""), "nb_links": .int(Int64(links.all)), "links_up": .int(Int64(links.up)),
      "interfaces": .array(interfaces.map { .string($0) }),
    ]
  }
}
