import Dom0

/// Writes the rules for names with the vendor's own tool, and makes sure of what it wrote.
struct NamesHands: Sendable {
  /// A hard link to the program that runs at boot (`reference/dom0.md` §1.1).
  static let tool = "/opt/xensource/bin/interface-rename"
  /// It asks the firmware twice, which takes a while.
  private static let limit = Duration.seconds(60)

  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) -> ChangeHands.Done {
    switch action {
    case .setNICNames(let names): try await set(names)
    case .resetNICNames: try await reset()
    case .putBackNICNames(let fixed, let dynamic): try putBack(fixed, dynamic)
    default: throw ChangeFailure("this is not about the names of NICs")
    }
  }

  static func commands(_ action: ChangeAction) -> [String] {
    switch action {
    case .setNICNames(let names): [(["interface-rename", "--update"] + words(names)).joined(separator: " ")]
    case .resetNICNames: ["interface-rename --reset-to-install"]
    default: []
    }
  }

  private static func words(_ names: [String: String]) -> [String] {
    names.sorted { comesBefore($0.value, $1.value) }.map { "\($0.value)=\($0.key)" }
  }

  // MARK: Other names

  private func set(_ names: [String: String]) async throws(ChangeFailure) -> ChangeHands.Done {
    let before = try rules()
    let cards = await NamesLook.cards(on: system)
    for mac in names.keys where !cards.contains(where: { $0.mac == mac }) {
      throw ChangeFailure("the NIC \(mac) is not there any more")
    }
    let update = names.map { RenameLogic.Claim(name: $0.value, mac: $0.key) }
    let wanted: [String: String]
    do throws(RenameLogic.Failure) {
      if try Self.areSo(names, before, cards) { return .wasSo }
      wanted = try RenameLogic(cards, before.dynamic).names(under: before.fixed, update: update)
    } catch {
      throw ChangeFailure("interface-rename would refuse this: \(error.text)")
    }
    // Those that a static rule has already are not to be named twice.
    let fixed = RenameLogic(cards, before.dynamic).claims(of: before.fixed)
    let asked = names.filter { !fixed.contains(RenameLogic.Claim(name: $0.value, mac: $0.key)) }
    let words = try await run(["--update"] + Self.words(asked), before)
    try hold(before, words) { () throws(ChangeFailure) in
      let after = try rules()
      let written = Dictionary(after.dynamic.lastBoot.map { ($0.mac, $0.name) }, uniquingKeysWith: { $1 })
      // The tool passes over NICs that the firmware does not list; those have no rule before and after.
      let listed = Set(before.dynamic.lastBoot.map(\.mac)).union(names.keys).union(written.keys)
      for card in cards where listed.contains(card.mac) && wanted[card.mac] != written[card.mac] {
        throw ChangeFailure(
          "dynamic-rules.json has \(written[card.mac] ?? "nothing") for \(card.mac) where \(wanted[card.mac] ?? "nothing") was expected")
      }
      do throws(RenameLogic.Failure) {
        guard try RenameLogic(cards, after.dynamic).names(under: after.fixed) == wanted else {
          throw RenameLogic.Failure(text: "the rules that it wrote come to other names at the next boot")
        }
      } catch {
        throw ChangeFailure(error.text)
      }
    }
    return .done
  }

  private static func areSo(_ names: [String: String], _ rules: Rules, _ cards: [RenameLogic.Card]) throws(RenameLogic.Failure) -> Bool {
    let next = try RenameLogic(cards, rules.dynamic).names(under: rules.fixed)
    return names.allSatisfy { next[$0.key] == $0.value }
  }

  // MARK: Those of the installation

  private func reset() async throws(ChangeFailure) -> ChangeHands.Done {
    let copies = InstalledRules(of: system)
    if let problem = copies.problems.first { throw ChangeFailure(problem) }
    let before = Both(of: system)
    let wanted = Both(fixed: copies.fixed.map { .bytes($0.bytes) }, dynamic: copies.dynamic.map { .bytes($0.bytes) })
    if before == wanted { return .wasSo }
    let words = try await run(["--reset-to-install"], before)
    try hold(before, words) { () throws(ChangeFailure) in
      guard Both(of: system) == wanted else { throw ChangeFailure("the rules are not those of the installation") }
    }
    return .done
  }

  // MARK: The way back

  private func putBack(_ fixed: RulesFile?, _ dynamic: RulesFile?) throws(ChangeFailure) -> ChangeHands.Done {
    try Both(fixed: fixed, dynamic: dynamic).write(on: system) ? .done : .wasSo
  }

  // MARK: The files

  /// Both files; nil for one that cannot be read, or is left as it is.
  private struct Both: Equatable {
    var fixed: RulesFile?
    var dynamic: RulesFile?

    init(fixed: RulesFile?, dynamic: RulesFile?) {
      self.fixed = fixed
      self.dynamic = dynamic
    }

    init(of system: HostSystem) {
      fixed = try? RulesFile(RenameRules.staticPath, on: system)
      dynamic = try? RulesFile(RenameRules.dynamicPath, on: system)
    }

    /// - Returns: false when nothing had to be written.
    @discardableResult
    func write(on system: HostSystem) throws(ChangeFailure) -> Bool {
      do throws(HostFileError) {
        let one = try fixed?.write(RenameRules.staticPath, on: system) ?? false
        let other = try dynamic?.write(RenameRules.dynamicPath, on: system) ?? false
        return one || other
      } catch {
        throw ChangeFailure("the rules for NIC names could not be written: \(error)")
      }
    }
  }

  private struct Rules {
    let fixed: StaticRules
    let dynamic: DynamicRules
    var files: Both { Both(fixed: .bytes(fixed.bytes), dynamic: .bytes(dynamic.bytes)) }
  }

  private func rules() throws(ChangeFailure) -> Rules {
    do throws(HostFileError) {
      return Rules(fixed: try StaticRules(of: system), dynamic: try DynamicRules(of: system))
    } catch {
      throw ChangeFailure("the rules for NIC names cannot be read: \(error)")
    }
  }

  // MARK: The tool

  private func run(_ arguments: [String], _ before: Rules) async throws(ChangeFailure) -> String { try await run(arguments, before.files) }

  /// - Returns: what it said. "All done" and exit code 0 say nothing of what it did.
  private func run(_ arguments: [String], _ before: Both) async throws(ChangeFailure) -> String {
    let output: ToolOutput
    do throws(ToolFailure) {
      output = try await system.tools.run(Command([Self.tool] + arguments, timeLimit: Self.limit))
    } catch {
      try before.write(on: system)
      throw ChangeFailure("\(error)")
    }
    let words = (output.errorText + output.text).split(whereSeparator: \.isNewline).map { String($0) }.filter { !$0.isEmpty }
    let said = words.suffix(3).joined(separator: "; ")
    guard output.succeeded else {
      try before.write(on: system)
      throw ChangeFailure("interface-rename failed: \(said.isEmpty ? "it said nothing" : said)")
    }
    return said
  }

  private func hold(_ before: Rules, _ said: String, _ check: () throws(ChangeFailure) -> Void) throws(ChangeFailure) {
    try hold(before.files, said, check)
  }

  /// What does not come out as it should is taken back at once.
  private func hold(_ before: Both, _ said: String, _ check: () throws(ChangeFailure) -> Void) throws(ChangeFailure) {
    do throws(ChangeFailure) {
      try check()
    } catch {
      try before.write(on: system)
      throw ChangeFailure("\(error.text). The old rules were put back. interface-rename said: \(said.isEmpty ? "nothing" : said)")
    }
  }
}
