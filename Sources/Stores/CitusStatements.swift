/// What an administrator of Citus runs once to spread a store's tables over several servers.
///
/// The statements are those of docs.citusdata.com, "Create and Modify Distributed Objects". giga
/// runs none of them: to it a distributed table is a table.
package enum CitusStatements {
    /// With the events first: the other tables are put beside them, product by product.
    static let tables =
        ["fleet_events"] + PostgresSchema.tables.filter { $0 != "fleet_events" }

    package static var text: String {
        let lines = tables.map { table in
            let place = table == tables[0] ? "" : ", colocate_with => '\(tables[0])'"
            return "SELECT create_distributed_table('\(table)', 'product_id'\(place));"
        }
        return (["BEGIN;"] + lines + ["COMMIT;"]).joined(separator: "\n")
    }
}
