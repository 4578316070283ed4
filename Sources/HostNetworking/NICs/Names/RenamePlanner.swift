import Dom0

/// Plans other names for NICs: from the next boot on, with `interface-rename --update` (`reference/dom0.md` §1.7).
public struct RenamePlanner: Sendable {
  let names: NICNames

  public init(_ names: NICNames) { self.names = names }

  // MARK: What is asked for

  /// What NICs will be called with a request carried out: those of the next boot, what is asked for, and for whoever loses
  /// a name the one that became free.
  public struct Outlook: Hashable, Sendable {
    /// By MAC, for every NIC.
    public var names: [String: String]
    /// NICs that get another name than they would without the request, by MAC.
    public var affected: Set<String>
    /// Those of them that were not asked for.
    public var completed: Set<String>
  }

  /// - Throws: what cannot be meant: a NIC that is not there, a name that is none or is given twice.
  public func outlook(_ request: RenameRequest) throws(ChangeProblem) -> Outlook {
    for (mac, name) in request.names {
      if names[mac: mac] == nil { throw ChangeProblem("no NIC of this host has the MAC \(mac)", remedy: "Look again: it may have been taken out") }
      if let problem = RenameRequest.problem(name) { throw ChangeProblem(problem) }
    }
    for (name, macs) in Dictionary(grouping: request.names.keys, by: { request.names[$0] ?? "" }) where macs.count > 1 {
      throw ChangeProblem("\(name) would be the name of two NICs: \(macs.sorted().joined(separator: " and "))", remedy: "Give one of them another name")
    }
    let before = names.nextNames
    var after = before.merging(request.names) { $1 }
    var completed: Set<String> = []
    for (mac, name) in request.names {
      guard let holder = before.first(where: { $0.value == name && $0.key != mac })?.key, request.names[holder] == nil else { continue }
      guard request.completes else {
        throw ChangeProblem(
          "\(name) is the name of \(holder), which is given no other name", remedy: "Name both, for example \(name)=\(mac) \(before[mac] ?? "ethN")=\(holder)")
      }
      after[holder] = freed(by: mac, before, request)
      completed.insert(holder)
    }
    let affected = Set(after.filter { before[$0.key] != $0.value }.keys)
    return Outlook(names: after, affected: affected, completed: completed.intersection(affected))
  }

  /// The name at the end of the chain of those that each take the other's.
  private func freed(by mac: String, _ before: [String: String], _ request: RenameRequest) -> String? {
    var name = before[mac]
    for _ in 0...request.names.count {
      guard let taker = request.names.first(where: { $0.value == name })?.key else { return name }
      name = before[taker]
    }
    return name
  }

  // MARK: The plan

  public func plan(_ request: RenameRequest) throws(ChangeProblem) -> ChangePlan {
    let files = try files()
    let outlook = try outlook(request)
    let changed = request.changesStaticRules ? rulesThatAgree(with: outlook, files.fixed) : nil
    var hazards = (changed == nil ? staticHazards(outlook, files.fixed) : []) + useHazards(outlook.affected)
    var update: [RenameLogic.Claim] = []
    do throws(RenameLogic.Failure) {
      let fixed = try changed.map { (rules) throws(RenameLogic.Failure) in try Self.parsed(rules) } ?? files.fixed
      update = try Self.update(outlook, RenameLogic(names.cards, files.dynamic), fixed)
    } catch {
      // What stands in the way is the reason more often than not.
      if !hazards.contains(where: { $0.weight == .blocking }) {
        hazards.append(Hazard(.blocking, "interface-rename would refuse this: \(error.text)"))
      }
    }
    let isEmpty = outlook.affected.isEmpty
    if !isEmpty { hazards += bondHazards() }
    hazards += isEmpty ? [] : lookOut(outlook)
    var steps: [ChangeStep] = []
    if let changed, changed != files.fixed.rules { steps.append(try staticStep(changed, files)) }
    if !update.isEmpty {
      let action = ChangeAction.setNICNames(Dictionary(uniqueKeysWithValues: update.map { ($0.mac, $0.name) }))
      steps.append(
        ChangeStep(0, sentence(outlook), commands: NamesHands.commands(action), action: action, undo: [files.putBack]))
    }
    return ChangePlan(
      intent: .renameNICs(request), title: title(outlook), differences: isEmpty ? [] : differences(outlook, RenameLogic(names.cards, files.dynamic)),
      consequences: isEmpty ? [] : consequences(outlook.names, outlook.affected), hazards: hazards.sorted { $0.weight > $1.weight },
      steps: steps.numbered)
  }

  /// What the tool is told: the NICs that get another name, and all of them where the rules know one too little to leave it
  /// where it is.
  static func update(
    _ outlook: Outlook, _ logic: RenameLogic, _ fixed: StaticRules
  ) throws(RenameLogic.Failure) -> [RenameLogic.Claim] {
    func claims(_ macs: some Sequence<String>) -> [RenameLogic.Claim] {
      macs.compactMap { mac in outlook.names[mac].map { RenameLogic.Claim(name: $0, mac: mac) } }.sorted { comesBefore($0.name, $1.name) }
    }
    let few = claims(outlook.affected)
    if few.isEmpty || (try? logic.names(under: fixed, update: few)) == outlook.names { return few }
    let all = claims(outlook.names.keys)
    guard try logic.names(under: fixed, update: all) == outlook.names else {
      throw RenameLogic.Failure(text: "the names would come out otherwise than asked for")
    }
    return all
  }

  /// The names of the installation. The rules of now may be damaged: this is the way out of that.
  public func resetPlan(_ copies: InstalledRules) throws(ChangeProblem) -> ChangePlan {
    try requireRules()
    var hazards = copies.problems.map { Hazard(.blocking, $0, remedy: "Name the NICs by hand instead") }
    hazards += copies.unreadable.map { Hazard(.warning, "\($0) cannot be read: it could not be put back as it is") }
    let before = Dictionary(names.nics.map { ($0.mac, $0.nextName ?? $0.name) }, uniquingKeysWith: { first, _ in first })
    var after = before
    if let fixed = copies.fixed, let dynamic = copies.dynamic {
      if let problem = names.untold(by: fixed) {
        hazards.append(Hazard(.warning, "what NICs will be called cannot be told: \(problem)"))
      } else {
        do throws(RenameLogic.Failure) {
          after = try RenameLogic(names.cards, dynamic).names(under: fixed)
        } catch {
          // The reset itself only copies the files, whatever they say.
          hazards.append(Hazard(.warning, "what NICs will be called cannot be told: at the next boot interface-rename would stop at this: \(error.text)"))
        }
      }
    }
    let outlook = Outlook(names: after, affected: Set(after.filter { before[$0.key] != $0.value }.keys), completed: [])
    if !outlook.affected.isEmpty { hazards += useHazards(outlook.affected) + lookOut(outlook) }
    if !copies.areInForce, outlook.affected.isEmpty, copies.problems.isEmpty {
      hazards.append(Hazard(.notice, "no NIC gets another name by it: only the files change"))
    }
    let step = ChangeStep(
      0, ChangeAction.resetNICNames.sentence, commands: NamesHands.commands(.resetNICNames), action: .resetNICNames,
      undo: [.putBackNICNames(static: copies.liveFixed, dynamic: copies.liveDynamic)])
    return ChangePlan(
      intent: .resetNICNames, title: "The names of the installation",
      differences: copies.dynamic.map { differences(outlook, RenameLogic(names.cards, $0)) } ?? [],
      consequences: outlook.affected.isEmpty ? [] : consequences(after, outlook.affected), hazards: hazards.sorted { $0.weight > $1.weight },
      steps: copies.areInForce ? [] : [step])
  }

  // MARK: The files

  struct Files {
    let fixed: StaticRules
    let dynamic: DynamicRules
    /// Both as they are.
    let putBack: ChangeAction
  }

  private func requireRules() throws(ChangeProblem) {
    switch names.scheme {
    case .rules: break
    case .order:
      throw ChangeProblem(
        "this release has no interface-rename: networkd keeps an order of NICs itself, and offers no way to change it",
        remedy: "xcpconsole nic names shows the order")
    case .none: throw ChangeProblem("this host has no interface-rename, and networkd tells of no order of NICs")
    }
  }

  private func files() throws(ChangeProblem) -> Files {
    try requireRules()
    guard let fixed = names.staticRules, let dynamic = names.dynamicRules else { throw ChangeProblem("the rules have not been read") }
    let rules: (fixed: StaticRules, dynamic: DynamicRules)
    do throws(HostFileError) { rules = (try fixed.get(), try dynamic.get()) } catch {
      throw ChangeProblem("the rules cannot be read: \(error)", remedy: "Mend them, or reset them to those of the installation")
    }
    if let problem = names.problem {
      throw ChangeProblem("the names of the next boot cannot be told: \(problem)", remedy: "Mend the rules, or reset them to those of the installation")
    }
    return Files(
      fixed: rules.fixed, dynamic: rules.dynamic,
      putBack: .putBackNICNames(static: .bytes(rules.fixed.bytes), dynamic: .bytes(rules.dynamic.bytes)))
  }

  // MARK: Static rules

  /// Static rules that say something else than what is asked for: they win at every boot.
  private func staticHazards(_ outlook: Outlook, _ fixed: StaticRules) -> [Hazard] {
    fixed.rules.compactMap { rule in
      let text = "\(rule.name):\(rule.method.rawValue)=\"\(rule.value)\" in static-rules.conf"
      guard let card = RenameLogic.card(of: rule, in: names.cards) else {
        guard let taker = outlook.affected.first(where: { outlook.names[$0] == rule.name }) else { return nil }
        return Hazard(
          .blocking, "the static rule \(text) keeps \(rule.name) for a NIC that is not there; \(taker) would lose it when that comes back",
          remedy: Self.staticRemedy)
      }
      guard let wanted = outlook.names[card.mac], wanted != rule.name,
        outlook.affected.contains(card.mac) || outlook.affected.contains(where: { outlook.names[$0] == rule.name })
      else { return nil }
      return Hazard(
        .blocking, "the static rule \(text) gives \(card.mac) the name \(rule.name) at every boot, whatever else is set; \(wanted) would not last",
        remedy: Self.staticRemedy)
    }
  }

  private static let staticRemedy = "Let the rule be changed too (in the list of names press s; on the command line add --change-static)"

  /// The rules with the names that their NICs shall have; those for NICs that are not there give way.
  private func rulesThatAgree(with outlook: Outlook, _ fixed: StaticRules) -> [StaticRules.Rule] {
    let taken = Set(outlook.affected.compactMap { outlook.names[$0] })
    return fixed.rules.compactMap { rule in
      guard let card = RenameLogic.card(of: rule, in: names.cards) else { return taken.contains(rule.name) ? nil : rule }
      guard outlook.affected.contains(card.mac), let wanted = outlook.names[card.mac] else { return rule }
      return StaticRules.Rule(name: wanted, method: rule.method, value: rule.value)
    }
  }

  private static func parsed(_ rules: [StaticRules.Rule]) throws(RenameLogic.Failure) -> StaticRules {
    do { return try StaticRules(parsing: try StaticRules.rendered(rules)) } catch { throw RenameLogic.Failure(text: "\(error)") }
  }

  private func staticStep(_ rules: [StaticRules.Rule], _ files: Files) throws(ChangeProblem) -> ChangeStep {
    let bytes: [UInt8]
    do throws(SettingError) { bytes = try StaticRules.rendered(rules) } catch {
      throw ChangeProblem("the static rules cannot be changed: \(error)", remedy: "Edit \(RenameRules.staticPath) by hand")
    }
    let gone = files.fixed.rules.filter { !rules.contains($0) }
    let new = rules.filter { !files.fixed.rules.contains($0) }
    let lines = gone.map { "sed -i -E '/^[[:space:]]*\($0.name)[[:space:]]*[:=]/d' \(RenameRules.staticPath)" }
      + new.map { "echo '\($0.name):\($0.method.rawValue)=\"\($0.value)\"' >> \(RenameRules.staticPath)" }
    let what = new.isEmpty ? "Drop the static rule for \(gone.map(\.name).joined(separator: ", "))" : "Change the static rules: \(new.map { "\($0.name) is \($0.value)" }.joined(separator: ", "))"
    return ChangeStep(
      0, what, commands: lines, action: .putBackNICNames(static: .bytes(bytes), dynamic: nil),
      undo: [.putBackNICNames(static: .bytes(files.fixed.bytes), dynamic: nil)])
  }
}
