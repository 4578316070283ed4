import HostNetworking
import TerminalUI
import XenAPI

/// What a VIF may send: its locking mode, and the addresses that it may send from.
struct VIFLockScreen: Screen {
  private static let modes: [LockingMode] = [.networkDefault, .locked, .unlocked, .disabled]
  private static let mode = "mode"
  private static let ipv4 = "ipv4"
  private static let ipv6 = "ipv6"

  private let vif: VIFList.Row
  private var form: Form

  var title: String { "Lock VIF \(vif.device) of \(vif.vm)" }

  let help = [
    "As the network has it: the network's own default holds, unlocked or disabled. Locked: only packets from the VIF's MAC and from the "
      + "addresses below pass. Unlocked: all passes. Disabled: nothing does.",
    "Several addresses are given with commas, without their lengths. They count while the VIF is locked.",
  ]

  init(_ vif: VIFList.Row) {
    self.vif = vif
    form = Form([
      .choice(
        id: Self.mode, label: "Locking", ["as the network has it", "locked", "unlocked", "disabled"],
        selected: Self.modes.firstIndex(of: vif.locking) ?? 0),
      .text(
        id: Self.ipv4, label: "IPv4 allowed", vif.ipv4Allowed.joined(separator: ", "), limit: 400, placeholder: "none; 10.0.4.80, 10.0.4.81",
        check: { Self.problem($0, isIPv6: false) }),
      .text(
        id: Self.ipv6, label: "IPv6 allowed", vif.ipv6Allowed.joined(separator: ", "), limit: 800, placeholder: "none; fd00::80",
        check: { Self.problem($0, isIPv6: true) }),
    ])
  }

  private static func list(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == " " }.map { String($0) }
  }

  private static func problem(_ text: String, isIPv6: Bool) -> String? {
    let wrong = list(text).first { InternetAddress($0)?.isIPv6 != isIPv6 }
    return wrong.map { "\($0) is no \(isIPv6 ? "IPv6" : "IPv4") address" + ($0.contains("/") ? ": without a length" : "") }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Left/Right", "choose"), ("Esc", "nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      let mode = form.choice(Self.mode).map { Self.modes[$0] } ?? .networkDefault
      let lock = VIFLock(vif: vif.uuid, mode: mode, ipv4: Self.list(form.value(Self.ipv4)), ipv6: Self.list(form.value(Self.ipv6)))
      return .open(ChangeReviewScreen(.vifs(.lock(lock))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(7, max(0, area.rows - 8)), titles: (title, "What it means"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let facts = [
      Fact("locked", "only its MAC and the addresses above pass"), Fact("unlocked", "all passes"), Fact("disabled", "nothing passes"),
      Fact("Now", vif.isPlugged ? "plugged into \(vif.vm) on \"\(vif.network)\": it is in force at once" : "not plugged: it is in force when it is"),
    ]
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }
}
