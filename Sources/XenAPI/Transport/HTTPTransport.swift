import CCurl
import Glibc
import Synchronization

/// One answer.
public struct HTTPResponse: Sendable {
  public let status: Int
  public let body: [UInt8]
}

/// Sends requests to one endpoint over libcurl.
///
/// One thread owns libcurl's handles and sleeps until a socket, a deadline or a new request wakes it: an idle
/// connection costs nothing. Requests of one lane go one after the other over one kept-alive connection; lanes do not
/// wait for each other.
public final class HTTPTransport: Sendable {
  /// Which connection a request takes.
  public enum Lane: Int, CaseIterable, Sendable {
    case calls
    case events
  }

  let worker: CurlWorker

  /// Nothing is opened until the first request.
  public init(_ endpoint: Endpoint) {
    worker = CurlWorker(endpoint: endpoint)
    worker.start()
  }

  deinit { worker.stop() }

  /// Posts `body` and waits for the whole answer.
  /// - Parameter limit: from now, waiting for the lane included, to the last byte of the answer.
  public func post(_ body: [UInt8], lane: Lane = .calls, limit: Duration) async throws(TransportError) -> HTTPResponse {
    let id = worker.nextID()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        worker.submit(
          CurlWorker.Request(
            id: id, lane: lane, body: body, limit: limit, deadline: .now + limit,
            finish: { continuation.resume(returning: $0) }))
      }
    } onCancel: {
      worker.cancel(id)
    }
    worker.forget(id)
    return try result.get()
  }
}
