import CCurl
import Glibc

/// One easy handle, its kept-alive connection and the request it serves. Used on the worker's thread only.
struct CurlLane {
  private(set) var handle: UnsafeMutableRawPointer?
  private(set) var current: CurlWorker.Request?
  private let question = RequestBody()
  private let body = ResponseBody()
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let endpoint: Endpoint

  init(endpoint: Endpoint) { self.endpoint = endpoint }

  /// XAPI's largest answers are tens of megabytes; what goes far beyond is not an answer.
  static let largestBody = 1 << 29

  mutating func begin(_ request: CurlWorker.Request, on multi: UnsafeMutableRawPointer?) {
    if handle == nil { open() }
    guard let handle, let multi else {
      request.finish(.failure(.other("libcurl could not be set up")))
      return
    }
    body.reset(handle)
    current = request
    question.reset(request.body)
    _ = ccurl_set_long(handle, CURLOPT_POSTFIELDSIZE, request.body.count)
    curl_multi_add_handle(multi, handle)
  }

  mutating func finish(_ code: CURLcode, on multi: UnsafeMutableRawPointer?) {
    guard let request = current, let handle else { return }
    current = nil
    var status = 0
    _ = ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    var errno = 0
    _ = ccurl_get_long(handle, CURLINFO_OS_ERRNO, &errno)
    curl_multi_remove_handle(multi, handle)
    let bytes = body.take()
    question.reset([])
    request.finish(
      code == CURLE_OK
        ? .success(HTTPResponse(status: status, body: bytes))
        : .failure(error(code, errno: Int32(errno), limit: request.limit)))
  }

  /// Drops the request under way and its connection.
  mutating func abandon(on multi: UnsafeMutableRawPointer?) {
    current = nil
    if let handle { curl_multi_remove_handle(multi, handle) }
    _ = body.take()
    question.reset([])
  }

  mutating func close() {
    if let handle { curl_easy_cleanup(handle) }
    curl_slist_free_all(headers)
    handle = nil
    headers = nil
  }

  private mutating func open() {
    guard let handle = curl_easy_init() else { return }
    self.handle = handle
    // XAPI takes 1,024 bytes of headers at most, and never waits for "Expect".
    for header in ["Content-Type: application/json", "Accept:", "Expect:"] {
      headers = curl_slist_append(headers, header)
    }
    _ = ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    _ = ccurl_set_string(handle, CURLOPT_URL, endpoint.url)
    _ = ccurl_set_string(handle, CURLOPT_USERAGENT, "xcpconsole")
    _ = ccurl_set_long(handle, CURLOPT_POST, 1)
    _ = ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    _ = ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 10_000)
    _ = ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // A proxy of the environment must never see a session, let alone a password.
    _ = ccurl_set_string(handle, CURLOPT_PROXY, "")
    // When a kept-alive connection breaks without an answer, libcurl would send the request once more, though XAPI may
    // have acted on it. It cannot when the body comes from a callback that it is given no means to rewind.
    _ = ccurl_set_read(handle, RequestBody.send, Unmanaged.passUnretained(question).toOpaque())
    _ = ccurl_set_write(handle, ResponseBody.receive, Unmanaged.passUnretained(body).toOpaque())
    switch endpoint {
    case .unixSocket(let path):
      _ = ccurl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, path)
    case .https(_, _, let authorities):
      _ = ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
      _ = ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
      if let authorities { _ = ccurl_set_string(handle, CURLOPT_CAINFO, authorities) }
    }
  }

  private func error(_ code: CURLcode, errno: Int32, limit: Duration) -> TransportError {
    switch code {
    case CURLE_COULDNT_CONNECT:
      switch errno {
      case ENOENT: .absent
      case ECONNREFUSED: .refused
      case EACCES, EPERM: .notPermitted
      case 0: .refused
      default: .other("no connection: \(String(cString: strerror(errno)))")
      }
    case CURLE_COULDNT_RESOLVE_HOST:
      if case .https(let host, _, _) = endpoint { .unknownHost(host) } else { .absent }
    case CURLE_OPERATION_TIMEDOUT: .timedOut(limit)
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND: .closed
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING: .notHTTP
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM:
      .tls(String(cString: curl_easy_strerror(code)))
    case CURLE_WRITE_ERROR where body.overflowed: .tooLarge(bytes: Self.largestBody)
    default: .other(String(cString: curl_easy_strerror(code)))
    }
  }
}
