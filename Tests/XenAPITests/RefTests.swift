import JSON
import Testing

@testable import XenAPI

@Suite struct RefTests {
  private typealias AnyRef = Ref<PIF>

  @Test(arguments: ["", "OpaqueRef:NULL"])
  func nullReferencesAreNil(text: String) { #expect(AnyRef(text) == nil) }

  @Test(arguments: [
    "OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc3523497898", "OpaqueRef:00000000-0000-0000-0000-000000000000",
    "OpaqueRef:ffffffff-ffff-ffff-ffff-ffffffffffff", "OpaqueRef:0000000a-000b-000c-000d-00000000000e",
    // None of these may be rewritten: XAPI compares references as text.
    "OpaqueRef:5A5B25B7-9195-CF9B-55E6-DC3523497898", "OpaqueRef:5a5b25b79195-cf9b-55e6-dc3523497898-",
    "OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc352349789", "OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc35234978980",
    "OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc352349789g", "OpaqueRef:", "OpaqueRef:null", "DummyRef:|x|SR.probe",
    "opaqueref:5a5b25b7-9195-cf9b-55e6-dc3523497898", "OpaqueReg:5a5b25b7-9195-cf9b-55e6-dc3523497898", " ", "é✓",
    "OpaqueRef:NULL ", "OpaqueRef:5a5b25b7_9195_cf9b_55e6_dc3523497898",
  ])
  func everyOtherTextComesBackAsItWas(text: String) throws {
    let ref = try #require(AnyRef(text))
    #expect(ref.description == text)
    #expect(ref.json == .string(text))
    #expect(ref == AnyRef(text))
  }

  @Test func everyReferenceOfTheCapturesComesBackAsItWas() throws {
    let refs = Set(try Materials.rows().map(\.ref)).subtracting([""])
    #expect(refs.count > 50)
    #expect(refs.filter { AnyRef($0)?.description != $0 } == [])
    #expect(Set(refs.compactMap { AnyRef($0) }).count == refs.count)
  }

  @Test func everyDigitCounts() throws {
    let base = Array("OpaqueRef:11111111-1111-1111-1111-111111111111")
    var seen: Set<AnyRef> = []
    for index in 10..<46 where base[index] != "-" {
      var other = base
      other[index] = "2"
      #expect(seen.insert(try #require(AnyRef(String(other)))).inserted)
    }
    #expect(seen.count == 32)
  }

  @Test func escapedTextMeansTheSameReference() throws {
    let text = Array(#"{"network":"OpaqueRef\u003a5a5b25b7-9195-cf9b-55e6-dc3523497898"}"#.utf8)
    try text.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      var fields = RecordFields(bytes)
      try fields.scan(&scanner)
      let ref: Ref<Network>? = fields.ref("network")
      #expect(ref == Ref("OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc3523497898"))
    }
  }
}
