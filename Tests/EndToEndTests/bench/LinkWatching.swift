import EndToEndSupport
import Glibc

/// What an open watch for links costs on a host with 16 NICs of which most carry traffic: with the simulated host's files, where
/// every second is looked and all rates move; and on real ones of the kernel, which tells of changes by itself.
struct LinkWatching {
  private let seconds = 12

  func measure(_ report: Report) throws(HarnessError) {
    try onTheScreen(report)
    try ofTheKernel(report)
  }

  private func onTheScreen(_ report: Report) throws(HarnessError) {
    let folder = try ScratchFolder()
    let root = folder.path + "/root"
    guard mkdir(root, 0o755) == 0 else { throw HarnessError("mkdir \(root) failed") }
    let host = try HostProcess("many-nics", options: ["--root", root, "--tools-socket", folder.path + "/tools"], folder: folder)
    let subject = try Subject(["--socket", host.socket, "--root", root, "--tools", folder.path + "/tools"])
    try subject.settle(on: "10.0.4.16", quiet: .milliseconds(500))
    subject.terminal.type("2w")
    try subject.settle(on: "side-1842", quiet: .milliseconds(300))
    // The rates are there from the third look on.
    let process = Process(subject.child.pid)
    _ = subject.terminal.read(limit: .seconds(3))
    let before = process.ticks
    let bytes = subject.terminal.read(limit: .seconds(seconds)).bytes.count
    report.line(
      "CPU ticks in \(seconds) s of watching 16 links and rates", [Double(process.ticks - before)], "", budget: Double(seconds),
      isCount: true)
    report.line("  bytes to the terminal in that time", [Double(bytes)], "B", isCount: true)
    subject.quit()
    host.stop()
  }

  /// 16 pairs of veth in a namespace of its own. Where there can be none, there is no figure.
  private func ofTheKernel(_ report: Report) throws(HarnessError) {
    guard geteuid() == 0 else { return print("  (the same on the kernel's own: only for root)") }
    let script = """
      mount -t sysfs sysfs /sys && for i in $(seq 0 15); do ip link add eth$i type veth peer name port$i && ip link set eth$i up \
      && ip link set port$i up || exit 1; done && exec "$0" nic watch --json --any-device
      """
    let child = try ChildProcess(
      ["unshare", "--net", "--mount", "sh", "-c", script, try Program.console()], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    sleep(2)
    let process = Process(child.pid)
    let (ticks, wakes) = (process.ticks, process.wakes)
    sleep(UInt32(seconds))
    report.line(
      "CPU ticks in \(seconds) s of watching the kernel's 32", [Double(process.ticks - ticks)], "", budget: Double(seconds),
      isCount: true)
    report.line("  wake-ups in that time", [Double(process.wakes - wakes)], "", isCount: true)
    child.signal(SIGTERM)
    _ = child.wait()
  }
}
