import HTTPServing

/// What `giga serve --rescue` still does: a full disk has room for reads and a few cancels.
extension FleetAPI {
    /// The route itself when it reads or cancels, else one that says why it does not.
    static func rescued(_ route: Route) -> Route {
        guard route.method != .get, route.name != "cancelJob" else { return route }
        return Route(route.method, route.pattern, name: route.name) { _, _, responder in
            responder.respond(inRescue)
        }
    }

    private static let inRescue = Problem(
        code: "coordinator.rescue",
        title: "The coordinator runs in rescue and takes no work",
        status: 503,
        detail: "it was started with --rescue, which answers reads and accepts cancel only",
        hint: "free some space, stop it, and start giga serve without --rescue"
    )
}
