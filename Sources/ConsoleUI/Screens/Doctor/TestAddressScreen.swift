import HostNetworking
import TerminalUI

/// Asks for the address or name to test.
struct TestAddressFormScreen: Screen {
  private var form = Form([
    .text(
      id: "place", label: "Address or name", limit: 253, required: true, placeholder: "10.0.4.1, fd00::1 or a name",
      check: { text in text.isEmpty ? nil : problem(text, port: "") }),
    .text(
      id: "port", label: "Port", limit: 5, placeholder: "none: only ping",
      check: { text in text.isEmpty ? nil : problem("127.0.0.1", port: text) }),
  ])

  let title = "Test an address or a name"

  let help = [
    "A name is looked up with this host's DNS servers. The address is pinged and, with a port, connected to; nothing is sent there.",
    "Ports: 443 XAPI and HTTPS, 22 SSH, 80 HTTP, 53 DNS, 2049 NFS, 3260 iSCSI, 636 LDAPS.",
  ]

  private static func problem(_ place: String, port: String) -> String? {
    do throws(AddressError) {
      _ = try DoctorTarget(place, port: port)
      return nil
    } catch {
      return "\(error)"
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, at the end test"), ("Tab", "next"), ("Esc", "back"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      let target = try? DoctorTarget(form.value("place"), port: form.value("port"))
      return target.map { .open(TestAddressScreen($0)) } ?? .done
    case .ignored: return .unused(key)
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = help.flatMap { [Fact("", $0, style: .dim), Fact("", "")] }
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}

/// One address or name, looked up, pinged and connected to, live.
struct TestAddressScreen: Screen {
  private let target: DoctorTarget
  private var ladder = LadderList()

  init(_ target: DoctorTarget) { self.target = target }

  var title: String { "Test \(target)" }

  let help = ["The name is looked up, the address pinged and, with a port, connected to. r tests again."]

  var errand: Errand? { .probe(target, run: ladder.run) }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (ladder.chosen == nil ? [] : [("Enter", "what it means")]) + [("r", "test again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      ladder = LadderList()
      return .ask(.probe(target, run: ladder.run))
    case .enter, .right, .character("l"): return ladder.chosen.map { .open(DoctorLineScreen($0)) } ?? .done
    default: return ladder.handle(key, room: room) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    ladder.receive(report, room: room)
  }

  mutating func settle(_ context: Context, room: Size) { ladder.settle(room: room) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    ladder.draw(into: &frame, in: area, title: title)
  }
}
