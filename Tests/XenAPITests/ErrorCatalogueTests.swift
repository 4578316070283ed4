import Foundation
import JSON
import Testing

@testable import XenAPI

@Suite struct ErrorCatalogueTests {
  // MARK: Completeness

  @Test func everyCodeOfTheReferenceIsKnown() throws {
    guard let data = Materials.shared("reference/xapi.md") else { return }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var codes: Set<String> = []
    var inCatalogue = false
    for line in lines {
      if line.hasPrefix("# ") { inCatalogue = line.hasPrefix("# 6.") }
      guard inCatalogue, line.hasPrefix("| "), let cell = line.split(separator: "|").first else { continue }
      codes.formUnion(Self.codes(in: cell))
    }
    #expect(codes.count > 100)
    #expect(codes.filter { ErrorCatalogue.entries[$0] == nil } == [])
  }

  /// Codes in one cell of the table; `NETWORK_X_WITH_A / _B` is short for two of them and checked by `abbreviated`
  /// below.
  private static func codes(in cell: Substring) -> [String] {
    cell.split { !($0.isUppercase || $0.isNumber || $0 == "_" || $0 == "*") }.map(String.init).filter {
      $0.contains("_") && !$0.hasPrefix("_") && !$0.hasSuffix("_") && !$0.hasSuffix("*")
    }
  }

  @Test(arguments: [
    "CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL", "CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL",
    "NETWORK_INCOMPATIBLE_WITH_TUNNEL",
    "NETWORK_INCOMPATIBLE_WITH_SRIOV", "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE",
    "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV", "NETWORK_INCOMPATIBLE_WITH_TRUNKS",
    "NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS", "NETWORK_SRIOV_DISABLE_FAILED",
    "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK",
    "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK", "POOL_JOINING_HOST_HAS_BONDS",
    "POOL_JOINING_HOST_HAS_TUNNELS", "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS",
    "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS", "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH",
    "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS",
  ])
  func abbreviated(code: String) { #expect(ErrorCatalogue.entries[code] != nil) }

  @Test func everyCodeThatTheCapturesAnswerIsKnown() throws {
    var codes: Set<String> = []
    for exchange in try Materials.sections.flatMap({ try Materials.capture($0)["exchanges"]?.array ?? [] }) {
      let error = exchange["response"]?["error"]
      if let code = error?["message"]?.string ?? error?.array?.first?.string { codes.insert(code) }
    }
    #expect(codes.count > 20)
    #expect(codes.filter { ErrorCatalogue.entries[$0] == nil } == [])
  }

  /// The data model names a call's errors for few calls. Every other code of the catalogue is here, with where it comes
  /// from.
  @Test func everyCodeExists() throws {
    guard let model = try Materials.dataModel() else { return }
    var declared: Set<String> = []
    for (_, description) in model {
      for (_, message) in description["messages"]?.object ?? JSONObject() {
        declared.formUnion((message["errors"]?.array ?? []).compactMap(\.string))
      }
    }
    #expect(declared.count > 50)
    let elsewhere = Set(UndeclaredCodes.reasons.values.joined())
    #expect(ErrorCatalogue.entries.keys.filter { !declared.contains($0) && !elsewhere.contains($0) }.sorted() == [])
    #expect(elsewhere.filter { declared.contains($0) || ErrorCatalogue.entries[$0] == nil }.sorted() == [])
  }

  @Test func noCodeIsListedTwice() {
    let all = [
      ErrorCatalogue.session, ErrorCatalogue.interfaces, ErrorCatalogue.networks, ErrorCatalogue.poolAndHosts,
      ErrorCatalogue.poolJoin,
    ].joined()
    #expect(ErrorCatalogue.entries.count == all.count)
  }

  // MARK: Words

  @Test(arguments: ErrorCatalogue.entries.keys.sorted())
  func nothingLeaksWhateverParametersCome(code: String) {
    let reference = "OpaqueRef:5a5b25b7-9195-cf9b-55e6-dc3523497898"
    for value in ["eth1", reference, "OpaqueRef:NULL", "", "42", "red\u{1b}[1m\r\nline"] {
      for count in 0...6 {
        let failure = XenFailure(code: code, parameters: Array(repeating: value, count: count))
        for explanation in [failure.explained(), failure.explained { _ in "bond0" }] {
          let said = explanation.text + " / " + (explanation.remedy ?? "")
          #expect(!said.contains { "{}|%".contains($0) }, "\(said)")
          #expect(!said.contains("OpaqueRef"), "\(said)")
          #expect(!said.contains("  ") && !said.contains(" ,") && !said.contains(" :"), "\(said)")
          #expect(!said.unicodeScalars.contains { $0.value < 0x20 }, "\(said)")
          #expect(!explanation.text.isEmpty && explanation.remedy != "")
          #expect(
            explanation.text.first?.isLetter == true || explanation.text.hasPrefix("\"") || value == "42", "\(said)")
          #expect(!explanation.text.hasSuffix(".") && explanation.remedy?.hasSuffix(".") != true)
          #expect(explanation.sentence.hasSuffix("[\(code)]"))
        }
      }
    }
  }

  @Test(arguments: ErrorCatalogue.entries.keys.sorted())
  func theWordsAreOurs(code: String) {
    let explanation = XenFailure(code: code).explained()
    let said = (explanation.text + " " + (explanation.remedy ?? "")).lowercased()
    for word in ["slave", "supporter", "master", "handle", "opaqueref", "pif"] {
      #expect(!said.contains(word), "\(said)")
    }
    #expect(explanation.text.count <= 110, "\(explanation.text)")
    #expect((explanation.remedy?.count ?? 0) <= 110)
  }

  @Test func saysWhatAPersonNeeds() {
    func text(_ code: String, _ parameters: String...) -> String {
      XenFailure(code: code, parameters: parameters).explained {
        $0 == "OpaqueRef:p" ? "eth1" : $0 == "OpaqueRef:n" ? "DMZ" : nil
      }.text
    }
    #expect(
      text("PIF_IS_MANAGEMENT_INTERFACE", "OpaqueRef:p")
        == "eth1 carries management: it cannot be unplugged, forgotten or left without an address")
    #expect(text("PIF_CONFIGURATION_ERROR", "OpaqueRef:p", "") == "The network daemon could not configure eth1")
    #expect(
      text("PIF_CONFIGURATION_ERROR", "OpaqueRef:p", "no such device")
        == "The network daemon could not configure eth1: no such device")
    #expect(text("INVALID_IP_ADDRESS_SPECIFIED", "IP") == "The address given is not a valid IP address")
    #expect(text("INVALID_IP_ADDRESS_SPECIFIED", "netmask") == "The netmask given is not a valid IP address")
    #expect(text("HANDLE_INVALID", "PIF", "OpaqueRef:gone") == "The interface no longer exists")
    #expect(text("VIF_IN_USE", "OpaqueRef:n", "OpaqueRef:gone") == "A running VM uses network \"DMZ\" on this host")
    #expect(
      text("HOST_NOT_ENOUGH_FREE_MEMORY", "4294967296", "1048576")
        == "There is not enough free memory: 4096 MiB needed, 1 MiB free")
    #expect(text("VLAN_TAG_INVALID", "4095") == "4095 is not a valid VLAN tag")
    #expect(text("NETWORK_CONTAINS_PIF", "OpaqueRef:p") == "The network still has interfaces on it: eth1")
    #expect(
      text("NETWORK_CONTAINS_PIF", "a", "b", "c", "d", "OpaqueRef:gone")
        == "The network still has interfaces on it: a, b, c and 2 more")
    #expect(text("PIF_IS_PHYSICAL").hasPrefix("This interface cannot be destroyed"))
  }

  @Test func parametersAreNotTakenForPlaces() {
    let failure = XenFailure(code: "INTERNAL_ERROR", parameters: ["Failure(\"{0|x} 100% {1|%|y}\")"])
    #expect(failure.explained().text == "XAPI failed inside: Failure(\"{0|x} 100% {1|%|y}\")")
  }

  @Test func longParametersAreCut() {
    let failure = XenFailure(code: "INTERNAL_ERROR", parameters: [String(repeating: "x", count: 100_000)])
    #expect(failure.explained().text.count < 350)
  }

  @Test func anUnknownCodeIsShownAsItCame() {
    let failure = XenFailure(code: "SR_BACKEND_FAILURE_47", parameters: ["", "no such volume", "OpaqueRef:x"])
    #expect(failure.explained().text == "XAPI answered SR_BACKEND_FAILURE_47: no such volume")
    #expect(failure.description == "XAPI answered SR_BACKEND_FAILURE_47: no such volume")
    #expect(XenFailure(code: "NEW").explained { _ in "eth0" }.text == "XAPI answered NEW")
    #expect(XenFailure(code: "").description == "XAPI answered an error without a code")
  }

  @Test func anErrorDescribesItselfInOneSentence() {
    let failure = XenFailure(code: "HOST_STILL_BOOTING")
    #expect("\(failure)" == "XAPI is still starting [HOST_STILL_BOOTING]")
    #expect("\(XenError.failure(failure))" == "XAPI is still starting [HOST_STILL_BOOTING]")
  }
}
