import GigaCommands

// Everything else lives in other files: closures written here would belong to the main actor and
// trap when a foreign thread calls them.
exitProcess(Wiring.run())
