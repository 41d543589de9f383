import Foundation
import Synchronization
import Testing

/// Counts that two threads raise: one behind a Mutex, one with nothing between the threads.
///
/// Unchecked, for the missing lock is what is to be seen.
private final class Counts: @unchecked Sendable {
    private let guarded = Mutex([0])
    private var bare = [0]

    /// Long enough inside the lock that the other thread has to wait for it.
    func raiseGuarded() {
        guarded.withLock { counts in
            for _ in 1...100 { counts[0] += 1 }
        }
    }

    func raiseBare() {
        bare[0] += 1
    }
}

private func onTwoThreads(_ work: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    for _ in 1...2 {
        Thread {
            for _ in 1...1000 { work() }
            done.signal()
        }.start()
    }
    done.wait()
    done.wait()
}

@Suite struct PlantedTests {
    @Test func `nothing is wrong`() {
        let counts = Counts()
        onTwoThreads { counts.raiseGuarded() }
    }

    @Test func `a data race`() {
        let counts = Counts()
        onTwoThreads { counts.raiseBare() }
    }

    @Test func `a use after free`() {
        let memory = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        memory.initialize(repeating: 7, count: 4)
        memory.deallocate()
        #expect(memory[2] != 8)
    }
}
