import Dom0
import Glibc
import XenAPI

/// Carries out what the screens ask for, on one host.
public actor HostWork {
  public typealias Report = @Sendable (ErrandReport) -> Void

  /// How long XAPI may take before the host's own files have to do.
  private static let patience = Duration.seconds(4)

  let client: XenClient
  let system: HostSystem
  let probes: any NetworkProbes
  let settings: ChangeSettings
  /// What is known of XAPI's database already.
  let known: KnownDatabase?
  /// The one at work, for what is said of single VMs meanwhile.
  private var shutdown: VMShutdown?
  /// The VMs it still waits for, by uuid.
  private var awaited: Set<String> = []
  /// What takes the last change of a NIC's settings back, by device.
  var waysBack: [String: TuningRequest] = [:]

  /// - Parameters:
  ///   - settings: how changes are guarded.
  ///   - known: what is known of XAPI's database already.
  public init(
    _ endpoint: Endpoint, system: HostSystem, probes: any NetworkProbes, settings: ChangeSettings = ChangeSettings(),
    known: KnownDatabase? = nil
  ) {
    client = XenClient(endpoint)
    self.system = system
    self.probes = probes
    self.settings = settings
    self.known = known
  }

  /// Gives the session back. Takes half a second at the most.
  public func close() async { await client.logout() }

  /// Ends when the errand has. An errand may be asked for while another is at work.
  public func carryOut(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookForReset: report(.resetFacts(await look()))
    case .planReset(let request, let facts): await plan(request, facts, report)
    case .releaseHA(let steps): await release(steps, report)
    case .shutDown(let vms): await shutDown(vms, report)
    case .giveUp(let vm, let how): await giveUp(vm, how, report)
    case .reset(let plan): await reset(plan, report)
    case .reboot: await reboot(report)
    case .finishReset: await finishReset(report)
    case .undoReset: await undo(report)
    case .closeReset: try? ResetRecovery(system).acknowledge()
    case .listLayouts: report(.layouts(Result { () throws(LayoutError) in try LayoutStore(system).list() }))
    case .saveLayout: report(.layoutSaved(await saveLayout(why: "asked for")))
    case .planRestore(let path, let mapping): report(.restorePlanned(await planRestore(path, mapping)))
    case .restore(let plan, let skipped):
      await restore(plan, skipping: skipped, report)
    case .verify(let path): await verify(path, report)
    case .lookForChange, .planChange, .apply, .checkPending, .keepPending, .revertPending, .extendPending:
      await carryOutChange(errand, report)
    case .lookAtServices, .askNameServers, .listChanges: await carryOutService(errand, report)
    case .doctor(let run): await examine(run, report)
    case .probe(let target, let run): await examine(target, run, report)
    case .lookAtNIC, .lookAtNames, .lookAtTuning, .lookAtFCoE, .lookAtRetiring, .powerOff, .compareHosts, .lookForMTUPlaces, .checkMTU:
      await carryOutNIC(errand, report)
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: await errand.group?.carryOut(client, system, probes, report)
    }
  }

  // MARK: The reset

  private func look() async -> ResetFacts {
    await ResetLook(system, client: client, probe: { [probes] in await probes.reach($0, port: 443, limit: .seconds(3)) },
      limit: Self.patience).facts()
  }

  private func plan(_ request: ResetRequest, _ known: ResetFacts?, _ report: Report) async {
    var facts = known
    if facts == nil { facts = await look() }
    guard let facts else { return }
    do throws(ResetFailure) {
      let plan = try ResetPlan.make(request, on: system, remounts: facts.diskProblem == .readOnly, savesLayout: true)
      report(.resetPlanned(plan, facts, facts.hazards(for: request, losses: false)))
    } catch {
      report(.resetNotPlanned("\(error)"))
    }
  }

  private func release(_ steps: [HARelease.Step], _ report: @escaping Report) async {
    do {
      try await HARelease(system, client: client).run(steps) { report(.releaseStep($0, $1)) }
      report(.releasedHA(problem: nil))
    } catch {
      report(.releasedHA(problem: "\(error)"))
    }
  }

  private func shutDown(_ vms: [ResetFacts.VM], _ report: @escaping Report) async {
    let shutdown = VMShutdown(client)
    self.shutdown = shutdown
    awaited = Set(vms.map(\.uuid))
    await shutdown.run(vms) { [self] uuid, state in
      if state.isOver { Task { await ended(uuid) } }
      if let vm = vms.first(where: { $0.uuid == uuid }) { report(.shutdown(vm, state)) }
    }
  }

  private func ended(_ uuid: String) { awaited.remove(uuid) }

  private func giveUp(_ vm: ResetFacts.VM, _ how: VMShutdown.GiveUp, _ report: @escaping Report) async {
    if awaited.contains(vm.uuid) {
      shutdown?.giveUp(vm.uuid, how)
    } else if how == .forceOff {
      // It has refused to shut down; its own end is not waited for any more.
      _ = await VMShutdown(client).force(vm) { report(.shutdown(vm, $1)) }
    } else {
      report(.shutdown(vm, .skipped("left running: the reboot ends it")))
    }
  }

  /// A layout that cannot be saved does not stand in the way: there may be nothing left that could tell it.
  private func reset(_ plan: ResetPlan, _ report: @escaping Report) async {
    report(.resetStep(.saveLayout, .running()))
    let saved = await saveLayout(why: "before a network reset")
    if case .failure(let error) = saved { report(.resetStep(.saveLayout, .skipped("not saved: \(error)"))) }
    let path = try? saved.get()
    let run = ResetRun(plan, on: system, saveLayout: path.map { path in { @Sendable () async throws -> String in path } })
    await finish(.reset(plan), report) { (told) async throws(ResetFailure) in try await run.apply(told) }
  }

  private func finishReset(_ report: @escaping Report) async {
    let recovery = ResetRecovery(system)
    await finish(.finish, report) { (told) async throws(ResetFailure) in try await recovery.finish(told) }
  }

  private func finish(
    _ what: ResetLog.Work, _ report: @escaping Report,
    _ work: (@escaping ResetRun.Report) async throws(ResetFailure) -> ResetJournal
  ) async {
    let log = ResetLog(what, on: system)
    do throws(ResetFailure) {
      _ = try await work { kind, state in
        log.step(kind, state)
        report(.resetStep(kind, state))
      }
      log.over(nil)
      tell(log.problem, report)
      report(.resetOver(.ready))
    } catch {
      log.over(error)
      report(.resetOver(Self.outcome(error)))
    }
  }

  private func undo(_ report: @escaping Report) async {
    let log = ResetLog(.undo, on: system)
    do throws(ResetFailure) {
      let needsReboot = try await ResetRecovery(system).undo { kind, state in
        log.step(kind, state)
        report(.resetStep(kind, state))
      }
      log.over(nil)
      tell(log.problem, report)
      report(.resetOver(.undone(reason: needsReboot ? "Reboot once more, so that the old settings are set up." : "")))
    } catch {
      log.over(error)
      report(.resetOver(Self.outcome(error)))
    }
  }

  private static func outcome(_ failure: ResetFailure) -> ResetOutcome {
    switch failure {
    case .refused(let reason), .undone(_, let reason): .undone(reason: reason)
    case .stuck: .stuck(reason: "\(failure)")
    }
  }

  private func reboot(_ report: Report) async {
    report(.rebooting(.running("asking the host to reboot")))
    do throws(ResetFailure) {
      let reboots = try await Reboot.now(system)
      report(.rebooting(.done(reboots ? "" : "These are only files: there is nothing to reboot.")))
    } catch {
      report(.rebooting(.failed("\(error)")))
    }
  }

  // MARK: Layouts

  private func saveLayout(why: String) async -> Result<String, LayoutError> {
    do throws(LayoutError) {
      let source = LayoutSource(client: client, system: system)
      let layout = try await source.take(at: Int64(time(nil)), why: why, limit: Self.patience)
      return .success(try LayoutStore(system).save(layout))
    } catch {
      return .failure(error)
    }
  }

  private func planRestore(_ path: String, _ mapping: NICMapping) async -> Result<LayoutRestore, LayoutError> {
    do {
      let layout = try LayoutStore(system).read(path).layout
      var reader = DatabaseReader(client)
      let database = try await reader.read(limit: .seconds(10))
      guard let host = await LayoutSource.thisHost(in: database, client, system) else { throw LayoutError.noHost(uuid: "") }
      return .success(try LayoutRestore(layout, on: database, host: host, mapping: mapping))
    } catch let error as LayoutError {
      return .failure(error)
    } catch {
      return .failure(.silent(reason: "\(error)"))
    }
  }

  private func restore(_ plan: LayoutRestore, skipping skipped: Set<RestoreStep.ID>, _ report: @escaping Report) async {
    let log = RestoreLog(plan, on: system)
    let outcome = await LayoutRestoreRun(plan, client: client, skipping: skipped).run { id, state in
      log.step(id, state)
      report(.restoreStep(id, state))
    }
    tell(log.problem, report)
    report(.restoreOver(outcome))
  }

  private func verify(_ path: String?, _ report: @escaping Report) async {
    let layout = path.flatMap { try? LayoutStore(system).read($0).layout }
    await LayoutVerify(client: client, system: system, layout: layout, probes: probes).run { report(.verified($0, $1)) }
  }
}
