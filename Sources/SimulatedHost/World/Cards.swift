import JSON

/// A card that is put into a host, or taken out.
struct CardChange: Sendable, Hashable {
  var device: String
  /// nil: it is taken out.
  var card: NIC?
}

extension World {
  /// Cards come and go. XAPI learns of a new one at `PIF.scan` only; of one that is gone its record stays, without a link.
  mutating func change(_ change: CardChange) {
    if let card = change.card {
      nics.removeAll { $0.host == thisHost && ($0.device == card.device || $0.mac == card.mac) }
      removedCards.removeAll { $0.mac == card.mac }
      nics.append(card)
      nics[nics.count - 1].isAdded = true
      setCarrier(host: thisHost, device: card.device, up: card.carrier)
    } else if let card = nics.first(where: { $0.host == thisHost && $0.device == change.device }) {
      setCarrier(host: thisHost, device: card.device, up: false)
      nics.removeAll { $0.host == thisHost && $0.device == change.device }
      removedCards.append(card)
    }
  }

  /// What was done to the machine while it was off.
  mutating func changeCards() {
    let changes = cardsAtBoot
    cardsAtBoot = []
    for one in changes { change(one) }
  }

  /// Of a slot that no other card has.
  func freeSlot(_ position: Int) -> String { "0000:3b:00.\(position % 8)" }

  /// What the monitor tells of a card's link, and XAPI of its make.
  mutating func describe(_ metrics: String, of card: NIC) {
    guard database.exists("PIF_metrics", metrics) else { return }
    let facts: JSONObject = [
      "carrier": .bool(card.carrier), "speed": .int(card.carrier ? card.speed : 0), "duplex": .bool(card.carrier),
      "vendor_id": .string(card.vendorID), "device_id": .string(card.deviceID), "pci_bus_path": .string(card.pciPath),
      "vendor_name": database.get("PCI", card.pci, "vendor_name") ?? "",
      "device_name": database.get("PCI", card.pci, "device_name") ?? "",
    ]
    for (field, value) in facts { change("PIF_metrics", metrics, field, value) }
    speeds[metrics] = card.speed
  }

  /// At its start XAPI makes rows for the PCI devices that it finds.
  mutating func notePCI() {
    for index in nics.indices where nics[index].host == thisHost && nics[index].isAdded && !database.exists("PCI", nics[index].pci) {
      let card = nics[index]
      nics[index].pci = create(
        "PCI",
        [
          "class_name": "Ethernet controller", "vendor_name": .string(Self.vendor(card.vendorID)),
          "device_name": .string("Device \(card.deviceID)"), "host": .string(thisHost), "pci_id": .string(card.pciPath),
          "driver_name": .string(card.driver),
        ])
    }
  }

  private static func vendor(_ id: String) -> String {
    ["8086": "Intel Corporation", "14e4": "Broadcom Inc. and subsidiaries", "15b3": "Mellanox Technologies"][id] ?? "Vendor \(id)"
  }
}
