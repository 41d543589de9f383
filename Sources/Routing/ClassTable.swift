private import FleetModel

/// A factory shape's number in its `ClassTable`.
package struct ShapeID: Hashable, Sendable {
    package let index: Int
}

/// Every requirement class and factory shape seen so far, and which shape serves which class.
///
/// Requirements are matched when a class or a shape first appears and never again: a placement
/// reads bits. The table only grows, with the number of *different* classes and shapes.
package struct ClassTable: Sendable {
    private var classes: [RequirementClass] = []
    private var shapes: [FactoryShape] = []
    private var numberOfClass: [RequirementClass: ClassID] = [:]
    private var numberOfShape: [FactoryShape: ShapeID] = [:]
    /// By shape: the classes whose requirements it meets and whose engine it has.
    private var served: [ClassSet] = []
    /// By class: the shapes that serve it, in the order in which they appeared.
    private var servers: [[ShapeID]] = []
    /// Demands in the order in which they appeared, each with its classes.
    private var demands: [(demand: EngineDemand, classes: ClassSet)] = []
    private var numberOfDemand: [EngineDemand: Int] = [:]
    /// By class: the number of its demand.
    private var demandOfClass: [Int] = []

    /// How often a shape was held against a class: the cost of the table so far.
    package private(set) var matchings = 0

    package init() {}

    package mutating func intern(_ class: RequirementClass) -> ClassID {
        if let known = numberOfClass[`class`] { return known }
        let id = ClassID(index: classes.count)
        classes.append(`class`)
        numberOfClass[`class`] = id
        servers.append([])
        if let known = numberOfDemand[`class`.demand] {
            demands[known].classes.insert(id)
            demandOfClass.append(known)
        } else {
            demandOfClass.append(demands.count)
            numberOfDemand[`class`.demand] = demands.count
            var only = ClassSet()
            only.insert(id)
            demands.append((`class`.demand, only))
        }
        for index in shapes.indices { match(ShapeID(index: index), id) }
        return id
    }

    package mutating func intern(_ shape: FactoryShape) -> ShapeID {
        if let known = numberOfShape[shape] { return known }
        let id = ShapeID(index: shapes.count)
        shapes.append(shape)
        numberOfShape[shape] = id
        served.append(ClassSet())
        for index in classes.indices { match(id, ClassID(index: index)) }
        return id
    }

    /// How many different classes there are.
    package var count: Int { classes.count }

    /// Every class, in the order in which they appeared.
    package var all: [ClassID] { classes.indices.map(ClassID.init(index:)) }

    package subscript(id: ClassID) -> RequirementClass { classes[id.index] }
    package subscript(id: ShapeID) -> FactoryShape { shapes[id.index] }

    /// All classes that the shape can serve when all its stations are free.
    package func served(by shape: ShapeID) -> ClassSet { served[shape.index] }

    /// All shapes that can serve the class.
    package func servers(of class: ClassID) -> [ShapeID] { servers[`class`.index] }

    /// How many different demands there are; each has a number below that.
    var demandCount: Int { demands.count }

    func demand(at number: Int) -> EngineDemand { demands[number].demand }

    /// The classes with the demand of that number.
    func classes(demanding number: Int) -> ClassSet { demands[number].classes }

    func numberOfDemand(of class: ClassID) -> Int { demandOfClass[`class`.index] }

    /// Whether factories of the shape can serve the class when all their stations are free.
    func serves(_ shape: ShapeID, _ class: ClassID) -> Bool {
        served[shape.index].contains(`class`)
    }

    private mutating func match(_ shape: ShapeID, _ id: ClassID) {
        matchings += 1
        let wanted = classes[id.index]
        let offered = shapes[shape.index]
        guard wanted.demand == .none || offered.stations.contains(where: wanted.demand.fits),
            wanted.requirements.allSatisfy({ $0.check(against: offered.facts).isMet })
        else { return }
        served[shape.index].insert(id)
        servers[id.index].append(shape)
    }
}
