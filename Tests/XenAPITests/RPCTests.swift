import JSON
import Testing

@testable import XenAPI

@Suite struct RPCTests {
  private func result(_ body: String, status: Int = 200) throws(XenError) -> JSONValue {
    try RPC.result(of: HTTPResponse(status: status, body: Array(body.utf8))) { (scanner) throws(JSONError) in
      try scanner.value()
    }
  }

  private func error(_ body: String, status: Int = 200) -> XenError? {
    do {
      _ = try result(body, status: status)
      return nil
    } catch { return error }
  }

  private func isNonsense(_ body: String) -> Bool {
    if case .nonsense = error(body) { true } else { false }
  }

  @Test func requestsAreVersion2WithAnArray() throws {
    let request = try JSONValue(parsing: RPC.request("PIF.plug", ["OpaqueRef:s", 1, .double(2)], id: 7))
    #expect(request == ["jsonrpc": "2.0", "method": "PIF.plug", "params": ["OpaqueRef:s", 1, .double(2)], "id": 7])
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","result":"","id":7}"#, #"{"result":"","error":null,"id":1}"#,
    #"{"id":1,"error":null,"result":""}"#,
    #" {"new":{"a":[]},"jsonrpc":"2.0","id":"x","result":""} "#,
  ])
  func results(body: String) throws { #expect(try result(body) == "") }

  @Test(arguments: [
    // An object, as 2.0 has it.
    #"{"jsonrpc":"2.0","error":{"code":1,"message":"PIF_IS_VLAN","data":["OpaqueRef:p"]},"id":7}"#,
    #"{"jsonrpc":"2.0","id":7,"error":{"data":["OpaqueRef:p"],"message":"PIF_IS_VLAN"}}"#,
    // An array: a member's relay, and emergency mode with id 0.
    #"{"jsonrpc":"2.0","error":["PIF_IS_VLAN","OpaqueRef:p"],"id":7}"#,
    #"{"jsonrpc":"2.0","error":["PIF_IS_VLAN","OpaqueRef:p"],"id":0}"#,
    // 1.0 has both members.
    #"{"result":null,"error":["PIF_IS_VLAN","OpaqueRef:p"],"id":1}"#,
    #"{"error":["PIF_IS_VLAN","OpaqueRef:p"],"result":null,"id":1}"#,
  ])
  func errorShapes(body: String) {
    #expect(error(body) == .failure(XenFailure(code: "PIF_IS_VLAN", parameters: ["OpaqueRef:p"])))
  }

  @Test func errorsWithoutParameters() {
    let failure = XenError.failure(XenFailure(code: "HOST_STILL_BOOTING"))
    #expect(error(#"{"jsonrpc":"2.0","error":["HOST_STILL_BOOTING"],"id":0}"#) == failure)
    #expect(error(#"{"error":{"message":"HOST_STILL_BOOTING"}}"#) == failure)
    #expect(error(#"{"error":{"message":"HOST_STILL_BOOTING","data":null}}"#) == failure)
    #expect(error(#"{"error":"HOST_STILL_BOOTING"}"#) == failure)
  }

  @Test func parametersThatAreNotTextBecomeText() {
    #expect(
      error(#"{"error":["X",1,null,["a"],{"b":2}]}"#)
        == .failure(XenFailure(code: "X", parameters: ["1", "null", #"["a"]"#, #"{"b":2}"#])))
  }

  @Test(arguments: [
    "", "{", "{}", "[]", "null", "true", #""text""#, #"{"id":1}"#, #"{"result":null,"error":null}"#, #"{"error":[]}"#,
    #"{"error":{}}"#, #"{"error":5}"#, #"{"error":{"message":7}}"#, #"{"result":""}x"#, #"{"result":""#,
    "<html></html>",
    #"{"result":"" "id":1}"#, "\u{0}\u{1}\u{2}",
  ])
  func nonsense(body: String) { #expect(isNonsense(body), "\(String(describing: error(body)))") }

  @Test func everyTruncationIsAnErrorAndNoCrash() {
    for body in [
      #"{"jsonrpc":"2.0","result":{"a":["x\u0041",1.5e3,true,null]},"id":7}"#,
      #"{"result":null,"error":["PIF_IS_VLAN","OpaqueRef:p"],"id":1}"#,
    ] {
      for length in 0..<body.utf8.count { #expect(error(String(body.prefix(length))) != nil) }
    }
  }

  @Test func aDecoderThatFailsMakesNonsense() {
    #expect(throws: XenError.self) {
      try RPC.result(of: HTTPResponse(status: 200, body: Array(#"{"result":"text"}"#.utf8))) {
        (scanner) throws(JSONError) in
        try scanner.bool()
      }
    }
  }

  @Test func theInternalErrorPageSaysWhy() throws {
    let page = """
      <html><body><h1>HTTP 500 internal server error</h1>An unexpected error occurred; please wait a while and try again. \
      If the problem persists, please contact your support representative.<h1> Additional information </h1>\
      Failure(&quot;We require a content-length: HTTP header&quot;)</body></html>
      """
    #expect(
      error(page, status: 500) == .http(status: 500, detail: #"Failure("We require a content-length: HTTP header")"#))
    #expect("\(try #require(error(page, status: 500)))".contains("We require a content-length"))
    #expect(error("", status: 500) == .http(status: 500, detail: ""))
    #expect(error("<h1>Additional information", status: 503) == .http(status: 503, detail: ""))
    #expect(error(#"{"result":""}"#, status: 404) == .http(status: 404, detail: ""))
  }

  @Test func pagesOfTheCapturesAreUnderstood() throws {
    let pages = (try Materials.capture("11_http_framing.json")["entries"]?.array ?? []).compactMap {
      $0["received"]?.string
    }
    .filter { $0.hasPrefix("HTTP/1.1 500") }
    #expect(pages.count == 2)
    for page in pages {
      #expect(RPC.detail(ofPage: Array(page.utf8)).hasPrefix(#"Failure("We require a content-length: HTTP header")"#))
    }
  }

  @Test(arguments: Materials.sections) func everyRecordedAnswerIsAResultOrAFailure(section: String) throws {
    for exchange in try Materials.capture(section)["exchanges"]?.array ?? [] {
      guard exchange["status"] == 200, let response = exchange["response"], response.object != nil else { continue }
      let name = exchange["name"]?.string ?? ""
      switch Result(catching: { () throws(XenError) in try result(response.description) }) {
      case .success(let value): #expect(value == response["result"], "\(name)")
      case .failure(let problem):
        let failure = try #require(problem.failure, "\(name): \(problem)")
        let error = response["error"]
        let parameters = error?["data"]?.array ?? (error?.array ?? []).dropFirst() + []
        #expect(failure.code == error?["message"]?.string ?? error?.array?.first?.string, "\(name)")
        #expect(failure.parameters == parameters.map { $0.string ?? $0.description }, "\(name)")
      }
    }
  }

  @Test func emergencyCodesAreTold() {
    #expect(XenFailure(code: "HOST_STILL_BOOTING").isEmergency)
    #expect(!XenFailure(code: "SESSION_INVALID").isEmergency)
  }

  @Test func errorsReadAsSentences() {
    #expect("\(XenError.transport(.timedOut(.seconds(10))))" == "XAPI gave no answer in 10 s")
    #expect("\(XenError.transport(.timedOut(.milliseconds(9_999))))" == "XAPI gave no answer in 10 s")
    #expect("\(XenError.transport(.timedOut(.milliseconds(1_500))))" == "XAPI gave no answer in 1.5 s")
    #expect("\(XenError.transport(.timedOut(.milliseconds(250))))" == "XAPI gave no answer in 0.3 s")
    #expect("\(XenError.transport(.timedOut(.milliseconds(-5))))" == "XAPI gave no answer in time")
    for error: TransportError in [
      .absent, .refused, .notPermitted, .unknownHost("xcp9"), .closed, .notHTTP, .tls("x"), .cancelled,
      .tooLarge(bytes: 1 << 29),
      .other("x"),
    ] {
      #expect(!"\(XenError.transport(error))".isEmpty && !"\(error)".hasSuffix("."))
    }
  }
}
