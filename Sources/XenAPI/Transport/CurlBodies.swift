import CCurl
import Glibc

/// Where libcurl gets the request's body from.
final class RequestBody {
  private var bytes: [UInt8] = []
  private var sent = 0

  func reset(_ bytes: [UInt8]) {
    self.bytes = bytes
    sent = 0
  }

  private func take(into part: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(part.count, bytes.count - sent)
    part.copyBytes(from: bytes[sent..<(sent + count)])
    sent += count
    return count
  }

  static let send: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    data, size, count, context in
    guard let data, let context else { return 0 }
    let body = Unmanaged<RequestBody>.fromOpaque(context).takeUnretainedValue()
    return body.take(into: UnsafeMutableRawBufferPointer(start: data, count: size * count))
  }
}

/// Where libcurl puts the answer as it comes.
final class ResponseBody {
  private var bytes: [UInt8] = []
  private var handle: UnsafeMutableRawPointer?
  private(set) var overflowed = false

  func reset(_ handle: UnsafeMutableRawPointer) {
    bytes = []
    self.handle = handle
    overflowed = false
  }

  func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private func append(_ part: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty {
      // Growing an array by doubling would cost twice the memory of a large answer.
      let length = ccurl_content_length(handle)
      bytes.reserveCapacity(length > 0 && length <= CurlLane.largestBody ? Int(length) : part.count)
    }
    guard bytes.count + part.count <= CurlLane.largestBody else {
      overflowed = true
      return false
    }
    bytes.append(contentsOf: part)
    return true
  }

  static let receive: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
    data, size, count, context in
    guard let data, let context else { return 0 }
    let body = Unmanaged<ResponseBody>.fromOpaque(context).takeUnretainedValue()
    return body.append(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
  }
}
