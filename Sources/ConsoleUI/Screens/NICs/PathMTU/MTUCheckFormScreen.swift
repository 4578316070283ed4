import HostNetworking
import TerminalUI

/// Asks to whom packet sizes are tested: somebody this host knows of, or any address.
struct MTUCheckFormScreen: Screen {
  /// The interface that was chosen before; its own network comes first.
  private let near: String?
  private var places: MTUPlaces?
  private var contents = Browser.Contents()
  private var browser = Browser()
  /// Bytes; nil for what the interface sends.
  private var size: Int?

  init(near: String? = nil) { self.near = near }

  let title = "Test packet sizes"

  let help = [
    "How long packets may be on their way: jumbo frames fail silently when one switch port is set to less. Storage and live migration hang "
      + "then, while pings and logins work.",
    "Enter tests to the chosen machine; packets are sent that nobody may cut. Nothing is changed.",
    "s chooses the size: what the interface sends, 1500 or 9000. t takes any address, size and interface.",
    "The same on the command line: xcpconsole nic path ADDRESS.",
  ]

  var errand: Errand? { .lookForMTUPlaces }

  private var chosen: MTUPlace? { places?.places.first { $0.target == browser.chosen } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all")] }
    return (chosen == nil ? [] : [("Enter", "test")])
      + [("t", "type an address"), ("s", "size"), ("/", "filter"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if places != nil, browser.handle(key, contents, room: listRoom(room)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"):
      guard let chosen, let target = try? DoctorTarget(chosen.target, port: "") else { return .done }
      return .open(MTUCheckScreen(MTUCheckRequest(target.place, size: size), who: chosen.who))
    case .character("t"): return .open(MTUAddressFormScreen(places?.sources ?? [], from: near, size: size))
    case .character("s"):
      size = size == nil ? 1500 : size == 1500 ? 9000 : nil
      return .done
    case .character("r"), .function(5): return .ask(.lookForMTUPlaces)
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .mtuPlaces(let found) = report else { return .pass }
    let isFirst = places == nil
    var sorted = found
    // Stable: who is on the interface's own network first.
    sorted.places = found.places.filter { near != nil && $0.interface == near } + found.places.filter { near == nil || $0.interface != near }
    places = sorted
    contents = Browser.Contents(sorted.places.map(Self.row), columns: Self.columns)
    if isFirst { browser = Browser(chosen: sorted.places.first?.target) }
    settle(context, room: room)
    return .done
  }

  mutating func settle(_ context: Context, room: Size) { browser.settle(contents, room: listRoom(room)) }

  // MARK: Drawing

  private static let columns: [Table.Column] = [
    .init("Who", minimum: 18, ideal: 30, priority: 0), .init("Address", minimum: 15, ideal: 39, priority: 0),
    .init("Through", minimum: 8, ideal: 20, priority: 1), .init("Network", minimum: 12, ideal: 30, priority: 2),
  ]

  private static func row(_ place: MTUPlace) -> Browser.Row {
    Browser.Row(
      id: place.target,
      cells: [.init(place.who), .init(place.target), .init(place.interface.isEmpty ? "-" : place.interface), .init(place.network)])
  }

  private func paneRows(_ rows: Int) -> Int { rows < 14 ? 0 : 5 }

  private func listRoom(_ room: Size) -> Int {
    let pane = paneRows(room.rows)
    return max(1, room.rows - 3 - (pane == 0 ? 0 : pane + 1) - (browser.filter == nil ? 0 : 1))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: paneRows(area.rows), titles: ("\(title): to whom?", chosen?.who ?? ""))
    if places == nil {
      frame.draw("Looking for machines that this host knows ...", at: top.inset(left: 1).origin, style: .dim, width: top.columns - 1)
    } else {
      browser.draw(into: &frame, in: top, contents, empty: "This host knows nobody: t takes an address.")
    }
    let inside = bottom.inset(left: 1, right: 1)
    FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
  }

  private var facts: [Fact] {
    var facts = [Fact("Size", sizeWords)]
    if let chosen {
      let way = chosen.interface.isEmpty ? "by the default route" : "through \(chosen.interface)"
      facts.append(Fact("Test", "Enter sends packets that may not be cut to \(chosen.target), \(way)."))
    }
    if let silence = places?.silence {
      facts.append(Fact("", "XAPI told of no storage and no other hosts: \(silence).", style: .warning, mark: "!  "))
    }
    return facts
  }

  private var sizeWords: String {
    if let size { return "\(size) bytes (s changes it)" }
    let mtu = chosen.flatMap { chosen in places?.sources.first { $0.name == chosen.interface }?.mtu }
    return "what the interface sends\(mtu.map { ", \($0) bytes" } ?? "") (s changes it)"
  }
}

/// Any address, size and interface.
struct MTUAddressFormScreen: Screen {
  private var form: Form
  private let sources: [MTUSource]

  private static let sizes = [nil, 1500, 9000]

  init(_ sources: [MTUSource], from: String?, size: Int?) {
    self.sources = sources
    let selected = sources.firstIndex { $0.name == from }.map { $0 + 1 } ?? 0
    form = Form([
      .text(
        id: "place", label: "Address or name", limit: 253, required: true, placeholder: "10.0.20.12, fd00::12 or a name",
        check: { text in text.isEmpty ? nil : Self.problem(text) }),
      .choice(
        id: "size", label: "Packet size", ["what the interface sends", "1500", "9000", "other"],
        selected: Self.sizes.firstIndex { $0 == size } ?? 0),
      .text(id: "bytes", label: "Bytes", limit: 5, required: true, placeholder: "with headers", check: { Self.problemOfSize($0) }),
      .choice(
        id: "from", label: "From", ["as the routes say"] + sources.map { $0.network.isEmpty ? $0.name : "\($0.name), \($0.network)" },
        selected: selected),
    ])
    form.setHidden(true, "bytes")
  }

  let title = "Test packet sizes to an address"

  let help = [
    "The size counts the whole packet with its headers, as MTU does. An address of a link (fe80::) needs the interface.",
  ]

  private static func problem(_ text: String) -> String? {
    do throws(AddressError) {
      _ = try DoctorTarget(text, port: "")
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func problemOfSize(_ text: String) -> String? {
    guard !text.isEmpty else { return nil }
    let sizes = MTUCheckRequest.sizes
    return Int(text).map(sizes.contains) == true ? nil : "\(sizes.lowerBound) to \(sizes.upperBound) bytes"
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, at the end test"), ("Left/Right", "choose"), ("Tab", "next"), ("Esc", "back"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    let outcome = form.handle(key)
    form.setHidden(form.choice("size") != 3, "bytes")
    switch outcome {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      guard let target = try? DoctorTarget(form.value("place"), port: "") else { return .done }
      let choice = form.choice("size") ?? 0
      let size = choice == 3 ? Int(form.value("bytes")) : Self.sizes.indices.contains(choice) ? Self.sizes[choice] : nil
      let source = (form.choice("from") ?? 0) - 1
      return .open(
        MTUCheckScreen(MTUCheckRequest(target.place, size: size, interface: sources.indices.contains(source) ? sources[source].name : nil)))
    case .ignored: return .unused(key)
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = help.map { Fact("", $0, style: .dim) }
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}
