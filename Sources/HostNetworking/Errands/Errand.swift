/// Something that takes time, asked for by a screen and carried out elsewhere. What comes of it is an `ErrandReport`.
public enum Errand: Sendable {
  // MARK: The emergency network reset

  /// Everything a reset has to know of this host.
  case lookForReset
  /// Renders the reset without touching anything. Without facts the host is looked at anew.
  case planReset(ResetRequest, ResetFacts?)
  /// Switches high availability off.
  case releaseHA([HARelease.Step])
  /// Shuts VMs down cleanly.
  case shutDown([ResetFacts.VM])
  /// What to do with a VM that does not shut down.
  case giveUp(ResetFacts.VM, VMShutdown.GiveUp)
  case reset(ResetPlan)
  case reboot
  /// Goes on with an interrupted reset, or takes it back.
  case finishReset
  case undoReset
  /// Looked at and done with: it is not shown again.
  case closeReset

  // MARK: Saved layouts

  case listLayouts
  case saveLayout
  /// - Parameter path: of the layout's file.
  case planRestore(path: String, mapping: NICMapping)
  case restore(LayoutRestore, skipping: Set<RestoreStep.ID>)
  /// Whether the host is well connected, and what came back of a layout.
  case verify(path: String?)

  // MARK: Changes

  /// What plans are made from.
  case lookForChange
  /// Looks anew, asks the network what it can tell beforehand, and makes the plan.
  case planChange(Intent)
  /// Carries a plan out; under a guard when it is provisional.
  case apply(ChangePlan)
  /// Looks once how a provisional change works out, each thing as it is known.
  case checkPending
  case keepPending
  case revertPending
  /// Gives it a minute more.
  case extendPending

  // MARK: Testing the network

  /// Tests this host's network from the cable to the pool. What comes of it has the same number.
  case doctor(run: UInt64)
  /// Tests one address or name.
  case probe(DoctorTarget, run: UInt64)

  // MARK: Services

  /// Names, clock and remote access, as the host and XAPI tell them.
  case lookAtServices
  /// Whether DNS servers answer.
  case askNameServers([String])
  /// What was changed of late.
  case listChanges

  // MARK: NICs

  /// All that is known of one NIC, told part by part.
  case lookAtNIC(String)
  /// The names of NICs, and where they come from.
  case lookAtNames
  /// What can be set of one NIC, and how it is.
  case lookAtTuning(String)
  /// The services of FCoE.
  case lookAtFCoE
  /// What stands in the way of taking a NIC out of the machine.
  case lookAtRetiring(String)
  /// Switches the host off.
  case powerOff
  /// The hosts of the pool beside each other.
  case compareHosts
  /// To whom packet sizes can be tested.
  case lookForMTUPlaces
  /// How long packets may be on their way to an address.
  case checkMTU(MTUCheckRequest, run: UInt64)

  // MARK: Networks and what they are made of

  case networks(NetworkErrand)
  case vlans(VLANErrand)
  case bonds(BondErrand)
  case addresses(AddressErrand)
  case routes(RouteErrand)
  case vifs(VIFErrand)

  var group: (any ErrandGroup)? {
    switch self {
    case .networks(let errand): errand
    case .vlans(let errand): errand
    case .bonds(let errand): errand
    case .addresses(let errand): errand
    case .routes(let errand): errand
    case .vifs(let errand): errand
    default: nil
    }
  }
}

/// Something to keep an eye on as long as a screen is open: it goes on by itself, and ends when nobody wants it any more.
public enum Watch: Hashable, Sendable {
  /// The links of all NICs, whenever one changes.
  case links
  /// The counters of one NIC, every second.
  case counters(String)
  /// The light of one NIC's port blinks for so many seconds, or until nobody wants it any more.
  case blink(String, seconds: Int)
  /// How a bond works, by its name.
  case bond(String)
}

/// What came of an errand. Long ones report more than once.
public enum ErrandReport: Sendable {
  case resetFacts(ResetFacts)
  case resetPlanned(ResetPlan, ResetFacts, [Hazard])
  case releaseStep(HARelease.Step, StepState)
  /// nil when it is off.
  case releasedHA(problem: String?)
  case resetNotPlanned(String)
  case shutdown(ResetFacts.VM, StepState)
  case resetStep(ResetStep.Kind, StepState)
  case resetOver(ResetOutcome)
  case rebooting(StepState)

  case layouts(Result<[LayoutStore.Entry], LayoutError>)
  case layoutSaved(Result<String, LayoutError>)
  case restorePlanned(Result<LayoutRestore, LayoutError>)
  case restoreStep(RestoreStep.ID, StepState)
  case restoreOver(LayoutRestoreRun.Outcome)
  case verified(LayoutVerify.Check, LayoutVerify.Verdict)

  case changeFacts(Result<ChangeFacts, ChangeProblem>)
  case changePlanned(Result<ChangePlan, ChangeProblem>)
  /// By the step's id.
  case changeStep(Int, StepState)
  case changeOver(ChangeOutcome)
  /// How the pending change stands, whenever that has changed; `.none` when it was kept or is wholly taken back.
  case pending(PendingStanding)
  /// How the change that was pending has ended; told before it is not there any more.
  case pendingEnded(PendingEnd)
  case pendingCheck(PendingCheck, LayoutVerify.Verdict)
  /// A step of the way back, by its sentence.
  case revertStep(String, StepState)
  /// Keeping, extending or taking back did not work, and why.
  case pendingProblem(String)

  case doctor(DoctorNews, run: UInt64)
  case doctorOver(DoctorReport, run: UInt64)

  /// Twice when XAPI takes its time: what the host itself tells comes first.
  case services(ServicesFacts)
  /// nil when the server answers.
  case nameServer(String, problem: String?)
  case changes(ChangeLog.History)
  /// The log of changes could not be written; the change goes on.
  case notLogged(String)

  case nic(NICDetails)
  case nicNames(NICNames)
  /// Twice when XAPI takes its time.
  case tuning(String, Result<NICTuning, ChangeProblem>)
  case fcoe(FCoEState)
  case retiring(String, Result<RetirePath, ChangeProblem>)
  case poweringOff(StepState)
  case compared(Result<PoolComparison, ChangeProblem>)
  case mtuPlaces(MTUPlaces)
  case mtu(MTUCheckNews, run: UInt64)

  case networks(NetworkReport)
  case vlans(VLANReport)
  case bonds(BondReport)
  case addresses(AddressReport)
  case routes(RouteReport)
  case vifs(VIFReport)

  case links(LinkSnapshot)
  case counters(CounterSample)
  /// Of a NIC by its name.
  case blinking(String, BlinkState)
}

/// How a reset ended, before the reboot.
public enum ResetOutcome: Hashable, Sendable {
  /// Everything is on disk.
  case ready
  /// A step failed and everything was taken back: the host is as before.
  case undone(reason: String)
  /// A step failed, and so did taking it back. The journal knows what is left to do.
  case stuck(reason: String)
}
