import Synchronization
import Testing

@testable import HostNetworking

/// Finding the longest packet, on paths of every length.
struct PathMTUSearchTests {
  private static let target = InternetAddress.v4(IPv4Address(bits: 0x0a00_0401))
  private static let router = InternetAddress.v4(IPv4Address(bits: 0x0a00_0402))

  /// - Parameter tells: what a router says of longer ones; nil for silence.
  private func search(
    most: Int, path: Int, tells: EchoAnswer.Problem? = nil
  ) async -> (answer: PathMTUAnswer, questions: Int) {
    let asked = Mutex(0)
    let answer = await PathMTUSearch(Self.target, PathMTURequest(most: most)).run { request in
      asked.withLock { $0 += 1 }
      var answer = EchoAnswer()
      answer.sent = 1
      let isShort = request.size + 28 <= path
      answer.received = isShort ? 1 : 0
      answer.problem = isShort ? nil : tells
      return answer
    }
    return (answer, asked.withLock { $0 })
  }

  @Test func aPathThatTakesAllNeedsOneQuestion() async {
    let found = await search(most: 9000, path: 9000)
    #expect(found.answer == .whole(9000))
    #expect(found.questions == 1)
  }

  @Test func everyBlackHoleIsFound() async {
    var random = SeededNumbers(seed: 3)
    for _ in 0..<400 {
      let most = [1500, 9000, 9216, 65_000].randomElement(using: &random) ?? 1500
      let path = Int.random(in: 576..<most, using: &random)
      let found = await search(most: most, path: path)
      guard case .blackHole(let passes, let lost) = found.answer else {
        Issue.record("\(path) of \(most): \(found.answer)")
        continue
      }
      #expect(passes <= path && path < lost && lost - passes <= 5, "\(path) of \(most): \(passes) to \(lost)")
      #expect(found.questions <= 28)
    }
  }

  @Test(arguments: [1492, 1450, 1400, 1280]) func usualPathsAreFoundExactlyAndSoon(path: Int) async {
    let found = await search(most: 1500, path: path)
    #expect(found.answer == .blackHole(passes: path, lost: path + 4))
    #expect(found.questions <= 9)
  }

  @Test func aJumboFrameThatASwitchDropsIsFoundSoon() async {
    let found = await search(most: 9000, path: 1500)
    #expect(found.answer == .blackHole(passes: 1500, lost: 1504))
    #expect(found.questions <= 4)
  }

  @Test func whoTellsTheLengthIsBelievedOnceItArrives() async {
    let told = await search(most: 1500, path: 1371, tells: .tooLong(most: 1371, by: Self.router))
    #expect(told.answer == .limited(to: 1371, by: Self.router))
    #expect(told.questions == 2)
    // It says 1400, but behind it there is somebody who takes less and says nothing.
    let liar = await search(most: 1500, path: 1300, tells: .tooLong(most: 1400, by: Self.router))
    guard case .limited(let most, _) = liar.answer else {
      Issue.record("\(liar.answer)")
      return
    }
    #expect((1296...1300).contains(most))
    // Old routers tell no length.
    let old = await search(most: 1500, path: 1006, tells: .tooLong(most: nil, by: Self.router))
    guard case .limited(let found, Self.router?) = old.answer else {
      Issue.record("\(old.answer)")
      return
    }
    #expect((1002...1006).contains(found))
  }

  /// This host sends no more than 1500 itself, and on the way longer ones than 1404 are dropped without a word.
  @Test func theLastFailureDecides() async {
    let answer = await PathMTUSearch(Self.target, PathMTURequest(most: 9000)).run { request in
      var answer = EchoAnswer()
      answer.sent = 1
      let length = request.size + 28
      answer.received = length <= 1404 ? 1 : 0
      answer.problem = length > 1500 ? .tooLong(most: 1500, by: nil) : nil
      return answer
    }
    guard case .blackHole(let passes, let lost) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect((1400...1404).contains(passes) && (1405...1408).contains(lost))
    // The kernel of a host does not always tell the length.
    let untold = await PathMTUSearch(Self.target, PathMTURequest(most: 9000)).run { request in
      var answer = EchoAnswer()
      answer.sent = 1
      answer.received = request.size + 28 <= 1404 ? 1 : 0
      answer.problem = request.size + 28 > 1500 ? .tooLong(most: nil, by: Self.router) : nil
      return answer
    }
    guard case .blackHole = untold else {
      Issue.record("\(untold)")
      return
    }
  }

  @Test func silenceIsNoBlackHole() async {
    #expect(await search(most: 1500, path: 100).answer == .silent)
  }

  @Test func aRefusalOfTheKernelIsNoAnswer() async {
    #expect(await search(most: 1500, path: 0, tells: .notSent("no route")).answer == .notAsked("no route"))
  }
}
