import Testing
package func trial() { #expect(Bool(true)) }
