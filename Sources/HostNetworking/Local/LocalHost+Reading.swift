import Dom0
import Glibc

extension LocalHost {
  /// Reads the files alone.
  public init(of system: HostSystem) {
    instant = .now
    wall = Int64(Glibc.time(nil))
    files = LocalFiles(of: system)
    live = LiveNetwork(instant: instant, wall: wall)
    isHost = system.exists("/etc/xensource-inventory") || system.exists("/etc/xensource") || system.isThisMachine
  }

  /// Reads the files anew.
  mutating func readFiles(_ system: HostSystem) {
    self = {
      var fresh = LocalHost(of: system)
      fresh.live = live
      fresh.saved = saved
      fresh.linkChanged = linkChanged
      return fresh
    }()
  }

  /// Looks at the NICs anew: no process is started for that.
  mutating func readDevices(_ system: HostSystem) async {
    take(await LiveNetwork.take(of: system, parts: .files))
  }

  /// Asks the kernel, the switch and systemd for everything.
  /// - Parameter progress: gets the picture whenever one of them has answered: one that hangs must not hide the others.
  mutating func askTools(_ system: HostSystem, progress: (LocalHost) -> Void = { _ in }) async {
    let before = self
    let parts: LiveNetwork.Parts = [.files, .addresses, .routes, .openVSwitch, .switchBonds, .units]
    let fresh = await LiveNetwork.take(of: system, parts: parts) { partial in
      var host = before
      host.take(partial)
      progress(host)
    }
    take(fresh)
  }

  private mutating func take(_ fresh: LiveNetwork) {
    noteChanges(from: live, to: fresh)
    live.merge(fresh)
  }

  /// Reads XAPI's saved database, unless it is known already.
  /// - Returns: true when there is news.
  mutating func readNames(_ system: HostSystem) -> Bool {
    let path = (try? files.pool.get()) == .coordinator ? XapiDatabase.coordinatorPath : XapiDatabase.memberPath
    if let known = try? saved?.get(), known.written == (try? system.status(path))?.modified { return false }
    let uuid = (try? files.inventory.get())?.installationUUID
    do throws(HostFileError) {
      saved = .success(SavedState(try XapiDatabase(of: system), host: uuid))
    } catch {
      let isKnown = if case .failure(error) = saved { true } else { false }
      saved = .failure(error)
      return !isKnown
    }
    return true
  }

  /// Keeps the moment at which a NIC's link was seen to come or go: XAPI is some seconds behind the kernel, and need
  /// not be doubted before.
  private mutating func noteChanges(from old: LiveNetwork, to new: LiveNetwork) {
    guard let before = try? old.devices?.get(), let after = try? new.devices?.get() else { return }
    let carriers = Dictionary(before.map { ($0.name, $0.hasCarrier) }, uniquingKeysWith: { first, _ in first })
    for device in after where device.isPhysical {
      if let carrier = carriers[device.name], carrier != device.hasCarrier { linkChanged[device.name] = new.instant }
    }
  }
}
