import FleetModel
package import FleetProtocol

extension ServeOptions {
    /// What a coordinator runs with, for `GET /fleet/config`: neither token nor key is among it.
    package var settings: [ServerSettings.Row] {
        let values = [
            ("behind-proxy", "\(behindProxy)"), ("data", dataFolder),
            ("heartbeat", "\(leases.heartbeat)"), ("lease", "\(leases.term)"),
            ("listen", host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"),
            ("profiles", profiles.named ?? profiles.own ?? ""), ("rescue", "\(isRescue)"),
            ("store", store.description), ("tls", identity == nil ? "off" : "on"),
        ]
        return values.map { key, value in
            ServerSettings.Row(key: key, value: value, origin: origins[key] ?? "default")
        }
    }
}
