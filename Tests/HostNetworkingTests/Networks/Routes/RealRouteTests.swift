import Dom0
import Testing

@testable import HostNetworking

/// Routes of a real kernel, in a network namespace of their own: set, seen, taken for stale, deleted.
@Suite(.enabled(if: LabParts.mayRun, LabParts.comment), .serialized) struct RealRouteTests {
  @Test func theKernelTakesAndGivesUpRoutes() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      let route = KernelRoute(try #require(RouteItem("10.40.0.0/16/10.0.4.1").route), on: lab.bridge)
      let host = KernelRoute(try #require(RouteItem("192.0.2.7/32/10.0.4.1").route), on: lab.bridge)
      let hands = KernelRouteHands(lab.system)
      #expect(try await hands.set(present: [route, host], absent: []) == .done)
      // A route to one address comes back without its length.
      #expect(Set(try await KernelRoute.all(on: lab.system)) == [route, host])
      #expect(try await hands.set(present: [route, host], absent: []) == .wasSo)
      // In nobody's record: left over.
      var facts = RouteFacts(kernel: .success(try await KernelRoute.all(on: lab.system)))
      facts.rows = try await IPRoute.all(.v4, on: lab.system)
      #expect(Set(RouteTable(facts).leftOvers) == [route, host])
      // Another gateway takes the place of the first.
      let other = KernelRoute(try #require(RouteItem("10.40.0.0/16/10.0.4.2").route), on: lab.bridge)
      #expect(try await hands.set(present: [other], absent: [route]) == .done)
      #expect(Set(try await KernelRoute.all(on: lab.system)) == [other, host])
      let clear = try ClearRoutesPlanner(facts).plan([route])
      #expect(clear.steps.count == 1)
      #expect(try await hands.set(present: [], absent: [other, host]) == .done)
      #expect(try await KernelRoute.all(on: lab.system).isEmpty)
    }
  }

  @Test func whatItRefusesIsToldInItsWords() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      let hands = KernelRouteHands(lab.system)
      let far = KernelRoute(try #require(RouteItem("10.40.0.0/16/10.99.0.1").route), on: lab.bridge)
      do throws(ChangeFailure) {
        _ = try await hands.set(present: [far], absent: [])
        Issue.record("the kernel took a gateway that it cannot reach")
      } catch {
        #expect(error.text.contains("has no address in the network of 10.99.0.1"), "\(error)")
      }
      let nowhere = KernelRoute(try #require(RouteItem("10.40.0.0/16/10.0.4.1").route), on: "xenbr77")
      do throws(ChangeFailure) {
        _ = try await hands.set(present: [nowhere], absent: [])
        Issue.record("the kernel took a bridge that is not there")
      } catch {
        #expect(error.text.contains("plug its interface"), "\(error)")
      }
      // Twice is no failure.
      #expect(try await hands.set(present: [], absent: [far]) == .wasSo)
    }
  }
}
