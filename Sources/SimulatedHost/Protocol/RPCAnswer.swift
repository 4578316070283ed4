import JSON

/// What a call came to.
enum RPCResult: Sendable {
  case value(JSONValue)
  /// A large value, as JSON text in pieces.
  case rendered([[UInt8]])
  case failure(APIError)
}

/// Where an error arose decides its shape in JSON-RPC 2.0 (XAPI notes §1.2, the three quirks).
enum ErrorShape: Sendable {
  /// `{"code":1,"message":CODE,"data":[…]}`
  case object
  /// On a member, relayed from the coordinator: `[CODE,…]` with the request's id.
  case relayed
  /// Refused before it was looked at: always 2.0, an array and id 0.
  case undispatched
}

enum RPCAnswer {
  /// The body of an answer, in pieces to be sent one after the other.
  static func body(_ result: RPCResult, to request: RPCRequest, shape: ErrorShape) -> [[UInt8]] {
    switch result {
    case .value(let value):
      var writer = JSONWriter(reserving: 256)
      open(&writer, request.version)
      writer.value(value)
      close(&writer, request)
      return [writer.bytes]
    case .rendered(let pieces):
      var head = JSONWriter()
      var tail = JSONWriter()
      open(&head, request.version)
      close(&tail, request)
      return [head.bytes] + pieces + [tail.bytes]
    case .failure(let error):
      return [failure(error, to: request, shape).encoded]
    }
  }

  private static func open(_ writer: inout JSONWriter, _ version: RPCVersion) {
    switch version {
    case .v1: writer.raw(#"{"result":"#)
    case .v2: writer.raw(#"{"jsonrpc":"2.0","result":"#)
    }
  }

  private static func close(_ writer: inout JSONWriter, _ request: RPCRequest) {
    switch request.version {
    case .v1: writer.raw(#","error":null,"id":"#)
    case .v2: writer.raw(#","id":"#)
    }
    writer.value(request.id)
    writer.raw("}")
  }

  private static func failure(_ error: APIError, to request: RPCRequest, _ shape: ErrorShape) -> JSONValue {
    switch (shape, request.version) {
    case (.undispatched, _): ["jsonrpc": "2.0", "error": error.list, "id": 0]
    case (_, .v1): ["result": .null, "error": error.list, "id": request.id]
    case (.relayed, .v2): ["jsonrpc": "2.0", "error": error.list, "id": request.id]
    case (.object, .v2):
      [
        "jsonrpc": "2.0",
        "error": [
          "code": 1, "message": .string(error.code), "data": .array(error.parameters.map { .string($0) }),
        ],
        "id": request.id,
      ]
    }
  }
}
