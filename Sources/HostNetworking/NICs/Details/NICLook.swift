import Dom0

/// Looks at one NIC: its files at once, the tools beside each other, each with a limit of its own.
public struct NICLook: Sendable {
  private let system: HostSystem

  public init(_ system: HostSystem) { self.system = system }

  private typealias Change = @Sendable (inout NICDetails) -> Void
  private typealias Ask = @Sendable () async -> Change

  /// - Parameter progress: called with all that is known whenever there is more.
  /// - Returns: all of it.
  @discardableResult
  public func details(of device: String, _ progress: @escaping @Sendable (NICDetails) -> Void = { _ in }) async -> NICDetails {
    var details = NICDetails(device: device)
    details.kernel = NetworkDevice.one(device, on: system)
    details.kernel?.counters = NetworkDevice.counters(of: device, on: system)
    details.slot = details.kernel?.hardware.flatMap { PCISlot.name(of: $0.address, on: system) }
    progress(details)
    await withTaskGroup(of: Change.self) { group in
      for ask in questions(device) { group.addTask { await ask() } }
      while let change = await group.next() {
        if Task.isCancelled { return }
        change(&details)
        progress(details)
      }
    }
    return details
  }

  private func questions(_ device: String) -> [Ask] {
    func ask<Value: Sendable>(
      _ place: WritableKeyPath<NICDetails, NICDetails.Part<Value>> & Sendable,
      _ read: @escaping @Sendable (HostSystem) async throws(LiveFailure) -> Value
    ) -> Ask {
      { [system] in
        let part: NICDetails.Part<Value>
        do throws(LiveFailure) { part = .known(try await read(system)) } catch { part = .failed(error) }
        return { $0[keyPath: place] = part }
      }
    }
    return [
      ask(\.link) { system throws(LiveFailure) in try await EthtoolLink.read(device, on: system) },
      ask(\.driver) { system throws(LiveFailure) in try await EthtoolDriver.read(device, on: system) },
      ask(\.lldp) { system throws(LiveFailure) in try await LLDPAnswer.read(device, on: system) },
      ask(\.permanentMAC) { system throws(LiveFailure) in try await PermanentAddress.read(device, on: system) },
      ask(\.statistics) { system throws(LiveFailure) in try await EthtoolRow.statistics(device, on: system) },
      ask(\.features) { system throws(LiveFailure) in try await EthtoolFeature.all(device, on: system) },
      ask(\.rings) { system throws(LiveFailure) in
        try await EthtoolRings.read(device, on: system)
      },
      ask(\.channels) { system throws(LiveFailure) in try await EthtoolChannels.read(device, on: system) },
      ask(\.pause) { system throws(LiveFailure) in try await EthtoolPause.read(device, on: system) },
      ask(\.module) { system throws(LiveFailure) in try await EthtoolRow.module(device, on: system) },
      ask(\.firmware) { system throws(LiveFailure) in
        try await FirmwareName.physical(on: system).first { $0.kernelName == device }
      },
    ]
  }
}
