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

  // MARK: Testing the network

  /// Tests this host's network from the cable to the pool. What comes of it has the same number.
  case doctor(run: UInt64)
  /// Tests one address or name.
  case probe(DoctorTarget, run: UInt64)
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

  case doctor(DoctorNews, run: UInt64)
  case doctorOver(DoctorReport, run: UInt64)
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
