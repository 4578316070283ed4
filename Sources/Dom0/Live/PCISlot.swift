/// Slots of the machine by what is printed beside them, as the firmware tells the kernel.
public enum PCISlot {
  public static let folder = "/sys/bus/pci/slots"

  /// The slot that a card sits in.
  /// - Parameter address: of the card, `0000:5e:00.1`; a slot has all functions of it.
  /// - Returns: the slot's name, mostly a number; nil where the firmware names none.
  public static func name(of address: String, on system: HostSystem) -> String? {
    guard let dot = address.lastIndex(of: "."), let names = try? system.names(in: folder) else { return nil }
    let card = address[..<dot]
    return names.first { (try? system.text("\(folder)/\($0)/address", limit: 64))?.trimmed == card }
  }
}

extension FirmwareName {
  /// Every NIC by its place in the machine: `em1` on the board, `p2p1` in a slot (biosdevname's policy "physical").
  public static func physical(on system: HostSystem) async throws(LiveFailure) -> [FirmwareName] {
    parse(try await system.answerText(of: ["/sbin/biosdevname", "--policy", "physical", "-d", "-x"], timeLimit: .seconds(10)))
  }
}
