import ConsoleUI
import HostNetworking
import Synchronization
import TerminalUI

/// The errands under way, each a task of its own.
final class Errands: Sendable {
  private struct State {
    var mailbox: Mailbox<ConsoleMessage>?
    var tasks: [Int: Task<Void, Never>] = [:]
    var next = 0
    var watches: [Watch: Task<Void, Never>] = [:]
  }

  private let work: HostWork
  private let state = Mutex(State())

  init(_ work: HostWork) { self.work = work }

  func open(_ mailbox: Mailbox<ConsoleMessage>) { state.withLock { $0.mailbox = mailbox } }

  func carryOut(_ errand: Errand) {
    state.withLock { state in
      guard let mailbox = state.mailbox else { return }
      let number = state.next
      state.next += 1
      state.tasks[number] = Task.detached { [self, work] in
        await work.carryOut(errand) { mailbox.post(.report($0)) }
        end(number)
      }
    }
  }

  /// Keeps an eye on these from now on, and on nothing else.
  func watch(_ wanted: Set<Watch>) {
    state.withLock { state in
      guard let mailbox = state.mailbox else { return }
      for (watch, task) in state.watches where !wanted.contains(watch) {
        task.cancel()
        state.watches[watch] = nil
        // What it has set going may need a moment to stop: a light must not blink on because its user left.
        let number = state.next
        state.next += 1
        state.tasks[number] = Task.detached { [self] in
          await task.value
          end(number)
        }
      }
      for watch in wanted where state.watches[watch] == nil {
        state.watches[watch] = Task.detached { [work] in
          await work.watch(watch) { mailbox.post(.report($0)) }
        }
      }
    }
  }

  private func end(_ number: Int) { state.withLock { $0.tasks[number] = nil } }

  /// Cancels what is under way and waits for its end. A reset that has begun runs to its end all the same.
  func stop() async {
    let tasks = state.withLock { Array($0.tasks.values) + Array($0.watches.values) }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}
