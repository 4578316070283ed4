import JSON
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    #"null"#, #"true"#, #"-1"#, #"1500"#, #"0.0"#, #"[1,2.5,"x"]"#, #"{"b":1,"a":{"c":[]}}"#, #""a\"b\\c\n""#, #""é✓😀""#,
  ])
  func readsBackWhatItWrites(text: String) throws {
    #expect(try JSONValue(parsing: text).description == text)
  }

  @Test func tellsIntsFromFloats() throws {
    #expect(try JSONValue(parsing: "[0,0.0,1e3]") == [.int(0), .double(0), .double(1000)])
    #expect(try JSONValue(parsing: "99999999999999999999") == .double(1e20))
  }

  @Test func resolvesEscapes() throws {
    #expect(try JSONValue(parsing: #""\u0041\ud83d\ude00\/\t""#) == "A😀/\t")
    #expect(try JSONValue(parsing: #""\ud83d alone""#) == "\u{fffd} alone")
    #expect(try JSONValue(parsing: #"{"\u0061":1}"#)["a"] == 1)
  }

  @Test func badUTF8BecomesReplacementCharacters() throws {
    #expect(try JSONValue(parsing: [0x22, 0xff, 0x22]) == "\u{fffd}")
  }

  @Test(arguments: [
    ("", JSONError.Reason.unexpectedEnd, 0), ("{", .unexpectedEnd, 1), (#"{"a""#, .unexpectedEnd, 4),
    ("[1 2]", .unexpectedByte(0x32), 3), ("1 x", .trailingBytes, 2), (#""\q""#, .badEscape, 2), ("-", .badNumber, 0),
    (#""\u12"#, .unexpectedEnd, 5), (#""abc\"#, .unexpectedEnd, 5), ("tru", .unexpectedByte(0x74), 0), ("[1,]", .unexpectedByte(0x5d), 3),
  ])
  func saysWhereTextStopsBeingJSON(text: String, reason: JSONError.Reason, offset: Int) {
    #expect(throws: JSONError(reason: reason, offset: offset)) { try JSONValue(parsing: text) }
  }

  @Test func refusesBottomlessNesting() {
    #expect(throws: JSONError(reason: .tooDeep, offset: 128)) {
      _ = try JSONValue(parsing: String(repeating: "[", count: 100_000))
    }
  }

  @Test func everyTruncationIsAnErrorAndNoCrash() throws {
    let text = Array(#"{"a":[1,-2.5e3,"x\u0041\n",true,false,null],"b":{"c":""}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
    }
  }

  @Test func objectsKeepOrderAndLastDuplicateWins() throws {
    let object = try #require(try JSONValue(parsing: #"{"z":1,"a":2,"z":3}"#).object)
    #expect(object.keys == ["z", "a", "z"])
    #expect(object["z"] == 3)
  }

  @Test func equalityIgnoresMemberOrder() throws {
    #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) == JSONValue(parsing: #"{"b":2,"a":1}"#))
    #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) != JSONValue(parsing: #"{"b":1,"a":2}"#))
  }

  @Test func skippingStepsOverExactlyOneValue() throws {
    let text = Array(#" {"a":[1,{"b":"]}"}],"c":"\""} 7"#.utf8)
    try text.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      try scanner.skip()
      #expect(try scanner.number() == 7)
    }
  }
}
