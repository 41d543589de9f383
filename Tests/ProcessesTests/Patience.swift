extension Duration {
    /// How long a test waits for what must come: generous, since machines do other things too.
    static let patience = Duration.seconds(120)
}
