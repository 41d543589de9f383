import FleetModel
package import FleetProtocol

import struct Routing.SharingTerms

extension ServeOptions {
    /// What a coordinator runs with, for `GET /fleet/config`: neither token nor key is among it.
    package var settings: [ServerSettings.Row] {
        let weights = sharing.weights.sorted { $0.key < $1.key }
        let values = [
            ("ageing", "\(sharing.ageing)"), ("behind-proxy", "\(behindProxy)"),
            ("critical-share", "\(sharing.criticalPercent)"), ("data", dataFolder),
            ("heartbeat", "\(leases.heartbeat)"), ("lease", "\(leases.term)"),
            ("listen", host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"),
            ("patience", "\(sharing.patience)"),
            ("profiles", profiles.named ?? profiles.own ?? ""), ("rescue", "\(isRescue)"),
            ("shares", weights.map { "\($0.key)=\($0.value)" }.joined(separator: ",")),
            ("store", store.description), ("tls", identity == nil ? "off" : "on"),
        ]
        return values.map { key, value in
            ServerSettings.Row(key: key, value: value, origin: origins[key] ?? "default")
        }
    }
}
