import Testing

@testable import HostNetworking

@Suite struct TagListTests {
  @Test(arguments: [
    ("42", [42]), ("0", [0]), ("4094", [4094]), ("100-103,200", [100, 101, 102, 103, 200]), (" 7 , 5-6 ", [5, 6, 7]), ("5 - 7 9", [5, 6, 7, 9]),
    ("10,10,9-11", [9, 10, 11]), ("007", [7]), ("3-3", [3]),
  ])
  func whatPeopleWriteIsRead(_ text: String, _ tags: [Int]) throws {
    #expect(try TagList(parsing: text).tags == tags)
  }

  @Test(arguments: [
    ("", "a tag is needed: 0 to 4094"), (" , ", "a tag is needed: 0 to 4094"),
    ("4095", "4095 is reserved by the standard (802.1Q): tags go from 0 to 4094"), ("4096", "4096 is too large: tags go from 0 to 4094"),
    ("99999999999999999999999", "99999999999999999999999 is too large: tags go from 0 to 4094"), ("9-5", "9-5 runs backwards: write 5-9"),
    ("-1", "\"-1\" is neither a tag nor a range like 100-110"), ("5-", "\"5-\" is neither a tag nor a range like 100-110"),
    ("1-2-3", "\"1-2-3\" is neither a tag nor a range like 100-110"), ("eth1", "\"eth1\" is neither a tag nor a range like 100-110"),
    ("1.5", "\"1.5\" is neither a tag nor a range like 100-110"), ("٤٢", "\"٤٢\" is neither a tag nor a range like 100-110"),
    ("100-4095", "4095 is reserved by the standard (802.1Q): tags go from 0 to 4094"),
  ])
  func whatIsNoListIsRefusedInWords(_ text: String, _ why: String) {
    let error = #expect(throws: TagListError.self) { _ = try TagList(parsing: text) }
    #expect(error?.description == why)
  }

  /// Whatever set of tags: what is written of it is read as the same set.
  @Test func writtenAndReadItIsTheSame() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var tags: Set<Int> = []
      for _ in 0..<Int.random(in: 1...40, using: &generator) {
        let first = Int.random(in: 0...4094, using: &generator)
        tags.formUnion(first...min(4094, first + Int.random(in: 0...12, using: &generator)))
      }
      let list = TagList(tags)
      #expect(list.tags == tags.sorted())
      #expect(try TagList(parsing: list.description) == list, "\(list)")
    }
  }

  /// Whatever is typed: it is a list within the range or it is refused, and never takes long.
  @Test func nothingTypedDoesHarm() {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("0123456789-, \t-,4095ée")
    for _ in 0..<2000 {
      let text = String((0..<Int.random(in: 0...24, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? "0" })
      guard let list = try? TagList(parsing: text) else { continue }
      #expect(!list.tags.isEmpty && list.tags.allSatisfy(TagList.range.contains) && list.tags == Set(list.tags).sorted(), "\(text)")
    }
  }

  @Test func namesFollowTheirPattern() {
    #expect(VLANRequest.name("VLAN {tag}", tag: 42) == "VLAN 42")
    #expect(VLANRequest.name("{tag}-{tag}", tag: 7) == "7-7")
    #expect(VLANRequest.name("DMZ", tag: 7) == "DMZ")
  }
}
