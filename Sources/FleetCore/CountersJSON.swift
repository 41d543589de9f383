import FleetModel
package import JSONWriting
import Routing

extension FleetState.Counters: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("ended", ended)
        json.member("lastInstant", lastInstant)
        json.member("lastJob", lastJob)
        json.member("lastShipped", lastShipped)
        json.member("position", position)
        json.member("restored", restored)
        json.member("seq", seq)
        json.member("shares", shares)
        json.close()
    }
}
