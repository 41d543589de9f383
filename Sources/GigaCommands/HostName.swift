import FleetModel
import Glibc

/// This machine's name, as far as it can name a factory.
enum HostName {
    static var current: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "factory" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).lowercased().prefix(64)
        return Naming.isName(name) ? String(name) : "factory"
    }
}
