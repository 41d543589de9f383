import FleetModel
import FleetPorts

/// Everybody who hears of a commit after it: readers of events, factories, readers of logs, and
/// those who ask what takes a long way to answer.
struct Listeners: Sendable {
    let orders = Subscribers()
    let feed: EventFeed
    let logs: RunLogs
    let logReading: LogReading
    let artifacts: ArtifactShelf
    let longReading = LongReading()

    init(
        newest: UInt64,
        history: any StoreHistory,
        limits: StreamLimits,
        dataFolder: String,
        isUnderWay: @escaping @Sendable (RunID) -> Bool
    ) {
        feed = EventFeed(newest: newest, history: history, limits: limits)
        logs = RunLogs(folder: "\(dataFolder)/runs")
        artifacts = ArtifactShelf(dataFolder: dataFolder)
        logReading = LogReading(logs, isGrowing: isUnderWay)
    }

    /// Brings the logs to what was acknowledged, and starts the threads.
    func start() throws(CoordinatorServer.Fault) {
        do {
            try logs.start(isGrowing: logReading.isGrowing)
            try logReading.start()
            try artifacts.start()
            try longReading.start()
            try feed.start()
        } catch let fault as RunLogs.Fault {
            guard case .broken(let path, let reason) = fault else { throw .thread("\(fault)") }
            throw .store(.broken(path: path, reason: reason))
        } catch {
            throw .thread("\(error)")
        }
    }

    /// Called by the writer's thread after each commit.
    func publish(_ publication: Publication) {
        feed.publish(publication)
        orders.publish(publication)
        logReading.changed(Set(publication.events.compactMap(\.job)))
        if publication.events.contains(where: \.changesKeys) { logReading.keysChanged() }
    }

    var streams: Int { orders.count + feed.count }

    func endStreams() {
        feed.close()
        orders.closeAll()
    }

    /// Once nobody writes or reads any more.
    func stop() {
        endStreams()
        logs.stop()
        artifacts.stop()
        logReading.stop()
        longReading.stop()
    }
}
