import Dom0

/// Errands about the host's services and about what was changed.
extension HostWork {
  func carryOutService(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookAtServices:
      let facts = await ServicesLook(client, system).facts { report(.services($0)) }
      report(.services(facts))
    case .askNameServers(let servers): await ask(servers, report)
    case .listChanges: report(.changes(ChangeLog(system).read()))
    default: break
    }
  }

  /// All at once, each told as it answers.
  private func ask(_ servers: [String], _ report: @escaping Report) async {
    await withTaskGroup(of: Void.self) { [probes] group in
      for server in servers {
        group.addTask {
          guard let address = InternetAddress(server) else {
            return report(.nameServer(server, problem: "\(server) is not an address"))
          }
          switch await probes.dns(.root, at: address) {
          case .reply: report(.nameServer(server, problem: nil))
          case .silent(let why), .notAsked(let why): report(.nameServer(server, problem: why))
          }
        }
      }
    }
  }

  /// The log of changes could not be written: said once for each change.
  func tell(_ problem: String?, _ report: Report) {
    if let problem { report(.notLogged(problem)) }
  }
}
