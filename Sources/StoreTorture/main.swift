StoreTorture.run(CommandLine.arguments)
